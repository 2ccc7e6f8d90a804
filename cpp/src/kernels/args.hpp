#pragma once

// The interface between engine and kernels: plain structs, and one table of functions for each instruction
// set and element type. All matrices are row-major; strides and sizes are in elements.

#include "functions/list.hpp"
#include "functions/shift.hpp"
#include "functions/updates.hpp"
#include "kernels/panels.hpp"
#include "kernels/prefetch.hpp"

namespace localgrad {

/// Number of element types with a kernel for adjacent numbers: the first ones of Scalar.
constexpr int kSources = 3;
constexpr Index kSourceSizes[kSources] = {4, 8, 1};  ///< in bytes: float, double, uint8

/// Copying rows of adjacent numbers from the caller's memory, multiplied by `scale` or, with a `shift`,
/// standardized.
template <class T>
struct GatherArgs {
  const char* source;
  Index row_bytes;             ///< distance between rows
  const std::uint32_t* order;  ///< indices of the rows; null: the first rows
  Index rows, width;
  T* out;
  Index out_stride;
  T scale = 1;
  const Shift<T>* shift = nullptr;
  LOCALGRAD_INLINE const char* row(Index r) const {
    return source + (order ? static_cast<Index>(order[r]) : r) * row_bytes;
  }
};

/// (F) for `rows` rows: z = a_prev w + b, a = phi(z).
template <class T>
struct ForwardArgs {
  Index rows, fan_in, fan_out;
  const T* a_prev;
  Index a_prev_stride;
  PanelMatrix<const T> w;  ///< (fan_in + 1, fan_out), the last row are the biases; transposed for narrow.hpp
  Index panel_begin, panel_end;  ///< panels of w to compute; all panels for softmax
  T* z;                          ///< may be equal to a if z is not kept
  Index z_stride;
  T* a;
  Index a_stride;
  bool keep_z;
  Prefetch* prefetch;  ///< null: no prefetching
  T phi = 0;           ///< parameter of phi
};

/// (D2) for `rows` rows: delta_prev = (delta w^T) * phi'(z_prev, a_prev), element by element; phi is that of
/// the previous layer.
template <class T>
struct BackwardArgs {
  Index rows, fan_in, fan_out;
  const T* delta;
  Index delta_stride;
  PanelMatrix<const T> w_transposed;  ///< (fan_out, fan_in); columns after fan_in are not used
  Index panel_begin, panel_end;       ///< panels of w_transposed to compute
  const T* z_prev;                    ///< null unless phi' depends on it
  const T* a_prev;
  Index a_prev_stride;  ///< also of z_prev
  T* delta_prev;
  Index delta_prev_stride;
  Prefetch* prefetch;
  T phi = 0;                    ///< parameter of phi
  PanelMatrix<const T> w = {};  ///< read by backward_row instead: as in ForwardArgs, but dense
};

/// (D1) and (C) for `rows` rows: the cost of each example and its delta.
template <class T>
struct OutputArgs {
  Index rows, width;
  const T *z, *a, *y;
  T* delta;
  Index stride;  ///< of z, a, y and delta; equal to width for the output layers of narrow.hpp
  double* cost;  ///< one number per row
  T phi = 0;     ///< parameter of phi
  const T* parameters = nullptr;  ///< parameters of the cost, one per column, padded to virtual lanes
};

/// (G1) and (G2) over the whole mini-batch for rows k_begin..k_end-1 of some panels of w:
///
///     g[k, j] = scale sum_i left[i, k] right[i, j]
///
/// `left` is a_prev with a column of ones after its fan_in columns, which makes the biases the last row;
/// `right` is delta. They are exchanged for the transposed w of narrow.hpp.
template <class T>
struct GradientArgs {
  Index batch, panel_begin, panel_end, k_begin, k_end;
  const T* left;
  Index left_stride;
  const T* right;
  Index right_stride;
  T scale;           ///< 1/b
  PanelMatrix<T> w;  ///< overwritten by the gradient, or updated with it
  Prefetch* prefetch;
};

/// Penalties of some parameters: l1 sign(w) + l2 w is added to the gradient; w <- keep w precedes the step.
template <class T>
struct Penalty {
  T l1 = 0, l2 = 0, keep = 1;
};

/// An update fused with the gradient, and a transposed copy of the new weights.
template <class T>
struct UpdateArgs {
  GradientArgs<T> gradient;
  StepNumbers<T> numbers;
  T* state[kMaxStates];         ///< arrays with the layout of w
  PanelMatrix<T> w_transposed;  ///< null data: no transposed copy
  bool plain;                   ///< no penalties and no clipping: the members below are not read
  Penalty<T> weights, biases;
  Index bias_row, bias_column;  ///< row or column of the biases in w; the other one is -1
  T clip;                       ///< bound of each component of g; infinite if there is none
  T shrink, shrink_more;        ///< factors of g after clipping; their product may be too small for a T
};

/// Sums of squares from kLeast to kMost are accurate; others are recomputed from numbers multiplied by a
/// power of 2. In a sum above kLeast, squares that underflow are negligible.
template <class T>
struct SquareRange;
template <>
struct SquareRange<float> {
  static constexpr float kLeast = 0x1p-80f, kMost = 0x1.fffffep127f;
  static constexpr int kShift = 96;
  static constexpr float kUp = 0x1p96f, kDown = 0x1p-96f;
};
template <>
struct SquareRange<double> {
  static constexpr double kLeast = 0x1p-918, kMost = 0x1.fffffffffffffp1023;
  static constexpr int kShift = 600;
  static constexpr double kUp = 0x1p600, kDown = 0x1p-600;
};

/// A bound on the norm of the incoming weights of a unit.
template <class T>
struct BoundArgs {
  PanelMatrix<T> w, w_transposed;  ///< w_transposed with null data: no transposed copy
  Index bias_row, bias_column;     ///< as in UpdateArgs
  T most;
};

/// Some columns of some rows that are combined with random numbers.
template <class T>
struct RandomArgs {
  std::uint64_t seed;
  std::uint32_t epoch, purpose;
  std::uint64_t position;  ///< position of the first row in the epoch
  Index rows, width, column_begin, column_end;
  const T* from;
  Index from_stride;
  T* mask;  ///< null if it is not stored
  Index mask_stride;
  T* to;  ///< may be equal to from
  Index to_stride;
  std::uint32_t threshold;  ///< dropout: a random number below it, out of 65536, drops a unit
  T scale;                  ///< dropout: factor of units that are kept; noise: standard deviation
};

/// Unscaled gradients in memory with the layout of w: each part is the sum over some rows. Parts are added
/// in order.
template <class T>
struct SumsInParts {
  const T* data;
  Index parts, stride;  ///< stride: distance between parts
};

template <class T>
struct Kernels {
  int lanes, panel_vectors;
  int tile_rows[3];  ///< largest number of rows of a tile, for panels of 1, 2 and 3 vectors
  /// Copies and converts rows; returns false if a result is not finite.
  bool (*gather[kSources])(const GatherArgs<T>&);
  void (*forward[kActivations])(const ForwardArgs<T>&);
  void (*forward_row[kActivations])(const ForwardArgs<T>&);
  void (*forward_narrow[kUnitActivations])(const ForwardArgs<T>&);
  void (*backward[kUnitActivations])(const BackwardArgs<T>&);
  void (*backward_row[kUnitActivations])(const BackwardArgs<T>&);
  /// (D1) and (C) in one call, or null if two calls are needed: `cost` writes dc/da to delta, and
  /// `output_delta` multiplies it by phi' or, for softmax, by the transposed Jacobian. `cost` is null if no
  /// supported output needs it.
  void (*output[kCosts][kActivations])(const OutputArgs<T>&);
  void (*cost[kCosts])(const OutputArgs<T>&);
  void (*output_delta[kActivations])(const OutputArgs<T>&);
  void (*gradient)(const GradientArgs<T>&);
  void (*update[kSteps])(const UpdateArgs<T>&);
  void (*apply_update[kSteps])(const UpdateArgs<T>&, const SumsInParts<T>&);
  void (*gradient_squares)(const UpdateArgs<T>&, const SumsInParts<T>&, T* squares);
  void (*bound_norms)(const BoundArgs<T>&, Index panel);
  void (*dropout)(const RandomArgs<T>&);
  void (*noise)(const RandomArgs<T>&);
  void (*random_words)(std::uint64_t seed, std::uint32_t purpose, std::uint32_t which, std::uint64_t first,
                       std::uint64_t* words);  ///< see random.hpp
  /// Copies one panel of w from, or to, a matrix with the layout of the network.
  void (*pack)(const T* dense, const PanelMatrix<T>& w, Index panel);
  void (*unpack)(const PanelMatrix<T>& w, Index panel, T* dense);
  /// Writes rows k_begin..k_end-1 of one panel of w to its transpose, which is in panels too.
  void (*transpose)(const PanelMatrix<T>& w, Index panel, Index k_begin, Index k_end,
                    const PanelMatrix<T>& transposed);
  /// The factors of (D1), for inspection: phi' of n numbers, and dc/da of a row of n numbers; null if the
  /// cost does not support the output.
  void (*activation_derivative[kUnitActivations])(Index n, const T* z, const T* a, T phi, T* out);
  void (*cost_gradient[kCosts][kActivations])(Index n, const T* a, const T* y, const T* parameters, T* out);
  bool needs_z[kActivations];
  /// Measures the peak: runs `rounds` multiply-adds per chain in registers, writes `lanes` numbers and
  /// returns the number of operations.
  double (*peak)(Index rounds, T* out);
};

struct KernelTable {
  const char* name;
  bool fused_multiply_add;
  Kernels<float> float32;
#if LOCALGRAD_HAS_DOUBLE || LOCALGRAD_HAS_TRAINING
  Kernels<double> float64;
#endif
};

}  // namespace localgrad
