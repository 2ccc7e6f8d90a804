#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/args.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// The factors of the learning rate of each layer. Parameters with factor 0 are frozen: they are not updated,
/// and nothing is computed that only their update needs.
class LayerRates {
 public:
  /// Reads the factors for `layers` layers of weights. They are checked elsewhere (Penalties).
  LayerRates(const Regularization& r, std::size_t layers)
      : weights_(spread(r.weight_lr_factor, layers)), biases_(spread(r.bias_lr_factor, layers)) {
    const auto count = static_cast<Index>(layers);
    while (lowest_ < count && !trains(lowest_)) ++lowest_;
    for (Index i = 0; i < count; ++i)
      for (const double factor : {weights(i), biases(i)})
        if (factor > 0 && index(factor) == distinct_.size()) distinct_.push_back(factor);
  }

  double weights(Index i) const { return weights_[static_cast<std::size_t>(i)]; }
  double biases(Index i) const { return biases_[static_cast<std::size_t>(i)]; }
  bool trains_weights(Index i) const { return weights(i) > 0; }
  bool trains_biases(Index i) const { return biases(i) > 0; }
  bool trains(Index i) const { return trains_weights(i) || trains_biases(i); }
  /// Whether weights and biases have the same factor.
  bool alike(Index i) const { return weights(i) == biases(i); }
  /// Index of the lowest layer that is trained: no delta is needed below it. The number of layers if none is.
  Index lowest() const { return lowest_; }

  /// The different factors above 0, and the position of one of them.
  const std::vector<double>& distinct() const { return distinct_; }
  std::size_t index(double factor) const {
    return static_cast<std::size_t>(std::find(distinct_.begin(), distinct_.end(), factor) -
                                    distinct_.begin());
  }

 private:
  static std::vector<double> spread(std::vector<double> values, std::size_t layers) {
    values.resize(layers, values.empty() ? 1 : double(values.back()));
    return values;
  }

  std::vector<double> weights_, biases_, distinct_;
  Index lowest_ = 0;
};

}  // namespace localgrad
