// Predicts with a saved network: reads one example per line of the standard input, and prints its outputs.

#include <exception>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "localgrad/localgrad.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: predict FILE < EXAMPLES\n";
    return 2;
  }
  try {
    const auto net = localgrad::Network<float>::load(argv[1]);
    const std::size_t inputs = net.sizes().front(), outputs = net.sizes().back();

    std::vector<float> x;
    for (float number; std::cin >> number;) x.push_back(number);
    if (x.size() % inputs != 0) throw std::invalid_argument("incomplete example");
    const std::size_t n = x.size() / inputs;

    std::vector<float> y(n * outputs);
    localgrad::predict(net, localgrad::Rows(x.data(), n, inputs), y.data());
    for (std::size_t i = 0; i < y.size(); ++i) std::cout << y[i] << ((i + 1) % outputs ? ' ' : '\n');
  } catch (const std::exception& error) {
    std::cerr << "predict: " << error.what() << '\n';
    return 1;
  }
}
