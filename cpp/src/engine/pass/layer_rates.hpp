#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/args.hpp"
#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// The factors of the learning rate of each layer. Parameters with factor 0 are frozen: they are not updated,
/// and nothing is computed that only their update needs. Input scales, if there are any, are the biases of a
/// layer without weights, whose index is the number of layers.
class LayerRates {
 public:
  /// Reads the factors for the layers of a network. Penalties checks them.
  template <class T>
  LayerRates(const Regularization& r, const Network<T>& network)
      : LayerRates(r, network.sizes().size() - 1, network.options().learn_input_scale) {}
  LayerRates(const Regularization& r, std::size_t layers, bool learns_scale)
      : weights_(spread(r.weight_lr_factor, layers)), biases_(spread(r.bias_lr_factor, layers)) {
    const auto count = static_cast<Index>(weights_.size());
    while (lowest_ < count && !trains(lowest_)) ++lowest_;
    if (learns_scale) {
      weights_.push_back(0);
      biases_.push_back(r.input_scale_lr_factor);
      if (trains(count)) lowest_ = -1;
    }
    for (Index i = 0; i < static_cast<Index>(biases_.size()); ++i)
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
  /// Index of the lowest layer that is trained, below which no delta is needed: -1 for the inputs, the number
  /// of layers if nothing is trained.
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
