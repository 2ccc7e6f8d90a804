#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/curvature/r_operator.hpp"
#include "engine/data/examples.hpp"
#include "engine/pass/deltas.hpp"
#include "engine/pass/norm.hpp"
#include "engine/team/threads.hpp"
#include "kernels/lanes.hpp"
#include "model/purpose.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

/// In double, distributed over virtual lanes.
template <class T>
double inner_product(const T* a, const std::vector<double>& b) {
  double lane[kVirtualLanes] = {};
  for (std::size_t k = 0; k < b.size(); ++k) lane[k % kVirtualLanes] += static_cast<double>(a[k]) * b[k];
  double sum = 0;
  for (const double one : lane) sum += one;
  return sum;
}

/// A symmetric tridiagonal matrix: `off[k]` is in rows k and k + 1.
struct Tridiagonal {
  std::vector<double> diagonal, off;

  double largest() const {
    double most = 0;
    for (const double one : diagonal) most = std::max(most, std::abs(one));
    for (const double one : off) most = std::max(most, std::abs(one));
    return most;
  }
  Tridiagonal times_power_of_2(int exponent) const {
    Tridiagonal scaled = *this;
    for (double& one : scaled.diagonal) one = std::ldexp(one, exponent);
    for (double& one : scaled.off) one = std::ldexp(one, exponent);
    return scaled;
  }
  /// The pivots of x I minus this matrix are positive if and only if x is above its eigenvalues.
  bool is_below(double x) const {
    double pivot = 1;
    for (std::size_t k = 0; k < diagonal.size(); ++k) {
      pivot = x - diagonal[k] - (k > 0 ? off[k - 1] * off[k - 1] / pivot : 0);
      if (!(pivot > 0)) return false;
    }
    return true;
  }
  /// A number just above the largest eigenvalue, by bisection of Gershgorin's bounds. Numbers must be at most
  /// 1.
  double above_all() const {
    double low = diagonal[0], high = low;
    for (std::size_t k = 0; k < diagonal.size(); ++k) {
      low = std::max(low, diagonal[k]);
      high = std::max(high, diagonal[k] + (k > 0 ? std::abs(off[k - 1]) : 0) + std::abs(off[k]));
    }
    for (double more = 1e-15; !is_below(high); more *= 2) high += more;  // the bound may be an eigenvalue
    for (int step = 0; step < 200; ++step) {
      const double middle = low + 0.5 * (high - low);
      if (!(middle > low && middle < high) || high - low < 1e-290) break;
      (is_below(middle) ? high : low) = middle;
    }
    return high;
  }
  /// v^T T v for a vector of norm 1.
  double quotient(const std::vector<double>& v) const {
    double sum = 0;
    for (std::size_t k = 0; k < v.size(); ++k)
      sum += v[k] * (diagonal[k] * v[k] + (k > 0 ? 2 * off[k - 1] * v[k - 1] : 0));
    return sum;
  }
  /// The eigenvector of the largest eigenvalue, with norm 1, by inverse iteration.
  std::vector<double> top_vector(double shift) const {
    const std::size_t n = diagonal.size();
    std::vector<double> pivot(n), v(n, 1);
    for (std::size_t k = 0; k < n; ++k)
      pivot[k] = shift - diagonal[k] - (k > 0 ? off[k - 1] * off[k - 1] / pivot[k - 1] : 0);
    for (int round = 0; round < 3; ++round) {
      for (std::size_t k = 1; k < n; ++k) v[k] += off[k - 1] / pivot[k - 1] * v[k - 1];
      for (std::size_t k = n; k-- > 0;) v[k] = (v[k] + (k + 1 < n ? off[k] * v[k + 1] : 0)) / pivot[k];
      double most = 0;
      for (const double one : v) most = std::max(most, std::abs(one));
      for (double& one : v) one /= most;
      const double norm = norm_of(static_cast<Index>(n), v.data());
      for (double& one : v) one /= norm;
    }
    return v;
  }
};

/// A random vector of norm 1, whose numbers are uniformly distributed before it is scaled.
template <class T>
std::vector<double> start(const Network<T>& network) {
  std::vector<double> v(network.num_parameters());
  for (std::size_t k = 0; k < v.size(); ++k)
    v[k] = std::ldexp(static_cast<double>(
                          random_words(network.options().seed, Purpose::eigenvector, 0, k / 2)[k % 2] >> 11),
                      -52) -
           1;
  return v;
}

/// Divides v by its norm, which it returns, and writes it to a T.
template <class T>
double normalize(const std::vector<double>& v, T* unit) {
  const double norm = norm_of(static_cast<Index>(v.size()), v.data());
  for (std::size_t k = 0; k < v.size(); ++k) unit[k] = static_cast<T>(v[k] / norm);
  return norm;
}

}  // namespace

/// The Lanczos method with full reorthogonalization.
template <class T>
Eigenvalue<T> top_eigenvalue(const Network<T>& network, const Rows& x, const Targets& y,
                             std::size_t max_products, double tol, Curvature matrix, int n_threads,
                             const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  check_threads(n_threads);
  if (max_products == 0) refuse("max_products must be at least 1, got 0");
  if (!(tol >= 0)) refuse("tol must be at least 0, got ", to_text(tol));
  const std::size_t size = network.num_parameters(), most = std::min(max_products, size);
  const Buffer<T> basis(product(most + 1, size),
                        text_of(most, " vectors of ", size, " numbers for the eigenvalue"), Fill::nothing);
  const auto row = [&](std::size_t i) { return basis.data() + i * size; };
  normalize(start(network), row(0));
  Tridiagonal t;
  Eigenvalue<T> found;
  std::vector<double> coefficients, rest(size);
  while (true) {
    if (found.products > 0) check_interrupt(interrupt);
    const T* last = row(found.products++);
    const std::vector<T> image = ROperator<T>(network, matrix, last).mean(x, y, n_threads, interrupt);
    for (std::size_t k = 0; k < size; ++k) rest[k] = static_cast<double>(image[k]);
    t.diagonal.push_back(inner_product(last, rest));
    for (std::size_t i = 0; i < 2 * found.products; ++i) {  // twice, against rounding errors
      const T* q = row(i % found.products);
      const double along = inner_product(q, rest);
      for (std::size_t k = 0; k < size; ++k) rest[k] -= along * static_cast<double>(q[k]);
    }
    t.off.push_back(normalize(rest, row(found.products)));
    if (!std::isfinite(t.diagonal.back() + t.off.back())) {
      found.value = found.residual = std::numeric_limits<double>::quiet_NaN();
      coefficients.assign(found.products, found.value);
      break;
    }
    int exponent;  // squares of the scaled numbers do not overflow
    std::frexp(t.largest(), &exponent);
    const Tridiagonal scaled = t.times_power_of_2(-exponent);
    coefficients = scaled.top_vector(scaled.above_all());
    found.value = std::ldexp(scaled.quotient(coefficients), exponent);
    found.residual = t.off.back() * std::abs(coefficients.back());
    if (found.residual <= tol * std::abs(found.value) || found.products == most) break;
  }
  std::fill(rest.begin(), rest.end(), 0.0);
  for (std::size_t i = 0; i < found.products; ++i)
    for (std::size_t k = 0; k < size; ++k) rest[k] += coefficients[i] * static_cast<double>(row(i)[k]);
  found.vector.resize(size);
  normalize(rest, found.vector.data());
  return found;
}

#define LOCALGRAD_FOR(T)                                                                                     \
  template Eigenvalue<T> top_eigenvalue(const Network<T>&, const Rows&, const Targets&, std::size_t, double, \
                                        Curvature, int, const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
