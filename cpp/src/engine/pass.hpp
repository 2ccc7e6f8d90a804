#pragma once

#include <vector>

#include "kernels/args.hpp"
#include "localgrad/network.hpp"
#include "model/buffer.hpp"

namespace localgrad {

enum class Keep {
  outputs,    ///< inference: (F), (D1) of the output layer
  gradients,  ///< training: what (D2) and (G1) need
  everything  ///< and every z, for a trace
};

/// The buffers of one mini-batch and the walk through the layers. Row r of every buffer belongs to example r, and a
/// thread may take any rows through forward, output and backward without waiting for the others.
///
/// Rows are padded to whole vectors; behind the columns of a layer's activations stands a column of ones, which makes the
/// bias one more row of (G1).
template <class T>
class Pass {
 public:
  /// For up to `capacity` examples. Weights are read from the network's own buffer until load() is called.
  Pass(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, Keep keep);

  /// Copies the network's parameters into panels (with a transposed copy for (D2), if gradients are kept), from where they
  /// are read from now on; store() copies them back.
  void load();
  void store(Network<T>& network) const;

  void forward(Index begin, Index end);   ///< (F)
  void output(Index begin, Index end);    ///< (D1) and (C)
  void backward(Index begin, Index end);  ///< (D2)
  /// What the (G1) of layer index i reads; w is its caller's.
  GradientArgs<T> gradient_args(Index i, Index batch) const;

  Index layers() const { return static_cast<Index>(layer_.size()); }  ///< those that have weights: L-1
  Index width(Index l) const { return sizes_[static_cast<std::size_t>(l)]; }
  T* a(Index l, Index row) { return matrix_row(a_, l, row); }  ///< [0] is x
  T* z(Index i, Index row) { return matrix_row(z_, i, row); }
  T* delta(Index i, Index row) { return matrix_row(delta_, i, row); }
  T* y(Index row) { return y_.data() + row * y_stride_; }
  double* cost(Index row) { return cost_.data() + row; }
  const PanelMatrix<T>& panels(Index i) const { return layer_[static_cast<std::size_t>(i)].w; }
  const PanelMatrix<T>& transposed(Index i) const { return layer_[static_cast<std::size_t>(i)].transposed; }
  std::size_t panel_elements(Index i) const;

 private:
  struct Matrix {
    Buffer<T> buffer;
    Index stride = 0;
  };
  struct Layer {
    Activation activation;
    PanelMatrix<T> w{}, transposed{};
    Buffer<T> w_buffer, transposed_buffer;
  };
  static T* matrix_row(const std::vector<Matrix>& m, Index l, Index row) {
    const auto& matrix = m[static_cast<std::size_t>(l)];
    return matrix.buffer.data() + row * matrix.stride;
  }
  Matrix make_matrix(Index width, bool ones) const;

  const Network<T>& network_;
  const Kernels<T>& kernels_;
  std::size_t capacity_;
  Keep keep_;
  bool loaded_ = false;
  Cost cost_function_;
  std::vector<Index> sizes_;
  std::vector<Layer> layer_;
  std::vector<Matrix> a_, z_, delta_;  // z_[i] without a buffer: z is not kept
  Buffer<T> y_;
  Index y_stride_ = 0;
  std::vector<double> cost_;
};

extern template class Pass<float>;
extern template class Pass<double>;

}  // namespace localgrad
