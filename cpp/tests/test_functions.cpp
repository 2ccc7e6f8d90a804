// Tests every activation and cost of the list: values and derivatives against long double, the same bits
// with every instruction set, and numbers that are large, not finite or out of range.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "functions/activations.hpp"
#include "fused.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/localgrad.hpp"
#include "model/names.hpp"

namespace {

using namespace localgrad;

using Real = long double;
Real logistic(Real z) { return 1 / (1 + std::exp(-z)); }
Real normal(Real z) { return std::erfc(-z / std::sqrt(2.0L)) / 2; }
Real soft(Real z) { return std::max(z, 0.0L) + std::log1p(std::exp(-std::fabs(z))); }

/// phi(z) by its definition. Its derivative is computed by central differences.
const std::map<std::string, Real (*)(Real z, Real p)> kExact = {
    {"identity", [](Real z, Real) { return z; }},
    {"sigmoid", [](Real z, Real) { return logistic(z); }},
    {"tanh", [](Real z, Real) { return std::tanh(z); }},
    {"relu", [](Real z, Real) { return std::max(z, 0.0L); }},
    {"leaky_relu", [](Real z, Real p) { return z > 0 ? z : p * z; }},
    {"elu", [](Real z, Real p) { return z > 0 ? z : p * std::expm1(z); }},
    {"selu",
     [](Real z, Real) { return 1.0507009873554805L * (z > 0 ? z : 1.6732632423543772L * std::expm1(z)); }},
    {"gelu", [](Real z, Real) { return z * normal(z); }},
    {"gelu_tanh",
     [](Real z, Real) {
       return z * logistic(2 * std::sqrt(2 / std::acos(-1.0L)) * (z + 0.044715L * z * z * z));
     }},
    {"silu", [](Real z, Real) { return z * logistic(z); }},
    {"softplus", [](Real z, Real) { return soft(z); }},
    {"softsign", [](Real z, Real) { return z / (1 + std::fabs(z)); }},
    {"mish", [](Real z, Real) { return z * std::tanh(soft(z)); }},
    {"hard_sigmoid", [](Real z, Real) { return std::min(std::max(z + 3, 0.0L), 6.0L) / 6; }},
    {"hard_tanh", [](Real z, Real) { return std::min(std::max(z, -1.0L), 1.0L); }},
};

/// Arguments of the tests: dense around 0, sparse for large numbers.
template <class T>
std::vector<T> arguments() {
  std::vector<T> z;
  for (int i = -4000; i <= 4000; ++i)
    z.push_back(static_cast<T>(i) / 128 + T(1) / 1024);  // none of them is a kink
  for (const double far : {40.0, 87.0, 89.0, 100.0, 700.0, 710.0, 1e4, 1e10, 1e30})
    for (const double sign : {1.0, -1.0}) z.push_back(static_cast<T>(sign * far));
  return z;
}

template <class T>
struct Activated {
  std::vector<T> a, slope;
};

/// Computed by the kernels in use.
template <class T>
Activated<T> activate(Activation activation, T parameter, const std::vector<T>& z) {
  const auto& k = kernels<T>();
  const int phi = static_cast<int>(activation);
  const auto n = static_cast<Index>(z.size());
  std::vector<T> w(32), a_prev(z), a(z.size() + 32), slope(z.size());
  w[0] = 1;
  ForwardArgs<T> f{};
  f.rows = n;
  f.fan_in = f.fan_out = 1;
  f.a_prev = a_prev.data();
  f.a_prev_stride = 1;
  f.w = {w.data(), 2, 1, 1, 1};
  f.panel_end = 1;
  f.z = f.a = a.data();
  f.z_stride = f.a_stride = 1;
  f.phi = parameter;
  k.forward[phi](f);
  a.resize(z.size());
  k.activation_derivative[phi](n, z.data(), a.data(), parameter, slope.data());
  return {a, slope};
}

/// Computed by the struct of the list, with the operations of S.
template <class S, class Phi, class T>
Activated<T> activate_as(T parameter, std::vector<T> z) {
  const std::size_t n = z.size();
  z.resize((n + 15) / 16 * 16);
  Activated<T> out{z, z};
  const auto p = S::broadcast(parameter);
  for (std::size_t i = 0; i < z.size(); i += S::kLanes) {
    const auto a = Phi::value(S::load(&z[i]), p);
    S::store(&out.a[i], a);
    S::store(&out.slope[i], Phi::derivative(S::load(&z[i]), a, p));
  }
  out.a.resize(n);
  out.slope.resize(n);
  return out;
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <class T, template <class> class Phi>
void check_activation(const char* name, Activation activation, T parameter) {
  CAPTURE(std::string(name));
  const auto z = arguments<T>();
  const auto exact = kExact.at(name);
  const auto got = activate<T>(activation, parameter, z);
  const auto fused = info().fused_multiply_add ? activate_as<Fused<T>, Phi<Fused<T>>>(parameter, z)
                                               : activate_as<Portable<T>, Phi<Portable<T>>>(parameter, z);
  CHECK(same(got.a, fused.a));
  CHECK(same(got.slope, fused.slope));
  const Real eps = std::numeric_limits<T>::epsilon(), h = 1e-5L;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Real x = z[i], a = exact(x, parameter);
    CAPTURE(z[i]);
    REQUIRE(std::isfinite(got.a[i]));
    REQUIRE(std::isfinite(got.slope[i]));
    REQUIRE(std::fabs(got.a[i] - a) <= 4 * eps * std::max(std::fabs(a), std::min(std::fabs(x), 1.0L)));
    if (std::fabs(x) > 1000) continue;
    const Real slope = (exact(x + h, parameter) - exact(x - h, parameter)) / (2 * h);
    const Real rounding = 4 * std::numeric_limits<Real>::epsilon() * std::max(std::fabs(a), 1.0L) / h;
    REQUIRE(std::fabs(got.slope[i] - slope) <= 16 * eps + 1e-9L + rounding);
  }
  const T nan = std::numeric_limits<T>::quiet_NaN();
  CHECK(std::isnan(activate<T>(activation, parameter, {nan}).a[0]));
}

/// With the default parameter and with another one.
template <class T, template <class> class Phi>
void check_listed(const char* name, Activation activation) {
  const Parameter& parameter = traits_of(activation).parameter;
  check_activation<T, Phi>(name, activation, static_cast<T>(parameter.standard));
  if (parameter.name) check_activation<T, Phi>(name, activation, static_cast<T>(0.3));
}

template <class T>
T slope_at(Activation activation, double z) {
  const auto parameter = static_cast<T>(traits_of(activation).parameter.standard);
  return activate<T>(activation, parameter, {static_cast<T>(z)}).slope[0];
}

/// Cost and delta of one row, by a network whose output is z.
template <class T>
struct Row {
  double cost;
  std::vector<T> delta, gradient;
};
template <class T>
Row<T> row_of(const std::string& cost, const char* output, const std::vector<T>& z, const std::vector<T>& y) {
  Options options;
  options.output = output;
  options.cost = cost;
  options.init = "zeros";
  Network<T> net({1, z.size()}, options);
  std::copy(z.begin(), z.end(), net.biases(0));
  const T x = 0;
  const Targets targets(Rows(y.data(), 1, y.size()));
  auto trace = backprop(net, Rows(&x, 1, 1), targets);
  Row<T> row{trace.cost, trace.local_gradients[0], std::vector<T>(z.size())};
  cost_gradient(net, trace.activations[1].data(), targets, row.gradient.data());
  return row;
}

template <class T>
void check_row(const std::string& cost, const char* output, const std::vector<T>& z, const std::vector<T>& y,
               double c, const std::vector<double>& delta) {
  CAPTURE(cost);
  CAPTURE(std::string(output));
  const auto row = row_of<T>(cost, output, z, y);
  const double eps = 40 * static_cast<double>(std::numeric_limits<T>::epsilon());
  CHECK(row.cost == doctest::Approx(c).epsilon(eps));
  for (std::size_t j = 0; j < delta.size(); ++j)
    CHECK(static_cast<double>(row.delta[j]) == doctest::Approx(delta[j]).epsilon(eps));
}

template <class T>
const Kernels<T>& of(const KernelTable& table);
template <>
const Kernels<float>& of(const KernelTable& table) {
  return table.float32;
}
template <>
const Kernels<double>& of(const KernelTable& table) {
  return table.float64;
}

/// (C) and (D1) of some rows, by the kernels of a table: costs, then delta.
template <class T>
std::vector<double> output_of(const Kernels<T>& k, Cost cost, Activation phi, Index rows, Index width) {
  const bool flat = width <= 2 && is_unitwise(phi) && !traits_of(cost).couples;
  const Index stride = flat ? width : width + 3;
  const auto n = static_cast<std::size_t>(rows * stride + 16);
  std::vector<T> z(n), a(n), y(n), delta(n), parameters(static_cast<std::size_t>(width + 16), T(0.3));
  for (std::size_t i = 0; i < n; ++i) {
    z[i] = static_cast<T>(i * 37 % 101) / 20 - T(2.5);
    a[i] = static_cast<T>(i * 29 % 97 + 1) / 99;
    y[i] = static_cast<T>(i * 31 % 11) / 10;
  }
  std::vector<double> out(static_cast<std::size_t>(rows));
  const OutputArgs<T> o{rows,         width,  z.data(),   a.data(), y.data(),
                        delta.data(), stride, out.data(), T(0.2),   parameters.data()};
  const int c = static_cast<int>(cost), p = static_cast<int>(phi);
  if (k.output[c][p]) {
    k.output[c][p](o);
  } else {
    k.cost[c](o);
    k.output_delta[p](o);
  }
  out.insert(out.end(), delta.begin(), delta.end());
  return out;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "activations have accurate values and derivatives, with the same bits on every instruction set", T, float,
    double) {
#define LOCALGRAD_ENTRY(name, Type, ...) check_listed<T, Type>(#name, Activation::name);
  LOCALGRAD_ACTIVATIONS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
}

TEST_CASE_TEMPLATE("derivatives at kinks have the documented values", T, float, double) {
  CHECK(slope_at<T>(Activation::relu, 0) == 0);
  CHECK(slope_at<T>(Activation::leaky_relu, 0) == T(0.01));
  CHECK(slope_at<T>(Activation::elu, 0) == 1);
  for (const double corner : {-3.0, 3.0}) CHECK(slope_at<T>(Activation::hard_sigmoid, corner) == 0);
  for (const double corner : {-1.0, 1.0}) CHECK(slope_at<T>(Activation::hard_tanh, corner) == 0);
}

TEST_CASE_TEMPLATE("costs and delta are correct where factors overflow or underflow", T, float, double) {
  // e^-s in gaussian_nll, for targets that are met exactly, almost met and missed by far.
  const double far = sizeof(T) == 4 ? 1 : 8;
  const auto nll = [](double mu, double s, double y) {
    const auto row = row_of<T>("gaussian_nll", "identity", {T(mu), T(s)}, {T(y)});
    return std::vector<double>{row.cost, double(row.delta[0]), double(row.delta[1]), double(row.gradient[1])};
  };
  const auto about = [](double x) { return doctest::Approx(x).epsilon(1e-4); };
  for (const double s : {-80.0, -88.2, -100.0, -200.0, -1e5, -1e30}) {
    const auto met = nll(3, s * far, 3);
    CHECK(met[0] == about(s * far / 2));
    CHECK(met[1] == 0);
    CHECK(met[2] == 0.5);
    CHECK(met[3] == 0.5);
  }
  const double tiny = sizeof(T) == 4 ? 1e-30 : 1e-250, exponent = sizeof(T) == 4 ? 120 : 1000;
  for (const double sign : {1.0, -1.0}) {
    const auto almost = nll(sign * tiny, -exponent, 0), missed = nll(sign / tiny, exponent, 0);
    const Real error = T(tiny), other = T(1 / tiny);
    CHECK(sign * almost[1] / double(error * std::exp(Real(exponent))) == about(1));
    CHECK(almost[0] == about(-exponent / 2));
    CHECK(sign * missed[1] / double(other * std::exp(-Real(exponent))) == about(1));
    CHECK((missed[2] - 0.5) / double(-other * other / 2 * std::exp(-Real(exponent))) == about(1));
  }
  CHECK(nll(1, -exponent * 10, 0)[0] == HUGE_VAL);  // training reports an infinite cost

  // Differences to the largest logit.
  const T most = std::numeric_limits<T>::max();
  auto row = row_of<T>("cross_entropy", "softmax", {most, -most, T(0)}, {1, 0, 0});
  CHECK(row.cost == 0);
  CHECK(row.delta == std::vector<T>{0, 0, 0});
  row = row_of<T>("cross_entropy", "softmax", {-most, most / 4, T(0)}, {0, 0, 1});
  CHECK(row.cost / double(most / 4) == about(1));
  CHECK(row_of<T>("cross_entropy", "softmax", {-most, most}, {1, 0}).cost == HUGE_VAL);
  CHECK(std::isnan(row_of<T>("cross_entropy", "softmax", {T(NAN), 0}, {0, 1}).cost));
}

TEST_CASE_TEMPLATE("small costs are accurate for large numbers", T, float, double) {
  const double eps = 8 * double(std::numeric_limits<T>::epsilon());
  for (const double e : {1e-12, 1e-4, 0.1, 0.49, 0.51, 3.0}) {
    const Real error = T(e);
    const Real exact = std::log1p(std::sinh(error) * std::sinh(error)) / 2;
    CHECK(row_of<T>("log_cosh", "identity", {T(e)}, {0}).cost / double(exact) ==
          doctest::Approx(1).epsilon(eps));
  }
  for (const double z : {0.0, 1e3, 1e6})
    CHECK(row_of<T>("cross_entropy", "softmax", {T(z), T(z + 1)}, {0, 1}).cost ==
          doctest::Approx(std::log1p(std::exp(-1.0))).epsilon(eps));
}

TEST_CASE_TEMPLATE("costs have values computed by hand", T, float, double) {
  // Three units, and one or two, which have another layout.
  check_row<T>("mae", "identity", {1, 2, 3}, {2, 2, 0}, 4, {-1, 0, 1});
  check_row<T>("huber", "identity", {0.5, 3, -4}, {0, 0, 0}, 0.125 + 2.5 + 3.5, {0.5, 1, -1});
  check_row<T>("huber(2)", "identity", {3}, {0}, 4, {2});
  check_row<T>("log_cosh", "identity", {1, -2}, {0, 0}, std::log(std::cosh(1)) + std::log(std::cosh(2)),
               {std::tanh(1), -std::tanh(2)});
  check_row<T>("log_cosh", "identity", {1e4}, {0}, 1e4 - std::log(2), {1});
  check_row<T>("hinge", "identity", {0.5, 2, -1}, {1, 1, 1}, 0.5 + 0 + 2, {-1, 0, -1});
  check_row<T>("hinge", "identity", {0.5}, {-1}, 1.5, {1});
  check_row<T>("poisson", "identity", {0, 1}, {2, 3}, 1 + std::exp(1) - 3, {-1, std::exp(1) - 3});
  check_row<T>("poisson", "softplus", {1}, {2}, 1.3132616875182228 - 2 * std::log(1.3132616875182228),
               {0.7310585786300049 * (1 - 2 / 1.3132616875182228)});
  for (const double z : {-30.0, -80.0, -1e4})  // e^z - y (1 - e^z/2)
    check_row<T>("poisson", "softplus", {static_cast<T>(z)}, {2}, std::exp(z) - 2 * z, {2 * std::exp(z) - 2});
  check_row<T>("quantile", "identity", {1, 2, 3}, {2, 2, 2}, 1, {-0.5, 0, 0.5});
  check_row<T>("quantile(0.1, 0.5, 0.9)", "identity", {1, 1, 1, 3, 3, 3}, {2, 4},
               0.1 + 0.3 + 0.5 + 0.5 + 0.1 * 1 + 0.9 * 1, {-0.1, -0.1, -0.5, -0.5, 0.1, -0.9});
  check_row<T>("gaussian_nll", "identity", {1, 0.5}, {3}, 0.25 + 2 * std::exp(-0.5),
               {-2 * std::exp(-0.5), 0.5 - 2 * std::exp(-0.5)});
  check_row<T>("gaussian_nll", "identity", {1, 2, 3, 0, 0, 0}, {2, 2, 5}, 0.5 + 0 + 2,
               {-1, 0, -2, 0, 0.5, -1.5});
  check_row<T>("binary_cross_entropy", "sigmoid", {0, 0, 0}, {1, 0, 1}, 3 * std::log(2), {-0.5, 0.5, -0.5});
  // (1 - s) y + s/K, or + s/2 for units that are classified separately
  check_row<T>("cross_entropy(0.2)", "softmax", {0, 0, 0, 0}, {0, 1, 0, 0}, std::log(4),
               {0.2, -0.6, 0.2, 0.2});
  check_row<T>("cross_entropy(0.2)", "sigmoid", {0}, {1}, std::log(2), {-0.4});
  check_row<T>("binary_cross_entropy(0.2)", "sigmoid", {0, 0, 0}, {1, 0, 1}, 3 * std::log(2),
               {-0.4, 0.4, -0.4});
}

TEST_CASE_TEMPLATE("delta is the product of its two factors", T, float, double) {
  for (const auto& cost : names().costs)
    for (int o = 0; o < kActivations; ++o) {
      const auto output = static_cast<Activation>(o);
      if (!traits_of(cost_named(cost).function).fits(output)) continue;
      const std::string name = names().outputs[static_cast<std::size_t>(o)];
      for (const std::size_t width : {2u, 6u}) {
        CAPTURE(cost + " after " + name);
        std::vector<T> z(width), y(cost == "gaussian_nll" ? width / 2 : width);
        for (std::size_t j = 0; j < width; ++j) z[j] = static_cast<T>(j * 37 % 11) / 7 - T(0.6);
        for (std::size_t j = 0; j < y.size(); ++j) y[j] = static_cast<T>(j * 29 % 7) / 8;
        const auto row = row_of<T>(cost, name.c_str(), z, y);
        Options options;
        options.output = name;
        options.cost = cost;
        const Network<T> net({1, width}, options);
        std::vector<T> a(width), slope(is_unitwise(output) ? width : width * width);
        predict(net, Rows(z.data(), 0, 1), a.data());
        if (is_unitwise(output)) {
          a = activate<T>(output, static_cast<T>(traits_of(output).parameter.standard), z).a;
        } else {
          T sum = 0;
          for (std::size_t j = 0; j < width; ++j) sum += a[j] = std::exp(z[j]);
          for (T& value : a) value /= sum;
        }
        activation_derivative(net, 0, 1, z.data(), a.data(), slope.data());
        for (std::size_t j = 0; j < width; ++j) {
          double delta = 0;
          if (is_unitwise(output))
            delta = static_cast<double>(row.gradient[j]) * static_cast<double>(slope[j]);
          else
            for (std::size_t k = 0; k < width; ++k)
              delta += static_cast<double>(row.gradient[k]) * static_cast<double>(slope[k * width + j]);
          CHECK(static_cast<double>(row.delta[j]) ==
                doctest::Approx(delta).epsilon(100 * static_cast<double>(std::numeric_limits<T>::epsilon())));
        }
      }
    }
}

TEST_CASE_TEMPLATE("costs have the same bits on every instruction set with fused multiply-add", T, float,
                   double) {
  std::vector<const KernelTable*> tables;
  for (const auto* table : available_kernels())
    if (table->fused_multiply_add) tables.push_back(table);
  for (int c = 0; c < kCosts; ++c)
    for (int p = 0; p < kActivations; ++p)
      for (const Index width : {1, 2, 3, 8, 17, 34}) {
        const auto cost = static_cast<Cost>(c);
        const auto phi = static_cast<Activation>(p);
        if (!traits_of(cost).fits(phi) || (traits_of(cost).couples && width % 2 == 1)) continue;
        CAPTURE(c);
        CAPTURE(p);
        CAPTURE(width);
        for (const auto* table : tables) {
          const auto first = output_of(of<T>(*tables.front()), cost, phi, 19, width);
          CHECK(same(output_of(of<T>(*table), cost, phi, 19, width), first));
        }
      }
}

TEST_CASE("names with numbers are parsed, checked and shortened") {
  const auto canonical = [](const char* output, const char* cost) {
    Options options;
    options.output = output;
    options.cost = cost;
    const Network<float> net({1, 6}, options);
    return net.options().output + "/" + net.options().cost;
  };
  CHECK(canonical("leaky_relu( 0.20 )", "huber(1.0)") == "leaky_relu(0.2)/huber");
  CHECK(canonical("leaky_relu(1e-2)", "huber(25e-1)") == "leaky_relu/huber(2.5)");
  CHECK(canonical("identity", "quantile(.1,0.5 , 0.9)") == "identity/quantile(0.1, 0.5, 0.9)");
  CHECK(canonical("identity", "quantile(0.5)") == "identity/quantile");
  CHECK(canonical("softmax", "cross_entropy(0.1)") == "softmax/cross_entropy(0.1)");
  const auto refused = [&](const char* output, const char* cost) {
    try {
      canonical(output, cost);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refused("leaky_relu(-1)", "mse") ==
        "output must be 'leaky_relu' with slope at least 0, got 'leaky_relu(-1)'");
  CHECK(refused("elu(0)", "mse") == "output must be 'elu' with alpha above 0, got 'elu(0)'");
  CHECK(refused("tanh(1)", "mse") == "output must be 'tanh' without a number, got 'tanh(1)'");
  CHECK(refused("identity", "huber(x)") ==
        "cost must be 'huber' with one number (delta) in parentheses, got 'huber(x)'");
  CHECK(refused("identity", "huber(1, 2)") ==
        "cost must be 'huber' with one number (delta) in parentheses, got 'huber(1, 2)'");
  CHECK(refused("identity", "huber(1") == "cost must be closed by ')' after its numbers, got 'huber(1'");
  CHECK(refused("identity", "quantile(0.1, 1)") ==
        "cost must be 'quantile' with q between 0 and 1, got 'quantile(0.1, 1)'");
  CHECK(refused("sigmoid", "cross_entropy(1)") ==
        "cost must be 'cross_entropy' with smoothing at least 0 and below 1, got 'cross_entropy(1)'");
  CHECK(refused("tanh", "poisson") ==
        "output must be 'identity' or 'softplus' for the cost 'poisson', got 'tanh'");
  CHECK(refused("softmax", "hinge") ==
        "output must be any but 'softmax' for the cost 'hinge', got 'softmax'");
  CHECK(refused("identity", "quantile(0.1, 0.2, 0.3, 0.4)") ==
        "sizes[1] must be a multiple of 4 for the cost 'quantile(0.1, 0.2, 0.3, 0.4)', got 6");
  for (const char* bad : {"huber()", "huber(1,)", "huber(inf)", "huber(nan)", "huber(1e999)", "huber(0x1)",
                          "huber(1)x", "quantile(0.1,,0.2)", "quantile(", "(1)", "", "Huber"})
    if (*bad) CHECK_MESSAGE(!refused("identity", bad).empty(), bad);
}
