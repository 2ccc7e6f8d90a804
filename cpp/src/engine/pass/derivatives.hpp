#pragma once

#include <functional>

#include "engine/data/examples.hpp"
#include "engine/pass/custom_cost.hpp"
#include "engine/pass/gradient_units.hpp"
#include "engine/pass/pass.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

/// Backpropagation for some examples, without an update and without dropout and noise, in steps that a team
/// can share: members compute (F), (D1) and (D2) of some rows each and, after a barrier, (G1) and (G2) of
/// some units.
template <class T>
class Derivatives {
 public:
  /// Creates buffers for up to `capacity` examples; with `inputs`, for the derivatives of the inputs too.
  Derivatives(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, bool inputs = false,
              Arena* arena = nullptr);

  /// Refers to the same network at another address.
  void follow(const Network<T>& network) {
    network_ = &network;
    pass_.follow(network);
  }
  Pass<T>& pass() { return pass_; }
  bool custom() const { return cost_.given(); }

  /// Copies all examples and the network's parameters. With `units` original, the cost and all derivatives
  /// are those of the units of the targets. Returns the first invalid example, or x.n if all are valid.
  std::size_t load(const Rows& x, const Targets& y, Units units = Units::original) {
    return load(x, y, units, {nullptr, 0, x.n});
  }
  /// The same for some examples.
  std::size_t load(const Rows& x, const Targets& y, Units units, const Chosen& chosen);
  void forward(Index begin, Index end);  ///< (F)
  void call_custom_cost();               ///< (C) of all examples, if the cost is custom
  /// (D1) and (D2), and (C) unless the cost is custom.
  void backward(Index begin, Index end);
  /// Multiplies all deltas by the sample weights, if there are any.
  void weigh(Index begin, Index end);
  /// (G1) and (G2): the member's part of the gradient of the mean cost, in the order of Network::parameters.
  void gradient(const Member& member, T* out);
  /// All of these steps for the loaded examples, by a team of `threads` threads; `out` is the whole gradient.
  /// each(begin, end) is called once for every range of rows, when their deltas do not have weights yet. It
  /// must not throw.
  void run(int threads, const std::function<void(Index begin, Index end)>& each, T* out);
  double mean_cost();
  /// Writes the derivatives of the inputs, of each example's own cost, for some rows; `out` is row 0.
  void copy_inputs(T* out, Index begin, Index end) const;

 private:
  Index n() const { return static_cast<Index>(rows_); }
  const Network<T>* network_;
  const Kernels<T>& kernels_;
  Pass<T> pass_;
  CustomCost<T> cost_;
  Buffer<T> weights_;
  GradientUnits<T> units_;
  std::shared_ptr<const Standards<T>> standards_;
  Reading<T> reading_;
  bool restores_ = false;
  std::size_t rows_ = 0;
  bool weighted_ = false;
};

#define LOCALGRAD_FOR(T) extern template class Derivatives<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
