#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Compute the outputs a^L of each row of x, written to `out` (x.n, m_L) row-major.
///
/// The result of a row does not depend on the other rows. At most n_threads threads are used; if it is 0,
/// their number is chosen automatically. Up to three rows through layers of at most 992 units, and up to 32
/// rows through a small network, are computed without allocating memory; a Predictor never allocates.
/// Throws std::invalid_argument if x has the wrong width or contains a number that is not finite; the
/// contents of `out` are then unspecified.
template <class T>
LOCALGRAD_API void predict(const Network<T>& network, const Rows& x, T* out, int n_threads = 0);

/// Cost and accuracy of a set of examples, as returned by evaluate().
struct LOCALGRAD_API Evaluation {
  /// Mean cost, (C). With sample weights w: the sum of w c, divided by the number of examples.
  double cost = 0;
  /// Fraction of correctly classified examples; -1 if the network is not a classifier.
  double accuracy = -1;
};

/// Compute the cost and the accuracy of all rows of x.
///
/// An example is classified correctly if its largest output and its largest target belong to the same unit. A
/// single output unit is compared with the threshold 1/2 (0 for hinge). With binary_cross_entropy every unit
/// is compared with 1/2, and an example counts as the fraction of its units that are correct. With sample
/// weights w the accuracy is the sum of w times correct, divided by the sum of w.
///
/// If `outputs` is not null, the outputs a^L are written to it as by predict(), in the same pass. For
/// standardized targets, `units` are those of the cost; the outputs are always in those of the targets. At
/// most n_threads threads are used; if it is 0, their number is chosen automatically.
///
/// Throws std::invalid_argument for the same reasons as predict(), and if there are no rows, the lengths of x
/// and y differ, a target or label is out of range, or the sample weights are negative, not finite or all 0.
template <class T>
LOCALGRAD_API Evaluation evaluate(const Network<T>& network, const Rows& x, const Targets& y,
                                  int n_threads = 0, std::common_type_t<T>* outputs = nullptr,
                                  Units units = Units::original);

/// Compute the cost and the accuracy of the rows order[0..n-1] of x and y, or of all rows if `order` is
/// null.
///
/// Row r of `outputs` belongs to row order[r] of x. `interrupt` is called about every 0.1 s; if it returns
/// true, Interrupted is thrown. Otherwise it behaves like the other overload.
template <class T>
LOCALGRAD_API Evaluation evaluate(const Network<T>& network, const Rows& x, const Targets& y,
                                  const std::uint32_t* order, std::size_t n, int n_threads = 0,
                                  std::common_type_t<T>* outputs = nullptr,
                                  const std::function<bool()>& interrupt = nullptr,
                                  Units units = Units::original);

}  // namespace localgrad
