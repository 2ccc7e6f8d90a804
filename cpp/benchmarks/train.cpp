// One step of Adam in mini-batches of 1 and 32 examples, and a gradient without an update.

#include <memory>
#include <string>
#include <vector>

#include "harness.hpp"
#include "least_step.hpp"
#include "localgrad/localgrad.hpp"

#if defined(LOCALGRAD_BENCH_EIGEN)
#include "eigen_trainer.hpp"
#endif

namespace bench {
namespace {

using namespace localgrad;

constexpr int kInputs = 32, kHidden = 64, kOutputs = 8, kBatches = 64;

/// The mini-batches that the contenders of a group train on, one after the other.
struct Data {
  explicit Data(int size)
      : batch(static_cast<std::size_t>(size)), x(kBatches * batch * kInputs), y(kBatches * batch * kOutputs) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 2654435761u % 4096) / 2048 - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i * 40503u % 4096) / 2048 - 1;
  }
  const float* x_of(std::size_t s) const { return &x[s % kBatches * batch * kInputs]; }
  const float* y_of(std::size_t s) const { return &y[s % kBatches * batch * kOutputs]; }
  MatrixView<const float> rows(std::size_t s) const { return {x_of(s), batch, kInputs}; }
  MatrixView<const float> targets(std::size_t s) const { return {y_of(s), batch, kOutputs}; }
  std::size_t batch;
  std::vector<float> x, y;
};

Options tanh_layers() {
  Options options;
  options.activation = {"tanh"};
  return options;
}

struct Learner {
  explicit Learner(std::size_t batch, bool online)
      : net({kInputs, kHidden, kHidden, kOutputs}, tanh_layers()) {
    TrainerOptions options;
    options.n_threads = 1;
    options.online = online;
    trainer = std::make_unique<Trainer<float>>(net, Adam{}, batch, options);
  }
  Network<float> net;
  std::unique_ptr<Trainer<float>> trainer;
  std::size_t s = 0;
};

template <int batch>
Group group() {
  const auto data = std::make_shared<Data>(batch);
  Group result("train 32-64-64-8 tanh, Adam, mini-batches of " + std::to_string(batch));
#if defined(LOCALGRAD_BENCH_EIGEN)
  {
    const Network<float> net({kInputs, kHidden, kHidden, kOutputs}, tanh_layers());
    using Other = EigenTrainer<kInputs, kHidden, kOutputs, batch>;
    const std::shared_ptr<Other> other(new Other(net.parameters()));
    result.add("Eigen", [=, s = std::size_t{0}]() mutable {
      float cost = other->step(data->x_of(s), data->y_of(s));
      touch(&cost);
      ++s;
    });
  }
#endif
  if constexpr (batch == 1) {
    const auto adam = std::make_shared<AdamOperations>();
    result.add("bound: the order of the sums, and Adam", [=, y = std::vector<float>(kOutputs)]() mutable {
      least_step<kInputs, kHidden, kOutputs>(*adam, data->x.data(), y.data());
      touch(y.data());
      touch(adam.get());
    });
  }
  for (const bool online : {true, false}) {
    const auto learner = std::make_shared<Learner>(batch, online);
    result.add(online ? "try_step, online" : "try_step", [=] {
      double cost = 0;
      (void)learner->trainer->try_step(data->rows(learner->s), data->targets(learner->s), &cost);
      touch(&cost);
      ++learner->s;
    });
  }
  const auto learner = std::make_shared<Learner>(batch, false);
  const auto gradients = std::make_shared<Gradients<float>>(learner->net, batch);
  const auto out = std::make_shared<std::vector<float>>(learner->net.num_parameters());
  result.add("forward_backward", [=] {
    (void)gradients->forward_backward(data->rows(learner->s), data->targets(learner->s), out->data());
    ++learner->s;
  });
  return result;
}

}  // namespace

std::vector<Group> train_groups() {
  std::vector<Group> groups;
  groups.push_back(group<1>());
  groups.push_back(group<32>());
  return groups;
}

}  // namespace bench
