#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "localgrad/export.h"

namespace localgrad {

/// Settings of a network other than its layer sizes.
///
/// The names of activations, costs and initialization methods are those that names() returns. Some take
/// numbers in parentheses, such as "leaky_relu(0.2)" or "quantile(0.1, 0.5, 0.9)"; without them, the default
/// values are used.
struct LOCALGRAD_API Options {
  /// Activation function of the hidden layers: one name for all L-2 hidden layers, or one name per hidden
  /// layer.
  std::vector<std::string> activation = {"relu"};
  /// Activation function of the output layer. "softmax" is only available here.
  std::string output = "identity";
  /// Cost, which must be compatible with the output.
  ///
  /// If empty, cross_entropy for softmax outputs and mse otherwise. For "custom", pass the function to
  /// Network::set_cost_function.
  std::string cost;
  /// Initialization method: "auto", "he", "xavier", "lecun", "normal" or "zeros".
  std::string init = "auto";
  /// Factors of the initial weights that `init` draws, >= 0: one for all layers of weights, or one per layer.
  ///
  /// Biases are not multiplied.
  std::vector<double> init_gain = {1.0};
  /// Whether the initial parameters were set by the caller instead of drawn by `init`. Stored in files; it
  /// has no other effect.
  bool init_given = false;
  /// Seed of all random numbers of the network: initial parameters, shuffling, dropout and noise.
  std::uint64_t seed = 0;
  /// Dropout rates of the hidden layers' activations, in [0, 1): one for all hidden layers, or one per
  /// hidden layer.
  ///
  /// Only applied in training. Srivastava et al. 2014.
  std::vector<double> dropout = {0.0};
  /// Dropout rate of the inputs, in [0, 1). Only applied in training.
  double input_dropout = 0;
  /// Standard deviation of the normal noise added to the inputs in training, >= 0.
  double input_noise = 0;
  /// Factor by which every element of x is multiplied when it is read, for example 1/255 for the bytes of an
  /// image.
  ///
  /// Applied in training, evaluation, prediction and backpropagation. Must be finite and not 0, also when
  /// rounded to the element type of the network.
  double input_scale = 1;
  /// Whether the network standardizes its inputs and, for a regression with output "identity", its targets.
  ///
  /// The means and standard deviations are learned by standardize() or Moments. Not supported by the cost
  /// "poisson", which has no meaning for shifted targets.
  bool standardize = false;
  /// Whether the network learns a scale of each input: Network::input_scales, by which the inputs are
  /// multiplied before the first layer of weights, after noise and dropout.
  bool learn_input_scale = false;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "functions/range.hpp"

namespace localgrad {

/// Whether every file contains an option, only newer files, or only files of networks in which it differs
/// from the default. If it is missing, it has its default value.
enum class InFiles { all, newer, used };

/// What a vector has one entry for.
enum class Per { hidden_layer, layer_of_weights };

/// Calls f(name, option, in_files) for every option; f(name, option, in_files, range) for options that are
/// numbers used in computations. The constructors and properties of the bindings, files, copies, pickles and
/// range checks are generated from this list. A vector has one entry per hidden layer unless Per is given.
template <class O, class F>
void each_option(O& o, const F& f) {
  f("activation", o.activation, InFiles::all);
  f("output", o.output, InFiles::all);
  f("cost", o.cost, InFiles::all);
  f("init", o.init, InFiles::all);
  f("init_gain", o.init_gain, InFiles::used, Range::at_least_0, Per::layer_of_weights);
  f("init_given", o.init_given, InFiles::newer);
  f("dropout", o.dropout, InFiles::newer, Range::share);
  f("input_dropout", o.input_dropout, InFiles::newer, Range::share);
  f("input_noise", o.input_noise, InFiles::newer, Range::at_least_0);
  f("input_scale", o.input_scale, InFiles::newer, Range::not_0);
  f("standardize", o.standardize, InFiles::used);
  f("learn_input_scale", o.learn_input_scale, InFiles::used);
  f("seed", o.seed, InFiles::all);
}

}  // namespace localgrad

#endif
