// A plug-in that contains the library and exports one C function: see host.cpp.

#include <cstdint>
#include <vector>

#include "localgrad/localgrad.hpp"

/// Trains and predicts on `n_threads` threads. Returns a hash of the results, which does not depend on the
/// number of threads; 0 after an error.
extern "C" __attribute__((visibility("default"))) std::uint64_t plugin_train(int n_threads) {
  using namespace localgrad;
  try {
    constexpr std::size_t n = 600, inputs = 20, outputs = 3;
    Options options;
    options.seed = 1;
    Network<float> net({inputs, 64, 64, outputs}, options);
    std::vector<float> x(n * inputs), y(n * outputs), out(n * outputs);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 50.5f - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i * 53 % 97) / 97;
    Trainer<float>(net, Adam{}, 100, n_threads).epoch(Rows(x.data(), n, inputs), Rows(y.data(), n, outputs));
    predict(net, Rows(x.data(), n, inputs), out.data(), n_threads);
    std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    const auto* bytes = reinterpret_cast<const unsigned char*>(out.data());
    for (std::size_t i = 0; i < out.size() * sizeof(float); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
  } catch (...) {
    return 0;
  }
}
