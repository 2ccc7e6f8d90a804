#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/pass/gradient_units.hpp"
#include "engine/pass/pass.hpp"
#include "localgrad/rows.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

/// Multiplies one matrix by another, of `depth` rows and `cols` columns, whose rows are b_stride numbers
/// apart and followed by numbers that can be read. Only `cols` columns are written.
template <class T>
void multiply(const Kernels<T>& kernels, Index rows, Index depth, const T* a, Index a_stride, const T* b,
              Index cols, Index b_stride, T* out, Index out_stride);

/// Distance between rows of `width` numbers in memory that is read in whole vectors.
template <class T>
Index row_stride(Index width);

/// A sum over examples that has the layout of the parameters: for each part, the sum of left right^T. The
/// factors are computed from the activations of the examples, in blocks and chunks as in for_deltas.
template <class T>
class RowSums {
 public:
  virtual ~RowSums() = default;
  RowSums(const RowSums&) = delete;
  RowSums& operator=(const RowSums&) = delete;

  /// Returns the sum over all rows of x, divided by their number. Throws the exceptions of for_deltas.
  std::vector<T> mean(const Rows& x, const Targets& y, int n_threads, const std::function<bool()>& interrupt);

 protected:
  /// The factors for all rows of a part, and the number of their rows.
  struct Factors {
    const T* left;
    Index left_stride;
    const T* right;
    Index right_stride;
    Index count;
  };

  /// `work` is the number of multiplications per row, if there are far more than those of a gradient.
  explicit RowSums(const Network<T>& network, double work = 0);
  /// Called before a team of `threads` threads computes a chunk.
  virtual void prepare(int) {}
  /// Copies the member's part of what all examples need.
  virtual void load(const Member& member) = 0;
  /// Computes the factors of some examples, from row `first` of the chunk on, whose (F) is in rows `at`.. of
  /// a pass with Buffers::everything, which are overwritten. `weights` are their sample weights.
  virtual void compute(Pass<T>& pass, int member, Index at, Index first, Index rows, const T* weights) = 0;
  /// The factors of part i for the first `rows` rows.
  virtual Factors factors(Index i, Index rows) const = 0;

  /// (D1) of some rows, in the units of the targets.
  void output(Pass<T>& pass, Index at, Index rows) const;
  /// phi' of layer index i of some rows of a pass, which replaces a.
  void slopes(Pass<T>& pass, Index i, Index at, Index rows) const;
  /// Writes the member's part of the transpose of a matrix (in, out) to `to`.
  static void transpose(const Member& member, Index in, Index out, const T* from, T* to, Index stride);
  Buffer<T> make(Index rows, Index columns) const;

  Index layers() const { return shape_.layers(); }
  Index width(Index l) const { return shape_.width(l); }
  const T* weights(Index i) const { return network_.weights(static_cast<std::size_t>(i)); }
  Activation phi(Index i) const { return activation_of(network_, static_cast<std::size_t>(i)); }

  const Network<T>& network_;
  const Kernels<T>& kernels_;
  const Index chunk_;  ///< largest number of rows of a chunk
  const std::shared_ptr<const Standards<T>> standards_;

 private:
  void add_chunk(const Member& member, Index rows, T scale, T* out) const;
  Pass<T> shape_;  // of one row
  GradientUnits<T> units_;
};

#define LOCALGRAD_FOR(T) extern template class RowSums<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
