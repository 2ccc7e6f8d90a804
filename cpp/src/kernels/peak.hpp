#pragma once

#include "kernels/args.hpp"

namespace localgrad {
namespace {

/// Fused multiply-adds that wait only for their own chain and touch no memory: the processor's peak rate. As
/// many chains as the micro-kernel's largest tile has accumulators: they fit the registers and hide the
/// latency. Writes the chains' sum, kLanes numbers, so that they are not optimized away; returns the number
/// of floating-point operations.
template <class S>
double peak(Index rounds, typename S::T* out) {
  using T = typename S::T;
  constexpr int kChains = S::rows(S::kPanelVectors) * S::kPanelVectors;
  typename S::V c[kChains];
#pragma GCC unroll 32
  for (int i = 0; i < kChains; ++i) c[i] = S::broadcast(static_cast<T>(i));   // equal chains would become one
  const auto factor = S::broadcast(T(0.999)), term = S::broadcast(T(0.001));  // toward 1, without subnormals
  for (Index round = 0; round < rounds; ++round)
#pragma GCC unroll 32
    for (int i = 0; i < kChains; ++i) c[i] = S::fma(c[i], factor, term);
  auto sum = c[0];
#pragma GCC unroll 32
  for (int i = 1; i < kChains; ++i) sum = sum + c[i];
  S::store(out, sum);
  return 2.0 * kChains * S::kLanes * static_cast<double>(rounds);
}

}  // namespace
}  // namespace localgrad
