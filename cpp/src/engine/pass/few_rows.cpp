#include "engine/pass/few_rows.hpp"

#include <algorithm>
#include <utility>

#include "engine/pass/pass.hpp"
#include "kernels/lanes.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

template <class T>
bool FewRows<T>::fits(const Network<T>& network) {
  const auto& sizes = network.sizes();
  const auto most = static_cast<std::size_t>(kNumbers - 4 * kVirtualLanes);  // room for ones and padding
  return *std::max_element(sizes.begin(), sizes.end()) <= most &&
         (!is_narrow(network) || 2 * sizes[sizes.size() - 2] <= most);
}

template <class T>
const T* FewRows<T>::forward() {
  const auto& sizes = network_.sizes();
  const std::size_t last = sizes.size() - 2;
  T *from = buffers_[0], *to = buffers_[1];
  ForwardArgs<T> f{};
  f.rows = 1;
  f.keep_z = false;
  const T* w = network_.parameters();
  if (const T* s = network_.input_scales())
    for (std::size_t k = 0; k < sizes[0]; ++k) from[k] *= s[k];
  for (std::size_t i = 0; i <= last; ++i, std::swap(from, to)) {
    f.fan_in = static_cast<Index>(sizes[i]);
    f.fan_out = static_cast<Index>(sizes[i + 1]);
    f.a_prev = from;
    f.z = f.a = to;
    f.w = {w, f.fan_in + 1, f.fan_out, 1, f.fan_out};
    const auto phi = static_cast<std::size_t>(activation_of(network_, i));
    f.phi = activation_parameter(network_, i);
    if (i == last && is_narrow(network_)) {
      const Index padded = ceil_div(f.fan_in + 1, kVirtualLanes) * kVirtualLanes;
      from[f.fan_in] = 1;
      std::fill(from + f.fan_in + 1, from + padded, T(0));
      // One row per unit, in the part of the buffer that is not used by the outputs.
      T* rows = to + kVirtualLanes;
      for (Index j = 0; j < f.fan_out; ++j) {
        for (Index k = 0; k <= f.fan_in; ++k) rows[j * padded + k] = w[k * f.fan_out + j];
        std::fill(rows + j * padded + f.fan_in + 1, rows + (j + 1) * padded, T(0));
      }
      f.w = {rows, f.fan_out, padded, 1, padded};
      kernels_.forward_narrow[phi](f);
    } else {
      kernels_.forward_row[phi](f);
    }
    w += (sizes[i] + 1) * sizes[i + 1];
  }
  return from;
}

#define LOCALGRAD_FOR(T) template class FewRows<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
