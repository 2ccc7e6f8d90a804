#pragma once

// The interface between engine and kernels: plain structs, and one table of functions for each instruction
// set and element type. All matrices are row-major; strides and sizes count elements.

#include "functions/list.hpp"
#include "functions/updates.hpp"
#include "kernels/panels.hpp"
#include "kernels/prefetch.hpp"

namespace localgrad {

constexpr int kSources = 3;  ///< element types with a kernel for numbers side by side, the first of Scalar
constexpr Index kSourceSizes[kSources] = {4, 8, 1};  ///< bytes: float, double, uint8

/// Rows of adjacent numbers, to be copied from the caller's memory, each times `scale`.
template <class T>
struct GatherArgs {
  const char* source;
  Index row_bytes;             ///< from row to row
  const std::uint32_t* order;  ///< which rows; null: the first
  Index rows, width;
  T* out;
  Index out_stride;
  T scale = 1;
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
  PanelMatrix<const T> w;  ///< (fan_in + 1, fan_out), the last row the biases; of narrow.hpp its transpose
  Index panel_begin, panel_end;  ///< of w: the columns to compute; all of them for softmax
  T* z;                          ///< may be a, if z is not kept
  Index z_stride;
  T* a;
  Index a_stride;
  bool keep_z;
  Prefetch* prefetch;  ///< null: none wanted
  T phi = 0;           ///< phi's parameter
};

/// (D2) for `rows` rows: delta_prev = (delta w^T) * phi'(z_prev, a_prev), lane by lane; phi is the previous
/// layer's.
template <class T>
struct BackwardArgs {
  Index rows, fan_in, fan_out;
  const T* delta;
  Index delta_stride;
  PanelMatrix<const T> w_transposed;  ///< (fan_out, fan_in), columns after fan_in not used
  Index panel_begin, panel_end;       ///< of w_transposed: the columns to compute
  const T* z_prev;                    ///< null unless phi' needs it
  const T* a_prev;
  Index a_prev_stride;  ///< of z_prev too
  T* delta_prev;
  Index delta_prev_stride;
  Prefetch* prefetch;
  T phi = 0;  ///< phi's parameter
};

/// (D1) and (C) for `rows` rows: delta of each example's own cost, and that cost.
template <class T>
struct OutputArgs {
  Index rows, width;
  const T *z, *a, *y;
  T* delta;
  Index stride;                   ///< of all four; width for the output layers of narrow.hpp
  double* cost;                   ///< one number a row
  T phi = 0;                      ///< phi's parameter
  const T* parameters = nullptr;  ///< of the cost, one for each column, padded to virtual lanes
};

/// (G1) and (G2) over the whole mini-batch for rows k_begin..k_end-1 of some panels of w:
///
///     g[k, j] = scale sum_i left[i, k] right[i, j]
///
/// left is a_prev with a column of ones after its fan_in columns, which makes the biases the last row; right
/// is delta. For the transposed w of narrow.hpp they change places.
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

/// Penalties on some parameters: l1 sign(w) + l2 w, a part of the gradient; and w <- keep w before the step.
template <class T>
struct Penalty {
  T l1 = 0, l2 = 0, keep = 1;
};

/// An update fused with the gradient, and the transposed copy of what it wrote.
template <class T>
struct UpdateArgs {
  GradientArgs<T> gradient;
  StepNumbers<T> numbers;
  T* state[kMaxStates];         ///< arrays laid out as w
  PanelMatrix<T> w_transposed;  ///< data null: none wanted
  bool plain;                   ///< no penalties and no clipping: what follows is not read
  Penalty<T> weights, biases;
  Index bias_row, bias_column;  ///< of w, where the biases are: one of them, the other is -1
  T clip;                       ///< of each component of g; infinite for none
  T shrink, shrink_more;        ///< factors of g after that; their product may be too small for a T
};

/// Sums of squares from kLeast to kMost are right; others are computed again from numbers times a power of 2.
/// From kLeast on, squares that vanish are negligible.
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

/// A bound on the norm of the weights into a unit.
template <class T>
struct BoundArgs {
  PanelMatrix<T> w, w_transposed;  ///< the latter with data null: none wanted
  Index bias_row, bias_column;     ///< as in UpdateArgs
  T most;
};

/// Some columns of some rows, with random numbers of their own.
template <class T>
struct RandomArgs {
  std::uint64_t seed;
  std::uint32_t epoch, purpose;
  std::uint64_t position;  ///< of the first row in the epoch
  Index rows, width, column_begin, column_end;
  const T* from;
  Index from_stride;
  T* mask;  ///< null: not kept
  Index mask_stride;
  T* to;  ///< may be from
  Index to_stride;
  std::uint32_t threshold;  ///< dropout: numbers below it, of 65536, drop a unit
  T scale;                  ///< dropout: of those that stay; noise: standard deviation
};

/// Unscaled gradients in memory, each laid out as w: each is the sum of some rows, to be added in order.
template <class T>
struct SumsInParts {
  const T* data;
  Index parts, stride;  ///< stride: from part to part
};

template <class T>
struct Kernels {
  int lanes, panel_vectors;
  int tile_rows[3];  ///< at most, for panels of 1, 2 and 3 vectors
  /// Copies rows, converting them; false if a number is not finite as a T.
  bool (*gather[kSources])(const GatherArgs<T>&);
  void (*forward[kActivations])(const ForwardArgs<T>&);
  void (*forward_row[kActivations])(const ForwardArgs<T>&);
  void (*forward_narrow[kUnitActivations])(const ForwardArgs<T>&);
  void (*backward[kUnitActivations])(const BackwardArgs<T>&);
  /// (D1) and (C) at once, or null where `cost` leaves dc/da in delta and `output_delta` turns it into
  /// delta, by phi' or, for softmax, by the transposed Jacobian. `cost` is null if all that fits is done at
  /// once.
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
  /// One panel of w from, and to, a matrix as in the network.
  void (*pack)(const T* dense, const PanelMatrix<T>& w, Index panel);
  void (*unpack)(const PanelMatrix<T>& w, Index panel, T* dense);
  /// w as panels to its transpose as panels, rows k_begin..k_end-1 of one panel of w.
  void (*transpose)(const PanelMatrix<T>& w, Index panel, Index k_begin, Index k_end,
                    const PanelMatrix<T>& transposed);
  /// The factors of (D1), for inspection: phi' of n numbers, and dc/da of a row of n; null where the cost
  /// does not fit.
  void (*activation_derivative[kUnitActivations])(Index n, const T* z, const T* a, T phi, T* out);
  void (*cost_gradient[kCosts][kActivations])(Index n, const T* a, const T* y, const T* parameters, T* out);
  bool needs_z[kActivations];
  /// Multiply-adds in registers, `rounds` of each chain; writes `lanes` numbers, returns the operations. To
  /// measure the peak.
  double (*peak)(Index rounds, T* out);
};

struct KernelTable {
  const char* name;
  bool fused_multiply_add;
  Kernels<float> float32;
  Kernels<double> float64;
};

}  // namespace localgrad
