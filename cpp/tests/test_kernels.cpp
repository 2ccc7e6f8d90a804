// Tests the kernels in use against plain loops on small integers, whose sums are exact, so that any
// difference is an indexing error. Sizes are not multiples of vectors or tiles, and every output is
// surrounded by guard numbers.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/dispatch.hpp"
#include "model/buffer.hpp"

namespace {

using namespace localgrad;

constexpr Index kSizes[] = {1, 2, 3, 7, 17, 33, 70};

/// A padded matrix of small integers, followed by a guard row.
template <class T>
struct Matrix {
  Matrix(Index rows, Index columns, int seed)
      : rows_(rows),
        columns_(columns),
        stride(ceil_div(columns + 1, 16) * 16),
        buffer(static_cast<std::size_t>((rows + 1) * stride), "test") {
    for (Index i = 0; i < (rows + 1) * stride; ++i) buffer.data()[i] = kGuard;
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < columns; ++c) at(r, c) = static_cast<T>((r * 7 + c * 3 + seed) % 9 - 4);
  }
  T& at(Index r, Index c) const { return buffer.data()[r * stride + c]; }
  T* data() const { return buffer.data(); }
  /// Whether nothing outside of rows x columns was written. `columns` is the beginning of the padding.
  bool guarded(Index from_column) const {
    for (Index r = 0; r <= rows_; ++r)
      for (Index c = r < rows_ ? from_column : 0; c < stride; ++c)
        if (at(r, c) != kGuard) return false;
    return true;
  }
  static constexpr T kGuard = 99;
  Index rows_, columns_, stride;
  Buffer<T> buffer;
};

/// Panels for two owners, as for a team: their number may not be the smallest.
template <class T>
Index panels_of(const Kernels<T>& k, Index columns) {
  return panel_count(columns, k.lanes, k.panel_vectors, 2);
}

template <class T>
Buffer<T> in_panels(const Kernels<T>& k, const Matrix<T>& m) {
  Buffer<T> buffer(static_cast<std::size_t>(panel_size(m.rows_, m.columns_, k.lanes)), "test");
  const PanelMatrix<T> panels{buffer.data(), m.rows_, m.columns_, panels_of(k, m.columns_), 0};
  for (Index p = 0; p < panels.panels; ++p) {
    const auto panel = panel_of(panels, p, k.lanes);
    for (Index r = 0; r < m.rows_; ++r)
      for (Index c = 0; c < panel.width; ++c) panel.data[r * panel.stride + c] = m.at(r, panel.column + c);
  }
  return buffer;
}

template <class T>
void check_forward(Index rows, Index fan_in, Index fan_out, bool dense) {
  const auto& k = kernels<T>();
  const Matrix<T> a_prev(rows, fan_in, 1), w(fan_in + 1, fan_out, 2), z(rows, fan_out, 0),
      a(rows, fan_out, 0);
  Buffer<T> packed = in_panels(k, w), plain(static_cast<std::size_t>((fan_in + 1) * fan_out), "test");
  for (Index r = 0; r <= fan_in; ++r)
    for (Index c = 0; c < fan_out; ++c) plain.data()[r * fan_out + c] = w.at(r, c);
  ForwardArgs<T> f{
      rows,
      fan_in,
      fan_out,
      a_prev.data(),
      a_prev.stride,
      {dense ? plain.data() : packed.data(), fan_in + 1, fan_out, panels_of(k, fan_out), dense ? fan_out : 0},
      0,
      panels_of(k, fan_out),
      z.data(),
      z.stride,
      a.data(),
      a.stride,
      true,
      nullptr,
      T(0)};
  k.forward[static_cast<int>(Activation::relu)](f);
  for (Index r = 0; r < rows; ++r)
    for (Index j = 0; j < fan_out; ++j) {
      T sum = 0;
      for (Index i = 0; i < fan_in; ++i) sum += a_prev.at(r, i) * w.at(i, j);
      sum += w.at(fan_in, j);
      REQUIRE(z.at(r, j) == sum);
      REQUIRE(a.at(r, j) == (sum > 0 ? sum : 0));
    }
  CHECK(z.guarded(fan_out));
  CHECK(a.guarded(fan_out));
}

template <class T>
void check_gradient(Index batch, Index fan_in, Index fan_out) {
  const auto& k = kernels<T>();
  const Matrix<T> a_prev(batch, fan_in, 1), delta(batch, fan_out, 2), w(fan_in + 1, fan_out, 3);
  for (Index r = 0; r < batch; ++r) a_prev.at(r, fan_in) = 1;
  std::vector<T> dense(static_cast<std::size_t>((fan_in + 1) * fan_out) + 1, Matrix<T>::kGuard);
  Buffer<T> packed = in_panels(k, w);
  Buffer<T> transposed(static_cast<std::size_t>(panel_size(fan_out, fan_in, k.lanes)), "test");
  GradientArgs<T> g{batch,        0,      0,  0,      0, a_prev.data(), a_prev.stride, delta.data(),
                    delta.stride, T(0.5), {}, nullptr};
  Buffer<T> staged = in_panels(k, w), sums(2 * staged.size(), "test");
  UpdateArgs<T> u{};
  u.plain = true;
  u.numbers.values[0] = -2;  // SGD: the negative learning rate
  u.w_transposed = {transposed.data(), fan_out, fan_in, panels_of(k, fan_in), 0};
  for (Index p = 0; p < panels_of(k, fan_out); ++p)
    for (Index begin = 0; begin < fan_in + 1; begin += 48) {
      g.panel_begin = p;
      g.panel_end = p + 1;
      g.k_begin = begin;
      g.k_end = std::min(begin + 48, fan_in + 1);
      g.w = {dense.data(), fan_in + 1, fan_out, panels_of(k, fan_out), fan_out};
      k.gradient(g);
      u.gradient = g;
      u.gradient.w = {packed.data(), fan_in + 1, fan_out, panels_of(k, fan_out), 0};
      k.update[0](u);
      // The same in two stages, with the sum in two parts.
      auto part = u.gradient;
      part.scale = 1;
      part.batch = batch / 2;
      part.w.data = sums.data();
      k.gradient(part);
      part.left += part.batch * a_prev.stride;
      part.right += part.batch * delta.stride;
      part.batch = batch - batch / 2;
      part.w.data = sums.data() + staged.size();
      k.gradient(part);
      auto v = u;
      v.gradient.w.data = staged.data();
      v.w_transposed.data = nullptr;
      k.apply_update[0](v, {sums.data(), 2, static_cast<Index>(staged.size())});
    }
  const PanelMatrix<T> after{packed.data(), fan_in + 1, fan_out, panels_of(k, fan_out), 0};
  const PanelMatrix<T> in_stages{staged.data(), fan_in + 1, fan_out, panels_of(k, fan_out), 0};
  const PanelMatrix<T> across{transposed.data(), fan_out, fan_in, panels_of(k, fan_in), 0};
  const auto element = [&](const PanelMatrix<T>& m, Index r, Index c) {
    const auto panel = panel_of(m, panel_with(m, c / k.lanes, k.lanes), k.lanes);
    return panel.data[r * panel.stride + c - panel.column];
  };
  for (Index i = 0; i <= fan_in; ++i)
    for (Index j = 0; j < fan_out; ++j) {
      T sum = 0;
      for (Index r = 0; r < batch; ++r) sum += (i < fan_in ? a_prev.at(r, i) : 1) * delta.at(r, j);
      REQUIRE(dense[static_cast<std::size_t>(i * fan_out + j)] == sum / 2);
      REQUIRE(element(after, i, j) == w.at(i, j) - sum);  // learning rate 2, gradient sum / 2
      REQUIRE(element(in_stages, i, j) == element(after, i, j));
      if (i < fan_in) REQUIRE(element(across, j, i) == element(after, i, j));
    }
  CHECK(dense.back() == Matrix<T>::kGuard);
}

template <class T>
void check_backward(Index rows, Index fan_in, Index fan_out) {
  const auto& k = kernels<T>();
  const Matrix<T> delta(rows, fan_out, 1), w_transposed(fan_out, fan_in, 2), a_prev(rows, fan_in, 3),
      out(rows, fan_in, 0);
  for (Index r = 0; r < rows; ++r) a_prev.at(r, fan_in) = 1;
  Buffer<T> packed = in_panels(k, w_transposed);
  k.backward[static_cast<int>(Activation::relu)]({rows,
                                                  fan_in,
                                                  fan_out,
                                                  delta.data(),
                                                  delta.stride,
                                                  {packed.data(), fan_out, fan_in, panels_of(k, fan_in), 0},
                                                  0,
                                                  panels_of(k, fan_in),
                                                  nullptr,
                                                  a_prev.data(),
                                                  a_prev.stride,
                                                  out.data(),
                                                  out.stride,
                                                  nullptr,
                                                  T(0)});
  for (Index r = 0; r < rows; ++r)
    for (Index i = 0; i < fan_in; ++i) {
      T sum = 0;
      for (Index j = 0; j < fan_out; ++j) sum += delta.at(r, j) * w_transposed.at(j, i);
      REQUIRE(out.at(r, i) == (a_prev.at(r, i) > 0 ? sum : 0));
    }
  CHECK(out.guarded(fan_in));
}

/// (F) and (D2) for one row, with dense weights.
template <class T>
void check_row(Index fan_in, Index fan_out) {
  const auto& k = kernels<T>();
  const int relu = static_cast<int>(Activation::relu);
  const Matrix<T> a_prev(1, fan_in, 1), w(fan_in + 1, fan_out, 2), z(1, fan_out, 0), a(1, fan_out, 0),
      only(1, fan_out, 0), delta(1, fan_out, 3), out(1, fan_in, 0);
  ForwardArgs<T> f{};
  f.rows = 1;
  f.fan_in = fan_in;
  f.fan_out = fan_out;
  f.a_prev = a_prev.data();
  f.w = {w.data(), fan_in + 1, fan_out, panel_count(fan_out, k.lanes, kRowVectors), w.stride};
  f.z = z.data();
  f.a = a.data();
  k.forward_row[relu](f);
  f.z = f.a = only.data();
  k.forward_row[relu](f);
  for (Index j = 0; j < fan_out; ++j) {
    T sum = 0;
    for (Index i = 0; i < fan_in; ++i) sum += a_prev.at(0, i) * w.at(i, j);
    sum += w.at(fan_in, j);
    REQUIRE(z.at(0, j) == sum);
    REQUIRE(a.at(0, j) == (sum > 0 ? sum : 0));
    REQUIRE(only.at(0, j) == a.at(0, j));
  }
  BackwardArgs<T> d{};
  d.rows = 1;
  d.fan_in = fan_in;
  d.fan_out = fan_out;
  d.delta = delta.data();
  d.a_prev = a_prev.data();
  d.delta_prev = out.data();
  d.w = {w.data(), fan_in + 1, fan_out, 1, w.stride};
  k.backward_row[relu](d);
  for (Index i = 0; i < fan_in; ++i) {
    T sum = 0;
    for (Index j = 0; j < fan_out; ++j) sum += delta.at(0, j) * w.at(i, j);
    REQUIRE(out.at(0, i) == (a_prev.at(0, i) > 0 ? sum : 0));
  }
  for (const auto* matrix : {&z, &a, &only}) CHECK(matrix->guarded(fan_out));
  CHECK(out.guarded(fan_in));
}

/// An output layer with few units: (F), (C) and (D1), for mse and identity.
template <class T>
void check_narrow(Index rows, Index fan_in, Index fan_out) {
  const auto& k = kernels<T>();
  const Matrix<T> a_prev(rows, fan_in, 1), w(fan_out, fan_in + 1, 2), y(rows, fan_out, 3);
  const Index stride = a_prev.stride;
  Buffer<T> across(static_cast<std::size_t>(fan_out * stride), "test");
  for (Index j = 0; j < fan_out; ++j)
    for (Index i = 0; i <= fan_in; ++i) across.data()[j * stride + i] = w.at(j, i);
  for (Index r = 0; r < rows; ++r)
    for (Index i = fan_in; i < stride; ++i) a_prev.at(r, i) = i == fan_in;
  const auto n = static_cast<std::size_t>(rows * fan_out);
  std::vector<T> z(n + 1, Matrix<T>::kGuard), a = z, delta = z, wanted;
  for (Index r = 0; r < rows; ++r)
    for (Index j = 0; j < fan_out; ++j) wanted.push_back(y.at(r, j));
  std::vector<double> cost(static_cast<std::size_t>(rows) + 1, 99);
  k.forward_narrow[static_cast<int>(Activation::relu)]({rows,
                                                        fan_in,
                                                        fan_out,
                                                        a_prev.data(),
                                                        stride,
                                                        {across.data(), fan_out, stride, 1, stride},
                                                        0,
                                                        1,
                                                        z.data(),
                                                        fan_out,
                                                        a.data(),
                                                        fan_out,
                                                        true,
                                                        nullptr,
                                                        T(0)});
  const std::vector<T> parameters(16);
  k.output[static_cast<int>(Cost::mse)][static_cast<int>(Activation::identity)](
      {rows, fan_out, z.data(), z.data(), wanted.data(), delta.data(), fan_out, cost.data(), T(0),
       parameters.data()});
  for (Index r = 0; r < rows; ++r) {
    double c = 0;
    for (Index j = 0; j < fan_out; ++j) {
      const auto at = static_cast<std::size_t>(r * fan_out + j);
      T sum = w.at(j, fan_in);
      for (Index i = 0; i < fan_in; ++i) sum += a_prev.at(r, i) * w.at(j, i);
      REQUIRE(z[at] == sum);
      REQUIRE(a[at] == (sum > 0 ? sum : 0));
      REQUIRE(delta[at] == sum - y.at(r, j));
      c += static_cast<double>(delta[at] * delta[at]) / 2;
    }
    REQUIRE(cost[static_cast<std::size_t>(r)] == c);
  }
  CHECK(z.back() == Matrix<T>::kGuard);
  CHECK(a.back() == Matrix<T>::kGuard);
  CHECK(delta.back() == Matrix<T>::kGuard);
  CHECK(cost.back() == 99);
}

}  // namespace

TEST_CASE_TEMPLATE("the forward pass computes (F) for dense weights and panels", T, float, double) {
  for (const Index rows : {1, 5, 8, 14, 29})
    for (const Index fan_in : kSizes)
      for (const Index fan_out : kSizes)
        for (const bool dense : {false, true}) check_forward<T>(rows, fan_in, fan_out, dense);
}

TEST_CASE_TEMPLATE("an output layer of one or two units computes (F), (C) and (D1)", T, float, double) {
  for (const Index rows : {1, 5, 8, 16, 33})
    for (const Index fan_in : kSizes)
      for (const Index fan_out : {1, 2}) check_narrow<T>(rows, fan_in, fan_out);
}

TEST_CASE_TEMPLATE("the backward pass computes (D2)", T, float, double) {
  for (const Index rows : {1, 5, 13, 29})
    for (const Index fan_in : kSizes)
      for (const Index fan_out : kSizes) check_backward<T>(rows, fan_in, fan_out);
}

TEST_CASE_TEMPLATE("the kernels of one row compute (F) and (D2)", T, float, double) {
  for (const Index fan_in : {1, 2, 7, 17, 33, 70, 150})
    for (const Index fan_out : {1, 2, 7, 17, 33, 70, 150}) check_row<T>(fan_in, fan_out);
}

TEST_CASE_TEMPLATE("the update computes (G1), (G2), the new weights and their transposed copy", T, float,
                   double) {
  for (const Index batch : {1, 2, 10, 33})
    for (const Index fan_in : {1, 3, 16, 47, 48, 49, 100})
      for (const Index fan_out : kSizes) check_gradient<T>(batch, fan_in, fan_out);
  for (const Index batch : {256, 257, 1100})  // in blocks
    for (const Index fan_in : {3, 100})
      for (const Index fan_out : {1, 2, 17, 70}) check_gradient<T>(batch, fan_in, fan_out);
}

TEST_CASE_TEMPLATE("rows are converted and checked as they are gathered", T, float, double) {
  const auto& k = kernels<T>();
  const std::uint32_t order[] = {2, 0};
  for (const Index width : {1, 4, 13, 16, 19, 33}) {
    const auto n = static_cast<std::size_t>(3 * width);
    std::vector<T> same(n);
    std::vector<double> numbers(n);
    for (std::size_t i = 0; i < n; ++i) same[i] = static_cast<T>(numbers[i] = static_cast<double>(i) / 4);
    for (const bool doubles : {false, true}) {
      const int type = doubles || sizeof(T) == 8 ? 1 : 0;
      const auto size = static_cast<Index>(type ? sizeof(double) : sizeof(float));
      const char* source =
          reinterpret_cast<const char*>(doubles ? static_cast<const void*>(numbers.data()) : same.data());
      const auto rows_into = [&](std::vector<T>& out) {
        out.assign(static_cast<std::size_t>(2 * width + 2), T(99));
        return k.gather[type]({source, width * size, order, 2, width, out.data(), width + 1});
      };
      std::vector<T> out;
      CHECK(rows_into(out));
      for (Index c = 0; c < width; ++c) {
        REQUIRE(out[static_cast<std::size_t>(c)] == same[static_cast<std::size_t>(2 * width + c)]);
        REQUIRE(out[static_cast<std::size_t>(width + 1 + c)] == same[static_cast<std::size_t>(c)]);
      }
      CHECK(out[static_cast<std::size_t>(width)] == 99);
      for (Index at = 0; at < width; ++at)
        for (const double bad : {HUGE_VAL, -HUGE_VAL, std::nan("")}) {
          const auto i = static_cast<std::size_t>(2 * width + at);
          same[i] = static_cast<T>(bad);
          const double before = numbers[i];
          numbers[i] = sizeof(T) == 4 && bad > 0 ? 1e39 : bad;
          CHECK_FALSE(rows_into(out));
          numbers[i] = before;
          same[i] = static_cast<T>(before);
        }
    }
  }
  const unsigned char bytes[] = {0, 7, 255};
  T out[3];
  CHECK(k.gather[2]({reinterpret_cast<const char*>(bytes), 0, nullptr, 1, 3, out, 3}));
  CHECK(out[2] == 255);
}
