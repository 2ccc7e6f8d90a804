#pragma once

#include <cstdio>
#include <vector>

#include "localgrad/localgrad.hpp"

/// Trains a network with tanh, mse and Adam, and prints its outputs.
inline localgrad::Network<float> train() {
  constexpr std::size_t n = 200;
  std::vector<float> x(n), y(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = static_cast<float>(i) / n - 0.5f;
    y[i] = x[i] * x[i] * x[i];
  }
  localgrad::Options options;
  options.activation = {"tanh"};
  localgrad::Network<float> net({1, 16, 16, 1}, options);
  localgrad::Trainer<float> trainer(net, localgrad::Adam(), 16);
  const localgrad::Rows inputs(x.data(), n, 1), targets(y.data(), n, 1);
  for (int epoch = 0; epoch < 20; ++epoch) trainer.epoch(inputs, targets);
  localgrad::predict(net, inputs, y.data());
  for (const float output : y) std::printf("%a\n", static_cast<double>(output));
  return net;
}
