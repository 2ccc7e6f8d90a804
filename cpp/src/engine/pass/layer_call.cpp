#include "engine/pass/layer_call.hpp"

#include <algorithm>

#include "engine/pass/pass.hpp"
#include "kernels/lanes.hpp"
#include "model/network_functions.hpp"

namespace localgrad {
namespace {

Index narrow_stride(Index fan_in) { return ceil_div(fan_in + 1, kVirtualLanes) * kVirtualLanes; }

}  // namespace

template <class T>
LayerCall<T>::LayerCall(const Network<T>& network, const Kernels<T>& kernels, std::size_t i, const T* w)
    : LayerCall(network, kernels, i, w, kRowVectors) {
  if (!narrow_) args_.w.row_stride = args_.fan_out;
}

template <class T>
LayerCall<T>::LayerCall(const Network<T>& network, const Kernels<T>& kernels, std::size_t i, const T* w,
                        Index most)
    : narrow_(i + 2 == network.sizes().size() && is_narrow(network)) {
  const Index in = static_cast<Index>(network.sizes()[i]), out = static_cast<Index>(network.sizes()[i + 1]);
  const auto phi = static_cast<std::size_t>(activation_of(network, i));
  args_.fan_in = in;
  args_.fan_out = out;
  args_.phi = activation_parameter(network, i);
  if (narrow_) {
    args_.w = {w, out, narrow_stride(in), 1, narrow_stride(in)};
    one_ = several_ = kernels.forward_narrow[phi];
  } else {
    args_.w = {w, in + 1, out, panel_count(out, kernels.lanes, most), 0};
    one_ = kernels.forward_row[phi];
    several_ = kernels.forward[phi];
  }
  args_.panel_end = args_.w.panels;
}

template <class T>
Index LayerCall<T>::packed_size(const Network<T>& network, std::size_t i, Index lanes) {
  const Index in = static_cast<Index>(network.sizes()[i]), out = static_cast<Index>(network.sizes()[i + 1]);
  const bool narrow = i + 2 == network.sizes().size() && is_narrow(network);
  return narrow ? out * narrow_stride(in) : panel_size(in + 1, out, lanes);
}

template <class T>
void LayerCall<T>::pack(const Kernels<T>& kernels, const T* dense) {
  T* to = const_cast<T*>(args_.w.data);  // memory of the caller, which the kernels only read
  if (!narrow_) {
    for (Index p = 0; p < args_.w.panels; ++p)
      kernels.pack(dense, {to, args_.w.rows, args_.w.cols, args_.w.panels, 0}, p);
    return;
  }
  // Row j has the weights of unit j, then its bias.
  T *const first = to, *const second = to + (args_.fan_out - 1) * args_.w.row_stride;
  const Index rows = args_.fan_in + 1;
  if (args_.fan_out == 1)
    std::copy_n(dense, rows, first);
  else
    for (Index k = 0; k < rows; ++k) {
      first[k] = dense[2 * k];
      second[k] = dense[2 * k + 1];
    }
  std::fill(first + rows, first + args_.w.cols, T(0));
  std::fill(second + rows, second + args_.w.cols, T(0));
}

template <class T>
bool LayerCall<T>::matches(const LayerCall& other) const {
  return one_ == other.one_ && args_.fan_in == other.args_.fan_in && args_.fan_out == other.args_.fan_out &&
         args_.phi == other.args_.phi;
}

template class LayerCall<float>;
template class LayerCall<double>;

}  // namespace localgrad
