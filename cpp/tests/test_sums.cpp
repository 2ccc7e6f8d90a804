// Sums over many rows: their order, which only depends on the number of rows, and their accuracy.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/dispatch.hpp"
#include "kernels/pairwise.hpp"
#include "localgrad/info.hpp"
#include "model/buffer.hpp"

#if defined(__linux__) && !defined(LOCALGRAD_TEST_SANITIZED)
#include <pthread.h>
#define LOCALGRAD_TEST_STACK
#endif

namespace {

using namespace localgrad;

template <class T>
T multiply_add(T a, T b, T c) {
  return info().fused_multiply_add ? std::fma(a, b, c) : a * b + c;
}

/// (G1) of one weight by the definition of the order: blocks of 256 rows, one product after another, and
/// pairs of sums of equal size.
template <class T>
T sum_in_blocks(const std::vector<T>& left, const std::vector<T>& right, std::size_t first,
                std::size_t blocks) {
  if (blocks == 1) {
    T sum = 0;
    for (std::size_t r = first; r < std::min(first + 256, left.size()); ++r)
      sum = multiply_add(left[r], right[r], sum);
    return sum;
  }
  std::size_t half = 1;
  while (2 * half < blocks) half *= 2;
  return sum_in_blocks(left, right, first, half) +
         sum_in_blocks(left, right, first + 256 * half, blocks - half);
}

/// The gradient of one weight, by the kernels in use.
template <class T>
T gradient_of(const std::vector<T>& left, const std::vector<T>& right, T scale = 1) {
  const auto n = static_cast<Index>(left.size());
  const Buffer<T> a(left.size() * 16, "test"), delta(left.size() * 16, "test"), g(16, "test");
  for (Index r = 0; r < n; ++r) {
    a.data()[r * 16] = left[static_cast<std::size_t>(r)];
    delta.data()[r * 16] = right[static_cast<std::size_t>(r)];
  }
  kernels<T>().gradient(
      {n, 0, 1, 0, 1, a.data(), 16, delta.data(), 16, scale, {g.data(), 1, 1, 1, 1}, nullptr});
  return g.data()[0];
}

}  // namespace

TEST_CASE("every leaf is added once, in order, in pairs of the same size") {
  for (const Index count : {1, 2, 3, 5, 8, 11}) {
    std::string sums[kTreeLevels];
    const auto merge = [&](int i) { sums[i] = "(" + sums[i] + sums[i + 1] + ")"; };
    int waiting = 0;
    for (Index l = 0; l < count; ++l) {
      sums[waiting] = static_cast<char>('a' + l);
      waiting = add_leaf(l, waiting, merge);
    }
    merge_all(waiting, merge);
    CAPTURE(count);
    const char* expected = count == 1   ? "a"
                           : count == 2 ? "(ab)"
                           : count == 3 ? "((ab)c)"
                           : count == 5 ? "(((ab)(cd))e)"
                           : count == 8 ? "(((ab)(cd))((ef)(gh)))"
                                        : "((((ab)(cd))((ef)(gh)))((ij)k))";
    CHECK(sums[0] == expected);
  }
  CHECK(kTreeLevels > std::log2(4294967296.0 / 126));  // the largest number of rows, in the smallest pieces
}

TEST_CASE_TEMPLATE("a sum over rows has the documented order", T, float, double) {
  for (const std::size_t n : {1u, 100u, 256u, 257u, 512u, 513u, 1000u, 2304u, 5000u}) {
    std::vector<T> left(n), right(n);
    for (std::size_t r = 0; r < n; ++r) {
      left[r] = static_cast<T>(r * 37 % 101) / 101;
      right[r] = static_cast<T>(r * 29 % 97) / 97 - T(0.3);
    }
    CAPTURE(n);
    CHECK(gradient_of(left, right) == sum_in_blocks(left, right, 0, (n + 255) / 256));
  }
}

TEST_CASE("the mean of a million floats of the same sign is accurate to 1e-5") {
  const std::size_t n = 1000000;
  for (const float value : {0.1f, 0.3f, 1.7f, 0.7654321f, 1e-20f, 3e30f}) {
    const float mean = gradient_of<float>(std::vector<float>(n, 1), std::vector<float>(n, value), 1.0f / n);
    CHECK(std::fabs(double(mean) / double(value) - 1) < 1e-5);
  }
}

#ifdef LOCALGRAD_TEST_STACK
namespace {

/// (G1) of this many rows for a panel of the largest width and tiles of the largest height; all rows are
/// equal.
template <class T>
void* wide_gradient(void* rows) {
  alignas(64) T numbers[48] = {}, g[48 * 48] = {};
  kernels<T>().gradient({*static_cast<const Index*>(rows),
                         0,
                         1,
                         0,
                         24,
                         numbers,
                         0,
                         numbers,
                         0,
                         1,
                         {g, 24, kernels<T>().lanes * kernels<T>().panel_vectors, 1, 1},
                         nullptr});
  return nullptr;
}

/// Bytes of a thread's stack that the gradient of this many rows uses.
template <class T>
std::size_t stack_of(Index rows) {
  constexpr std::size_t size = 1 << 18;
  constexpr unsigned char paint = 0xA5;
  const Buffer<double> stack(size / sizeof(double), "test");
  auto* bytes = reinterpret_cast<unsigned char*>(stack.data());
  std::fill_n(bytes, size, paint);
  pthread_attr_t attributes;
  pthread_t thread;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstack(&attributes, bytes, size) == 0);
  REQUIRE(pthread_create(&thread, &attributes, &wide_gradient<T>, &rows) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
  return size - static_cast<std::size_t>(
                    std::find_if(bytes, bytes + size, [](auto b) { return b != paint; }) - bytes);
}

}  // namespace

TEST_CASE_TEMPLATE("sums over many rows need little stack", T, float, double) {
  const std::size_t few = stack_of<T>(256);
  CHECK(few > sizeof(T) * 48 * 48);
  CHECK(stack_of<T>(1000) < few + 8000);
  CHECK(stack_of<T>(1000000) < few + 32000);
}
#endif
