#include "model/initialise.hpp"

#include <algorithm>
#include <cmath>

#include "model/names.hpp"
#include "model/philox.hpp"

namespace localgrad {
namespace {

/// Standard normal numbers 0..n-1 of stream `layer` times std, by Box and Muller 1958: two from each block.
template <class T>
void draw_normal(std::uint64_t seed, std::uint32_t layer, double std, T* out, std::size_t n) {
  const double unit = 0x1p-53, turn = 6.283185307179586476925;
  for (std::size_t m = 0; 2 * m < n; ++m) {
    const auto words = random_words(seed, Purpose::initialise, layer, m);
    const double u1 = static_cast<double>((words[0] >> 11) + 1) * unit,
                 u2 = static_cast<double>(words[1] >> 11) * unit;
    const double radius = std::sqrt(-2.0 * std::log(u1)), angle = turn * u2;
    out[2 * m] = static_cast<T>(std * (radius * std::cos(angle)));
    if (2 * m + 1 < n) out[2 * m + 1] = static_cast<T>(std * (radius * std::sin(angle)));
  }
}

}  // namespace

template <class T>
void initialise(Network<T>& network) {
  const auto& options = network.options();
  for (std::size_t i = 0; i + 1 < network.sizes().size(); ++i) {
    const std::size_t fan_in = network.sizes()[i], fan_out = network.sizes()[i + 1];
    const bool last = i + 2 == network.sizes().size();
    const bool relu = in_relu_family(last ? output_activation(options.output)
                                          : unit_activation(options.activation[i], "activation"));
    const std::string kind = options.init != "auto" ? options.init : relu ? "he" : "xavier";
    if (kind == "zeros") continue;
    const double in = static_cast<double>(fan_in), both = in + static_cast<double>(fan_out);
    const double std = kind == "normal" ? 1.0 : std::sqrt(2.0 / (kind == "he" ? in : both));
    const std::size_t count = fan_in * fan_out + (kind == "normal" ? fan_out : 0);
    draw_normal(options.seed, static_cast<std::uint32_t>(i), std, network.weights(i), count);
  }
}

template void initialise(Network<float>&);
template void initialise(Network<double>&);

}  // namespace localgrad
