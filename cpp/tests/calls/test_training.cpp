#include <doctest/doctest.h>

#include <vector>

#include "count.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

template <class T>
struct Data {
  std::vector<T> x, y;
  explicit Data(std::size_t n) : x(n * 32), y(n * 8) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 2654435761u % 4096) / 2048 - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(i * 40503u % 4096) / 2048 - 1;
  }
  MatrixView<const T> rows(std::size_t n) const { return {x.data(), n, 32}; }
  MatrixView<const T> targets(std::size_t n) const { return {y.data(), n, 8}; }
};

template <class T>
Network<T> network() {
  Options options;
  options.activation = {"tanh"};
  return Network<T>({32, 64, 64, 8}, options);
}

}  // namespace

TEST_CASE_TEMPLATE("a step neither allocates nor locks", T, float, double) {
  const Data<T> data(32);
  for (const std::size_t batch : {1, 32})
    for (const bool online : {false, true}) {
      CAPTURE(batch);
      CAPTURE(online);
      Network<T> net = network<T>();
      TrainerOptions options;
      options.n_threads = 1;
      options.online = online;
      Trainer<T> trainer(net, Adam{}, batch, options);
      bool good = true;
      const auto step = [&] {
        double cost = 0;
        good &= trainer.try_step(data.rows(batch), data.targets(batch), &cost) == Status::ok;
      };
      CHECK(calls::count(calls::repetitions(batch == 1 ? 3000 : 1000), step) == "");
      CHECK(good);
      CHECK(calls::count(1, [&] { trainer.sync(); }) == "");
      CHECK(calls::count(1, [&] { step(), trainer.undo(); }) == "");
      CHECK(calls::count(3, [&] { trainer.step(data.rows(batch), data.targets(batch)); }) == "");
    }
}

TEST_CASE("a step with schedules neither allocates nor locks") {
  const Data<float> data(4);
  for (const bool online : {false, true}) {
    Network<float> net = network<float>();
    TrainerOptions options;
    options.n_threads = 1;
    options.online = online;
    options.regularization.weight_decay = {0.01};
    Trainer<float> trainer(net, Adam{}, 4, options);
    Schedules schedules;
    schedules.learning_rate = [](std::size_t step) { return 1 / (1 + 0.1 * static_cast<double>(step)); };
    schedules.weight_decay = [](std::size_t) { return 0.5; };
    trainer.set_schedules(schedules);
    bool good = true;
    CHECK(calls::count(100, [&] { good &= trainer.try_step(data.rows(4), data.targets(4)) == Status::ok; }) ==
          "");
    CHECK(good);
  }
}

TEST_CASE("a step that fails for its data neither allocates nor locks") {
  Data<float> data(4);
  Network<float> net = network<float>();
  TrainerOptions options;
  options.online = true;
  Trainer<float> trainer(net, Adam{}, 4, options);
  data.x[3] = 1e38f * 10;
  CHECK(calls::count(3, [&] { trainer.try_step(data.rows(4), data.targets(4)); }) == "");
  data.x[3] = 0;
  data.y[0] = 3e38f;
  CHECK(calls::count(3, [&] { trainer.try_step(data.rows(4), data.targets(4)); }) == "");
  CHECK(trainer.try_step(data.rows(4), data.targets(4)) == Status::not_finite);
}

TEST_CASE_TEMPLATE("forward_backward neither allocates nor locks", T, float, double) {
  const Data<T> data(32);
  const Network<T> net = network<T>();
  Gradients<T> gradients(net, 32);
  std::vector<T> gradient(net.num_parameters());
  for (const std::size_t batch : {1, 32}) {
    bool good = true;
    CHECK(calls::count(calls::repetitions(1000), [&] {
            double cost = 0;
            good &= gradients.forward_backward(data.rows(batch), data.targets(batch), gradient.data(),
                                               &cost) == Status::ok;
          }) == "");
    CHECK(good);
  }
}

TEST_CASE("a Trainer in a workspace allocates only small objects") {
  Network<float> net = network<float>();
  TrainerOptions options;
  options.online = true;
  std::vector<char> memory(Trainer<float>::bytes(net, Adam{}, 32, options));
  options.workspace = {memory.data(), memory.size()};
  const auto before = calls::counts();
  { const Trainer<float> trainer(net, Adam{}, 32, options); }
  CHECK(calls::counts().allocations - before.allocations < 200);
}
