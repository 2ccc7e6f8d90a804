#pragma once

#include <functional>
#include <memory>

#include "engine/data/examples.hpp"
#include "engine/pass/pass.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

/// What the calls for derivatives of the outputs with respect to the inputs have in common. The inputs are
/// those that were passed, and the outputs are in the units of the targets. No cost is involved.
template <class T>
class OutputDerivatives {
 public:
  /// Called with rows at.. at + rows - 1 of a pass, which are rows first.. of x. It must not throw.
  using Visit = std::function<void(Pass<T>& pass, Index at, std::size_t first, Index rows)>;

  explicit OutputDerivatives(const Network<T>& network);

  /// Computes (F) of all rows of x in blocks that are divided among threads, and calls visit for each block,
  /// which takes as long as `passes` - 1 times (F). The blocks do not depend on the number of threads. Calls
  /// interrupt, if any, about every 0.1 s.
  void for_rows(const Rows& x, Buffers buffers, int passes, int n_threads,
                const std::function<bool()>& interrupt, const Visit& visit) const;
  /// Number of rows that take about 0.1 s.
  std::size_t rows_at_once(int passes) const;

  /// From derivatives with respect to a^L, in delta of the output layer, to those with respect to the inputs:
  /// the second factor of (D1), the units of the targets, and (D2). copy_inputs() writes those of row r.
  void pull_back(Pass<T>& pass, Index begin, Index end) const;
  void copy_inputs(const Pass<T>& pass, Index r, T* out) const;

  const Network<T>& network() const { return network_; }
  const Kernels<T>& kernels() const { return kernels_; }
  const Standards<T>* standards() const { return standards_.get(); }
  const Reading<T>& reading() const { return reading_; }

 private:
  const Network<T>& network_;
  const Kernels<T>& kernels_;
  const std::shared_ptr<const Standards<T>> standards_;
  const Reading<T> reading_;
};

#define LOCALGRAD_FOR(T) extern template class OutputDerivatives<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
