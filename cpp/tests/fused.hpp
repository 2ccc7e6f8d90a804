#pragma once

#include <cmath>

#include "simd/portable.hpp"

namespace localgrad {
namespace {

/// A vector type with fused multiply-add on any machine.
template <class T>
struct Fused : Portable<T> {
  using typename Portable<T>::V;
  static LOCALGRAD_INLINE V fma(V a, V b, V c) {
    for (int lane = 0; lane < Fused::kLanes; ++lane) c[lane] = std::fma(a[lane], b[lane], c[lane]);
    return c;
  }
};

}  // namespace
}  // namespace localgrad
