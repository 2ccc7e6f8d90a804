#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/pass/deltas.hpp"
#include "engine/pass/derivatives.hpp"
#include "engine/pass/norm.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/per_example.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

/// Number of rows whose mean gradient is computed at once, about 4 million activations. The gradients of
/// these chunks are added in order, so that it must not depend on the number of threads.
template <class T>
Index rows_of_chunk(const Network<T>& network) {
  Index widths = 0;
  for (const std::size_t width : network.sizes()) widths += static_cast<Index>(width);
  return std::clamp<Index>((Index{1} << 22) / widths, 32, 1024);
}

/// The estimates for n gradients, from their norms and the norm of their mean. Squares are computed from
/// numbers multiplied by a power of 2, so that scale is accurate for gradients of any size.
GradientNoise noise_of(const std::vector<double>& norms, double mean_norm) {
  const double most = std::max(*std::max_element(norms.begin(), norms.end()), mean_norm);
  if (most == 0) return {};
  const auto n = static_cast<double>(norms.size());
  const int power = std::isfinite(most) ? std::max(std::ilogb(most), -1000) : 0;
  const double down = std::ldexp(1, -power), of_mean = down * mean_norm, square = of_mean * of_mean;
  const double squares = sum_of_squares_of(static_cast<Index>(norms.size()), norms.data(), down) / n;
  const double variance = (squares < square ? 0 : squares - square) * (n / (n - 1));
  const double signal = square - variance / n;
  GradientNoise noise;
  noise.scale = variance == 0 ? 0 : signal <= 0 ? std::numeric_limits<double>::infinity() : variance / signal;
  noise.variance = std::ldexp(variance, 2 * power);
  noise.squared_norm = std::ldexp(signal, 2 * power);
  return noise;
}

}  // namespace

template <class T>
GradientNoise gradient_noise_scale(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                                   const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  check_threads(n_threads);
  if (x.n < 2) refuse(x.name, " must have at least 2 rows, got ", x.n);
  Targets unweighted = y;
  unweighted.weights = Rows();
  const auto& kernel = kernels<T>();
  const std::size_t most = std::min(x.n, static_cast<std::size_t>(rows_of_chunk(network)));
  Derivatives<T> all(network, kernel, most);
  std::vector<double> norms(x.n), mean(network.num_parameters());
  std::vector<T> gradient(network.num_parameters());
  for (Chosen chosen{nullptr, 0, 0}; chosen.first < x.n; chosen.first += chosen.n) {
    if (chosen.first > 0) check_interrupt(interrupt);
    chosen.n = std::min(most, x.n - chosen.first);
    if (const std::size_t row = all.load(x, unweighted, Units::original, chosen); row < x.n)
      refuse_example(network, kernel, &x, &unweighted, row);
    const Index tiles = ceil_div(static_cast<Index>(chosen.n), Index{8});
    RowsTeam team(n_threads, rows_work(network, kernel, chosen.n, 3), tiles);
    const auto measure = [&](Index begin, Index end) {
      for (Index r = begin; r < end; ++r) {
        double norm = 0;
        for (Index i = 0; i < all.pass().parts(); ++i) {
          const double both[] = {norm, gradient_norm(all.pass(), i, r)};
          norm = norm_of(2, both);
        }
        norms[chosen.first + static_cast<std::size_t>(r)] = norm;
      }
    };
    all.run(team.threads(), measure, gradient.data());
    if (!all.custom()) team.done();
    const double share = static_cast<double>(chosen.n) / static_cast<double>(x.n);
    for (std::size_t p = 0; p < mean.size(); ++p) mean[p] += share * static_cast<double>(gradient[p]);
  }
  return noise_of(norms, norm_of(static_cast<Index>(mean.size()), mean.data()));
}

#define LOCALGRAD_FOR(T)                                                                           \
  template GradientNoise gradient_noise_scale(const Network<T>&, const Rows&, const Targets&, int, \
                                              const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
