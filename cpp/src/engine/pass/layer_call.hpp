#pragma once

#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// (F) of one layer for one or a few rows: everything that does not change from call to call.
template <class T>
class LayerCall {
 public:
  /// Prepares the call for layer index i with weights in the layout of the network at `w`.
  LayerCall(const Network<T>& network, const Kernels<T>& kernels, std::size_t i, const T* w);
  /// The same with weights that are packed at `w`: in panels of `most` vectors, or, for narrow.hpp, as
  /// pack_narrow() writes them.
  LayerCall(const Network<T>& network, const Kernels<T>& kernels, std::size_t i, const T* w, Index most);

  /// Copies weights in the layout of the network to the packed ones.
  void pack(const Kernels<T>& kernels, const T* dense);
  /// Number of packed numbers, with padding for vectors of `lanes` numbers.
  static Index packed_size(const Network<T>& network, std::size_t i, Index lanes);

  /// Whether the layer is computed by narrow.hpp: each row of its inputs is then followed by a 1 and by
  /// zeros, up to whole virtual lanes, and its outputs have no padding.
  bool narrow() const { return narrow_; }
  Index fan_in() const { return args_.fan_in; }
  Index fan_out() const { return args_.fan_out; }
  /// Whether two calls differ in their weights alone.
  bool matches(const LayerCall& other) const;

  /// Computes some rows. A single row of `a` is padded to whole vectors, whose other numbers do not change;
  /// its z is stored unless `z` is null.
  void operator()(Index rows, const T* a_prev, Index a_prev_stride, T* a, Index a_stride, T* z = nullptr) {
    args_.rows = rows;
    args_.a_prev = a_prev;
    args_.a_prev_stride = a_prev_stride;
    args_.a = a;
    args_.z = z ? z : a;
    args_.z_stride = args_.a_stride = a_stride;
    (rows == 1 ? one_ : several_)(args_);
  }

 private:
  ForwardArgs<T> args_{};
  void (*one_)(const ForwardArgs<T>&);
  void (*several_)(const ForwardArgs<T>&);
  bool narrow_;
};

#define LOCALGRAD_FOR(T) extern template class LayerCall<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
