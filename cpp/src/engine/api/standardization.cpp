#include "localgrad/standardization.hpp"

#include <algorithm>
#include <atomic>
#include <cfloat>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "engine/data/examples.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

using Numbers = std::vector<double>;

/// Weight, means and sums of squared deviations from the mean of some rows.
struct Sums {
  double weight = 0;
  Numbers mean, squares;

  explicit Sums(std::size_t width = 0) : mean(width), squares(width) {}

  /// Adds those of other rows. Chan, Golub and LeVeque 1983.
  void add(const Sums& other) {
    if (other.weight == 0) return;
    const double total = weight + other.weight, share = other.weight / total, both = weight * share;
    for (std::size_t c = 0; c < mean.size(); ++c) {
      const double apart = other.mean[c] - mean[c];
      mean[c] += apart * share;
      squares[c] += other.squares[c] + apart * apart * both;
    }
    weight = total;
  }

  /// Sets the sums of `count` rows with weights `w`: first the means, then the deviations.
  void measure(const double* rows, const double* w, std::size_t count) {
    const std::size_t width = mean.size();
    weight = 0;
    std::fill(mean.begin(), mean.end(), 0.0);
    std::fill(squares.begin(), squares.end(), 0.0);
    for (std::size_t r = 0; r < count; ++r) {
      weight += w[r];
      for (std::size_t c = 0; c < width; ++c) mean[c] += w[r] * rows[r * width + c];
    }
    if (weight == 0) return;
    for (double& number : mean) number /= weight;
    for (std::size_t r = 0; r < count; ++r)
      for (std::size_t c = 0; c < width; ++c) {
        const double apart = rows[r * width + c] - mean[c];
        squares[c] += w[r] * (apart * apart);
      }
  }
};

/// Rounding errors of numbers of a type, relative to their size.
double epsilon(Scalar type) { return type == Scalar::float32 ? FLT_EPSILON : DBL_EPSILON; }

}  // namespace

template <class T>
struct Moments<T>::State {
  // Each group of rows is summed up by one thread, a few rows at a time; groups are added in order. The sizes
  // must not depend on the number of threads, because the result depends on them.
  static constexpr std::size_t kNumbers = 16384, kGroupNumbers = std::size_t{1} << 22;
  static constexpr double kNumbersPerCall = 2e7;  // about 0.05 s, because interrupts are checked in between

  explicit State(const Network<T>& net)
      : network(net),
        inputs(net.sizes().front()),
        width(inputs + (net.standardizes_targets() ? net.target_width() : 0)),
        few(std::clamp<std::size_t>(kNumbers / width, 8, 256)),
        of_group(std::clamp<std::size_t>(kGroupNumbers / width, 8, 4096)),
        all(width) {}

  /// Reads the inputs and targets of an example. Returns false if a number is not finite as a T.
  bool read(const Rows& x, const Targets& y, std::size_t index, double* row) const {
    const auto& kernel = kernels<double>();
    const double scale = network.options().input_scale;
    if (!gather_row(kernel, x, index, row) || !fits(row, inputs)) return false;
    for (std::size_t c = 0; c < inputs && scale != 1; ++c) row[c] *= scale;
    if (!fits(row, inputs)) return false;
    return width == inputs ||
           (gather_row(kernel, y.values, index, row + inputs) && fits(row + inputs, width - inputs));
  }
  static bool fits(const double* numbers, std::size_t n) {
    double most = 0;
    for (std::size_t i = 0; i < n; ++i) most = std::max(most, std::fabs(numbers[i]));
    return most <= static_cast<double>(std::numeric_limits<T>::max());
  }

  /// Memory of one thread.
  struct Scratch {
    Numbers rows, weights;
    Sums part;
  };

  /// Sums up rows first .. first + n - 1 of `chosen`, minus the origin. Returns false, and notes the row, if
  /// one is invalid.
  bool sum(const Rows& x, const Targets& y, const Chosen& chosen, Scratch& scratch, Sums& group,
           FirstBad& bad) const {
    Numbers &rows = scratch.rows, &weights = scratch.weights;
    std::size_t count = 0;
    const auto flush = [&] {
      scratch.part.measure(rows.data(), weights.data(), count);
      group.add(scratch.part);
      count = 0;
    };
    for (std::size_t r = 0; r < chosen.n; ++r) {
      const std::size_t index = chosen.row(r);
      double* row = rows.data() + count * width;
      if (!weight_of(y, index, &weights[count]) || !read(x, y, index, row)) {
        bad.note(index);
        return false;
      }
      if (weights[count] == 0) continue;
      for (std::size_t c = 0; c < width; ++c) row[c] -= origin[c];
      if (++count == few) flush();
    }
    if (count > 0) flush();
    return true;
  }

  /// Takes the first row with a weight as the origin. Sums of differences from it are accurate even if the
  /// columns are far from 0. Returns false if there is none.
  bool find_origin(const Rows& x, const Targets& y, const Chosen& chosen) {
    for (std::size_t r = 0; origin.empty() && r < chosen.n; ++r) {
      const std::size_t index = chosen.row(r);
      double weight = 0;
      Numbers row(width);
      if (!weight_of(y, index, &weight) || !read(x, y, index, row.data()))
        refuse_example(network, kernels<T>(), &x, &y, index);
      if (weight > 0) origin = std::move(row);
    }
    return !origin.empty();
  }

  void add(const Rows& x, const Targets& y, Chosen chosen, int n_threads,
           const std::function<bool()>& interrupt) {
    x_name = x.name;
    y_name = y.name;
    weights_name = y.weights_name;
    if (!find_origin(x, y, chosen)) return;
    x_epsilon = std::max(x_epsilon, epsilon(x.type));
    y_epsilon = std::max(y_epsilon, epsilon(y.values.type));
    const std::size_t end = chosen.first + chosen.n;
    const std::size_t groups_per_call =
        static_cast<std::size_t>(kNumbersPerCall / static_cast<double>(of_group * width)) + 1;
    for (std::size_t first = chosen.first; first < end; first += groups_per_call * of_group) {
      if (first > chosen.first && interrupt) {
        const CallersFloatMode callers;
        if (interrupt()) throw Interrupted();
      }
      const std::size_t n = std::min(groups_per_call * of_group, end - first);
      const std::size_t count = (n - 1) / of_group + 1;
      std::vector<Sums> groups(count, Sums(width));
      RowsTeam team(n_threads, {1.5e-9 * static_cast<double>(n * width), 0x5354u ^ width},
                    static_cast<Index>(count));
      FirstBad bad;
      std::atomic<std::size_t> next{0};
      std::vector<Scratch> scratch(static_cast<std::size_t>(team.threads()),
                                   {Numbers(few * width), Numbers(few), Sums(width)});
      run_members(team.threads(), [&](const Member& member) {
        for (std::size_t g = next++; g < count; g = next++) {
          const std::size_t begin = first + g * of_group;
          const Chosen rows{chosen.order, begin, std::min(of_group, first + n - begin)};
          if (!sum(x, y, rows, scratch[static_cast<std::size_t>(member.index)], groups[g], bad)) return;
        }
      });
      if (bad.any()) refuse_example(network, kernels<T>(), &x, &y, bad.row());
      team.done();
      for (const Sums& group : groups) all.add(group);
    }
  }

  /// Appends the mean and standard deviation of column c.
  void append(std::size_t c, double eps, double scale, const std::string& name, Numbers& means,
              Numbers& stds) const {
    const double mean = origin[c] + all.mean[c], std = std::sqrt(all.squares[c] / all.weight);
    if (!std::isfinite(std))
      refuse(name, " must have columns with a finite standard deviation, got ", to_text(std), " in column ",
             stds.size());
    // A deviation of the size of rounding errors is not enlarged to 1, nor one without a reciprocal.
    const bool constant = std <= 2 * eps * std::fabs(mean) || !std::isfinite(static_cast<T>(scale / std)) ||
                          std < static_cast<double>(std::numeric_limits<T>::min());
    means.push_back(mean);
    stds.push_back(constant ? std::max(std, 1.0) : std);
  }

  const Network<T>& network;
  const std::size_t inputs, width;  // number of inputs, and of inputs and targets
  const std::size_t few, of_group;  // rows that are summed up at a time, and by one thread
  std::string x_name = "x", y_name = "y", weights_name = "weights";
  double x_epsilon = 0, y_epsilon = 0;
  Numbers origin;
  Sums all;  // minus the origin
};

template <class T>
Moments<T>::Moments(const Network<T>& network) {
  if (!network.options().standardize)
    throw std::invalid_argument("standardization requires a network with standardize=true");
  state_ = std::make_unique<State>(network);
}

template <class T>
Moments<T>::~Moments() = default;
template <class T>
Moments<T>::Moments(Moments&&) noexcept = default;
template <class T>
Moments<T>& Moments<T>::operator=(Moments&&) noexcept = default;

template <class T>
void Moments<T>::add(const Rows& x, const Targets& y, const std::uint32_t* order, std::size_t n,
                     int n_threads, const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_examples(state_->network, x, y);
  check_threads(n_threads);
  std::vector<std::uint32_t> copied;
  if (order) copy_order(x, order, n, copied);
  state_->add(x, y, {order ? copied.data() : nullptr, 0, order ? n : x.n}, n_threads, interrupt);
}

template <class T>
Standardization Moments<T>::standardization() const {
  const DefaultFloatMode mode;
  const State& s = *state_;
  if (s.all.weight == 0)
    refuse(s.weights_name, " must be above 0 for at least 1 example, got 0 for all of them");
  Standardization learned;
  for (std::size_t c = 0; c < s.inputs; ++c)
    s.append(c, s.x_epsilon, s.network.options().input_scale, s.x_name, learned.input_mean,
             learned.input_std);
  for (std::size_t c = s.inputs; c < s.width; ++c)
    s.append(c, s.y_epsilon, 1, s.y_name, learned.target_mean, learned.target_std);
  return learned;
}

template <class T>
void standardize(Network<T>& network, const Rows& x, const Targets& y, int n_threads) {
  Moments<T> moments(network);
  moments.add(x, y, nullptr, 0, n_threads);
  network.set_standardization(moments.standardization());
}

template class Moments<float>;
template class Moments<double>;
template void standardize(Network<float>&, const Rows&, const Targets&, int);
template void standardize(Network<double>&, const Rows&, const Targets&, int);

}  // namespace localgrad
