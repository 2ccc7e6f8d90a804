#include "model/initialize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "model/buffer.hpp"
#include "model/float_mode.hpp"
#include "model/network_functions.hpp"
#include "model/purpose.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

constexpr double kFarthest = 8.6;  // bound of the numbers drawn from N(0, 1): sqrt(2 log 2^53)

/// Two random words.
struct Words {
  std::uint64_t first, second;
};

/// Draws normal numbers by the method of Box and Muller 1958, two numbers from each words(0), words(1), ..
/// The first `weights` of all n numbers have the standard deviation `std`, the others 1.
template <class T, class Source>
void draw_normal(const Source& words, double std, T* out, std::size_t weights, std::size_t n) {
  const double unit = 0x1p-53, turn = 6.283185307179586476925;
  for (std::size_t m = 0; 2 * m < n; ++m) {
    const Words two = words(m);
    const double u1 = static_cast<double>((two.first >> 11) + 1) * unit,
                 u2 = static_cast<double>(two.second >> 11) * unit;
    const double radius = std::sqrt(-2.0 * std::log(u1)), angle = turn * u2;
    const auto put = [&](std::size_t k, double draw) {
      if (k < n) out[k] = static_cast<T>(k < weights ? std * draw : draw);
    };
    put(2 * m, radius * std::cos(angle));
    put(2 * m + 1, radius * std::sin(angle));
  }
}

/// Standard deviation of the weights of layer index i.
template <class T>
double deviation(const Network<T>& network, std::size_t i) {
  const double in = static_cast<double>(network.sizes()[i]),
               out = static_cast<double>(network.sizes()[i + 1]);
  const std::string& name = network.options().init;
  if (name == "normal") return 1;
  const Activation phi = activation_of(network, i);
  // He's 2 makes up for the relu of the layer before, and inputs have passed none. Smooth units need it all
  // the same: with small weights they are almost linear.
  const bool first_relu = i == 0 && (phi == Activation::relu || phi == Activation::leaky_relu);
  const Init init = name == "he"       ? Init::he
                    : name == "lecun"  ? Init::lecun
                    : name == "xavier" ? Init::xavier
                    : first_relu       ? Init::xavier
                                       : traits_of(phi).init;
  return std::sqrt(init == Init::he ? 2 / in : init == Init::lecun ? 1 / in : 2 / (in + out));
}

/// Writes the initial parameters of the network to `out`, which is filled with zeros. words(i, m) are the
/// m-th words of layer index i.
template <class T, class Source>
void draw_parameters(const Network<T>& network, T* out, const Source& words) {
  const auto& options = network.options();
  const auto place = [&](const T* parameter) { return out + (parameter - network.parameters()); };
  if (const T* scales = network.input_scales()) std::fill_n(place(scales), network.sizes()[0], T(1));
  if (options.init == "zeros") return;
  for (std::size_t i = 0; i + 1 < network.sizes().size(); ++i) {
    const std::size_t fan_out = network.sizes()[i + 1], weights = network.sizes()[i] * fan_out;
    const double std = deviation(network, i) * options.init_gain[i];
    if (std > std::numeric_limits<T>::max() / kFarthest)
      refuse("init_gain must give weights that are finite as ", sizeof(T) == 4 ? "float32" : "float64",
             ", got ", to_text(options.init_gain[i]));
    draw_normal([&](std::size_t m) { return words(i, m); }, std, place(network.weights(i)), weights,
                options.init == "normal" ? weights + fan_out : weights);
  }
}

}  // namespace

template <class T>
void initialize(Network<T>& network) {
  draw_parameters(network, network.parameters(), [&](std::size_t i, std::size_t m) -> Words {
    const auto words =
        random_words(network.options().seed, Purpose::initialize, static_cast<std::uint32_t>(i), m);
    return {words[0], words[1]};
  });
}

template <class T>
void initialize(Network<T>& network, const std::function<std::uint64_t()>& bits) {
  if (!bits) throw std::invalid_argument("bits must be a function, got an empty one");
  const Buffer<T> drawn(network.num_parameters(), "initial parameters");
  draw_parameters(network, drawn.data(), [&](std::size_t, std::size_t) -> Words {
    const CallersFloatMode mode;
    const std::uint64_t first = bits();
    return {first, bits()};
  });
  std::copy_n(drawn.data(), drawn.size(), network.parameters());
}

template void initialize(Network<float>&);
template void initialize(Network<double>&);
template void initialize(Network<float>&, const std::function<std::uint64_t()>&);
template void initialize(Network<double>&, const std::function<std::uint64_t()>&);

}  // namespace localgrad
