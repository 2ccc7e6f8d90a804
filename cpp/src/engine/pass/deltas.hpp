#pragma once

#include <functional>

#include "engine/pass/pass.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Called with rows at.. at + rows - 1 of a pass, which are rows first.. of x. It must not throw.
template <class T>
using VisitDeltas = std::function<void(Pass<T>& pass, Index at, std::size_t first, Index rows)>;

/// Computes (F), (D1) and (D2) of all rows of x, without dropout and noise, in blocks that are divided among
/// threads, and calls visit for each block. Deltas are those of each example's own cost, in the units of the
/// targets. The blocks do not depend on the number of threads. Calls interrupt, if any, about every 0.1 s.
/// Throws the exceptions of evaluate().
template <class T>
void for_deltas(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                const std::function<bool()>& interrupt, const VisitDeltas<T>& visit);

/// Throws Interrupted if interrupt, unless it is empty, returns true.
void check_interrupt(const std::function<bool()>& interrupt);

}  // namespace localgrad
