#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "localgrad/export.h"
#include "localgrad/rows.hpp"

namespace localgrad {

template <class T>
class LOCALGRAD_API Network;

/// Means and standard deviations by which a network standardizes its inputs and, for a regression, its
/// targets: it computes with (x - mean) / std. All vectors are empty before they are learned.
struct LOCALGRAD_API Standardization {
  /// Mean of each input, m_1 numbers, after Options::input_scale.
  std::vector<double> input_mean;
  /// Standard deviation of each input, above 0; 1 for a constant input.
  std::vector<double> input_std;
  /// Mean of each target, Network::target_width numbers; empty if targets are not standardized.
  std::vector<double> target_mean;
  /// Standard deviation of each target, above 0; 1 for a constant target.
  std::vector<double> target_std;
};

/// Units of costs and outputs of a network that standardizes its targets.
enum class Units {
  original,      ///< those of the caller's targets
  standardized,  ///< those of standardized targets, in which the network is trained
};

/// Means and standard deviations of examples that are passed in one or several blocks.
///
///     localgrad::Moments<float> moments(net);
///     for (const auto& block : blocks) moments.add(block.x, block.y);
///     net.set_standardization(moments.standardization());
///
/// The result is the same, bit for bit, for any number of threads and on all processors. The network must
/// outlive the object.
template <class T>
class LOCALGRAD_API Moments {
 public:
  /// Create moments of no examples, for a network with Options::standardize.
  explicit Moments(const Network<T>& network);
  /// Destroy the moments.
  ~Moments();
  /// Move the moments.
  Moments(Moments&&) noexcept;
  /// Move the moments.
  Moments& operator=(Moments&&) noexcept;

  /// Add the rows order[0..n-1] of x and y, or all rows if `order` is null.
  ///
  /// An example with sample weight w counts as w examples. At most n_threads threads are used; if it is 0,
  /// their number is chosen automatically. `interrupt` is called about every 0.1 s; if it returns true,
  /// Interrupted is thrown. Throws std::invalid_argument for wrong shapes, and BadExample for numbers that
  /// are not finite. After an exception, the moments must not be used.
  void add(const Rows& x, const Targets& y, const std::uint32_t* order = nullptr, std::size_t n = 0,
           int n_threads = 0, const std::function<bool()>& interrupt = nullptr);

  /// Return the means and standard deviations of the examples so far.
  ///
  /// Throws std::invalid_argument if there are none with a sample weight above 0, or a standard deviation
  /// overflows.
  Standardization standardization() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Learn the standardization of a network with Options::standardize from all rows of x and y, and set it.
///
/// Call it before training, on the training data only. Without it, the network computes with unchanged
/// numbers. Throws the exceptions of Moments; the network is then unchanged.
template <class T>
LOCALGRAD_API void standardize(Network<T>& network, const Rows& x, const Targets& y, int n_threads = 0);

extern template class Moments<float>;
extern template class Moments<double>;

}  // namespace localgrad
