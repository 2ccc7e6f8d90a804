#pragma once

#include <vector>

#include "engine/curvature/output_curvature.hpp"
#include "engine/curvature/row_sums.hpp"

namespace localgrad {

/// The R-operator of Pearlmutter 1994 for the products of a curvature with v: R{q} is the derivative of q in
/// the direction in which the parameters change by v = (V, v_b).
///
///     R{z^l} = w^l R{a^(l-1)} + V^l a^(l-1) + v_b^l        R{a^l} = phi' R{z^l}
///     R{d^l} = phi' (w^T R{d^(l+1)} + V^T d^(l+1)) + phi'' R{z^l} w^T d^(l+1)          d: delta
///     R{dc/dw^l} = R{d^l} a^T + d^l R{a}^T,    R{dc/db^l} = R{d^l}
///
/// For the Gauss-Newton matrix, the terms with d are 0, and R{d^L} is the product of B and R{z^L}.
///
/// Each sum of two products is computed as one: rows of `left` are R{a}, 0, a, 1, those of `right` are d,
/// R{d}, and the matrices that they are multiplied by are w above V, and V^T above w^T. Seen as rows of half
/// the length, left and right are the factors of R{dc/dw}.
template <class T>
class ROperator : public RowSums<T> {
 public:
  /// Refers to v, num_parameters() numbers. Throws std::invalid_argument for a custom cost.
  ROperator(const Network<T>& network, Curvature matrix, const T* v);

 private:
  using Base = RowSums<T>;
  using Base::kernels_;
  using Base::layers;
  using Base::network_;
  using typename Base::Factors;
  struct Layer {
    Index in, out;
    Index left_stride, right_stride, down_stride, up_stride;  // left and right: of half rows
    bool paired;                                              // left has R{a}
    Buffer<T> left, right, down, up;
    T* left_row(Index r) const { return left.data() + r * left_stride * (paired ? 2 : 1); }
    T* right_row(Index r) const { return right.data() + 2 * r * right_stride; }
    T* rows_of_v() const { return down.data() + (paired ? (in + 1) * down_stride : 0); }
  };
  void load(const Member& member) override;
  void compute(Pass<T>& pass, int member, Index at, Index first, Index rows, const T* weights) override;
  Factors factors(Index i, Index rows) const override;
  Layer make_layer(Index i) const;
  const Layer& layer(Index i) const { return layers_[static_cast<std::size_t>(i)]; }
  void put_inputs(Pass<T>& pass, Index at, Index first, Index rows);
  void put_activations(Pass<T>& pass, Index i, Index at, Index first, Index rows);
  void forward_layer(Index i, Index first, Index rows);
  void put_output(Pass<T>& pass, Index at, Index first, Index rows, const T* weights);
  void backward_layer(Pass<T>& pass, Index i, Index at, Index first, Index rows);
  bool learns_scale() const { return network_.input_scales() != nullptr; }

  const bool hessian_;
  const T* v_;
  OutputCurvature<T> curvature_;
  std::vector<Layer> layers_;
  Buffer<T> scratch_;      // of curvature_, per row
  Buffer<T> scale_right_;  // R{dc/ds} of each example
};

#define LOCALGRAD_FOR(T) extern template class ROperator<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
