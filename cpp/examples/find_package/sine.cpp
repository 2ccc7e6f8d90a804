// Trains a small network on y = sin(x), saves it, loads it again and predicts.

#include <cmath>
#include <cstdio>
#include <vector>

#include "localgrad/localgrad.hpp"

int main(int argc, char** argv) {
  constexpr std::size_t n = 256;
  std::vector<float> x(n), y(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = -3.0f + 6.0f * static_cast<float>(i) / (n - 1);
    y[i] = std::sin(x[i]);
  }

  localgrad::Options options;
  options.activation = {"tanh"};
  options.seed = 1;
  localgrad::Network<float> net({1, 16, 16, 1}, options);
  localgrad::Trainer<float> trainer(net, localgrad::SGD{0.05, 0.9}, 16);

  const localgrad::Rows inputs(x.data(), n, 1), targets(y.data(), n, 1);
  double cost = 0;
  for (int epoch = 0; epoch < 300; ++epoch) cost = trainer.epoch(inputs, targets);
  std::printf("cost after %d epochs: %.6f\n", static_cast<int>(net.epochs()), cost);

  const char* path = argc > 1 ? argv[1] : "sine.safetensors";
  net.save(path);
  const auto loaded = localgrad::Network<float>::load(path);

  double worst = 0;
  for (float at = -3.0f; at <= 3.0f; at += 0.5f) {
    float answer = 0;
    localgrad::predict(loaded, localgrad::Rows(&at, 1, 1), &answer);
    std::printf("sin(%4.1f) = %7.4f, predicted %7.4f\n", at, std::sin(at), answer);
    worst = std::fmax(worst, std::fabs(answer - std::sin(at)));
  }
  return worst < 0.05 ? 0 : 1;
}
