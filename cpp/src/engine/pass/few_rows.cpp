#include "engine/pass/few_rows.hpp"

#include <algorithm>
#include <utility>

#include "engine/pass/layer_call.hpp"
#include "engine/pass/pass.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {

/// Each row has room for the ones and the padding of narrow.hpp.
template <class T>
Index FewRows<T>::stride_of(const Network<T>& network) {
  const auto& sizes = network.sizes();
  const auto widest = std::min<std::size_t>(*std::max_element(sizes.begin(), sizes.end()), kNumbers);
  return ceil_div(static_cast<Index>(widest) + 1, kVirtualLanes) * kVirtualLanes;
}

template <class T>
bool FewRows<T>::fits(const Network<T>& network, Index rows) {
  Index numbers = rows * stride_of(network);
  // Narrow outputs and the packed weights that lead to them share a buffer.
  if (is_narrow(network)) numbers += LayerCall<T>::packed_size(network, network.sizes().size() - 2, 1);
  return numbers <= kNumbers;
}

template <class T>
FewRows<T>::FewRows(const Network<T>& network, const Kernels<T>& kernels)
    : network_(network), kernels_(kernels), stride_(stride_of(network)) {}

template <class T>
void FewRows<T>::forward(Index rows) {
  const auto& sizes = network_.sizes();
  T *from = buffers_[0], *to = buffers_[1];
  const T* w = network_.parameters();
  if (const T* s = network_.input_scales())
    for (Index r = 0; r < rows; ++r)
      for (std::size_t k = 0; k < sizes[0]; ++k) x(r)[k] *= s[k];
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i, std::swap(from, to)) {
    LayerCall<T> layer(network_, kernels_, i, w);
    result_stride_ = stride_;
    if (layer.narrow()) {
      result_stride_ = layer.fan_out();
      T* packed = to + kNumbers - LayerCall<T>::packed_size(network_, i, 1);
      layer = LayerCall<T>(network_, kernels_, i, packed);
      layer.pack(kernels_, w);
      for (Index r = 0; r < rows; ++r) {
        T* padding = from + r * stride_ + layer.fan_in();
        std::fill(padding + 1, from + (r + 1) * stride_, T(0));
        *padding = 1;
      }
    }
    layer(rows, from, stride_, to, result_stride_);
    w += (sizes[i] + 1) * sizes[i + 1];
  }
  result_ = from;
}

template class FewRows<float>;
template class FewRows<double>;

}  // namespace localgrad
