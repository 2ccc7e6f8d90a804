#pragma once

#include "kernels/args.hpp"

namespace localgrad {
namespace {

/// Measures the processor's peak rate: chains of fused multiply-adds without memory access. There are as
/// many chains as the micro-kernel's largest tile has accumulators, which fit into the registers and hide
/// the latency. Writes the sum of the chains, kLanes numbers, so that they are not optimized away. Returns
/// the number of floating-point operations.
template <class S>
double peak(Index rounds, typename S::T* out) {
  using T = typename S::T;
  constexpr int kChains = S::rows(S::kPanelVectors) * S::kPanelVectors;
  typename S::V c[kChains];
#pragma GCC unroll 32
  for (int i = 0; i < kChains; ++i) c[i] = S::broadcast(static_cast<T>(i));  // equal chains would be merged
  // Converges to 1, without subnormal numbers.
  const auto factor = S::broadcast(T(0.999)), term = S::broadcast(T(0.001));
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
