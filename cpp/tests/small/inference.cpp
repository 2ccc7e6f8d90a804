// Reads a network of one input and one output from the standard input, and prints some of its outputs.

#include <cstdio>
#include <vector>

#include "localgrad/localgrad.hpp"

int main() {
  std::vector<unsigned char> file;
  for (int byte = std::getchar(); byte != EOF; byte = std::getchar())
    file.push_back(static_cast<unsigned char>(byte));
  const auto net = localgrad::Network<float>::load(file.data(), file.size());
  std::vector<float> x(200), y(200);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) / 200 - 0.5f;
  localgrad::predict(net, localgrad::Rows(x.data(), x.size(), 1), y.data());
  for (const float output : y) std::printf("%a\n", static_cast<double>(output));
  return 0;
}
