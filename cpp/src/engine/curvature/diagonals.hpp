#pragma once

#include <vector>

#include "engine/curvature/output_curvature.hpp"
#include "engine/curvature/row_sums.hpp"

namespace localgrad {

/// The diagonal of a curvature: since z_j is linear in w_jk, the second derivatives with respect to w_jk are
/// those with respect to z_j, times a_k^2. Members compute rows with their own workspace.
template <class T>
class Diagonal : public RowSums<T> {
 protected:
  using Base = RowSums<T>;
  using Base::kernels_;
  using Base::layers;
  using Base::network_;
  using Base::width;
  using typename Base::Factors;
  /// `numbers` is the size of the workspace of a member.
  Diagonal(const Network<T>& network, Curvature matrix, std::size_t numbers);

  /// The diagonals with respect to z, of some examples whose a, phi' and, for the Hessian, phi'' w^T delta
  /// are known, for diagonal(). `workspace` has room for `numbers` numbers.
  virtual void diagonals(Pass<T>& pass, Index at, Index first, Index rows, T* workspace) = 0;
  /// Where the diagonal of layer index i belongs: -1 is that with respect to the inputs.
  T* diagonal(Index i, Index row) const {
    return i < 0 ? scale_right_.data() + row * row_stride<T>(width(0))
                 : right_[static_cast<std::size_t>(i)].data() + row * row_stride<T>(width(i + 1));
  }
  Index lowest() const { return learns_scale() ? 0 : 1; }
  bool learns_scale() const { return network_.input_scales() != nullptr; }
  /// w^T of layer index i >= lowest(), and the distance between its rows.
  const T* up(Index i) const { return up_[static_cast<std::size_t>(i)].data(); }
  Index up_stride(Index i) const { return row_stride<T>(width(i)); }
  OutputRow<T> output_row(Pass<T>& pass, Index row, T* scratch) const {
    return {pass.z(layers() - 1, row), pass.a(layers(), row), pass.y(row), scratch};
  }

  const bool hessian_;
  const OutputCurvature<T> curvature_;

 private:
  void prepare(int threads) override;
  void load(const Member& member) override;
  void compute(Pass<T>& pass, int member, Index at, Index first, Index rows, const T* weights) override;
  Factors factors(Index i, Index rows) const override;
  void put_left(Pass<T>& pass, Index at, Index first, Index rows);
  void put_bends(Pass<T>& pass, Index at, Index first, Index rows);

  const std::size_t numbers_;
  std::vector<Buffer<T>> left_, right_, up_, workspaces_;
  Buffer<T> scale_right_;
};

/// By the recursion of the Hessian with respect to z, Botev et al. 2017:
///
///     H^l = D w^T H^(l+1) w D + diag(phi'' w^T delta^(l+1)),    D = diag(phi')
template <class T>
class HessianDiagonal : public Diagonal<T> {
 public:
  explicit HessianDiagonal(const Network<T>& network);

 private:
  void diagonals(Pass<T>& pass, Index at, Index first, Index rows, T* workspace) override;
};

/// From F with F^T F = B of the output layer, whose rows are backpropagated: S^l = D w^T S^(l+1).
template <class T>
class GaussNewtonDiagonal : public Diagonal<T> {
 public:
  explicit GaussNewtonDiagonal(const Network<T>& network);

 private:
  void diagonals(Pass<T>& pass, Index at, Index first, Index rows, T* workspace) override;
  /// Number of examples whose rows are backpropagated together.
  static Index together(const Network<T>& network);
};

#define LOCALGRAD_FOR(T)                    \
  extern template class Diagonal<T>;        \
  extern template class HessianDiagonal<T>; \
  extern template class GaussNewtonDiagonal<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
