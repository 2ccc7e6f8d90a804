// Learns while it runs: predicts the next sample of a signal whose shape changes, from the last 8 samples.

#include <cmath>
#include <cstdio>
#include <cstring>

#include "localgrad/localgrad.hpp"

namespace {

float signal(int t) {
  return t < 20000 ? std::sin(0.3f * static_cast<float>(t)) : std::sin(0.2f * static_cast<float>(t % 47));
}

}  // namespace

int main() {
  localgrad::Options options;
  options.activation = {"tanh"};
  localgrad::Network<float> net({8, 16, 1}, options);

  localgrad::TrainerOptions training;
  training.online = true;
  localgrad::Trainer<float> trainer(net, localgrad::Adam{0.003}, 1, training);
  float predicted = 0;
  trainer.record_outputs(&predicted);  // the output for each example, before the network learns it

  float last[8] = {};
  double error = 0;
  for (int t = 0; t < 40000; ++t) {
    const float next = signal(t);
    // Neither allocates memory nor calls the system.
    if (trainer.try_step(localgrad::MatrixView(last, 1, 8), localgrad::MatrixView(&next, 1, 1)) !=
        localgrad::Status::ok)
      return 1;
    error += std::fabs(predicted - next);
    std::memmove(last, last + 1, 7 * sizeof(float));
    last[7] = next;
    if (t % 5000 == 4999) {
      std::printf("samples %5d to %5d: mean error %.4f\n", t - 4999, t, error / 5000);
      if (t + 1 < 40000) error = 0;
    }
  }
  if (trainer.sync() != localgrad::Status::ok) return 1;  // the network has all that was learned
  net.save("online.safetensors");
  return error / 5000 < 0.05 ? 0 : 1;
}
