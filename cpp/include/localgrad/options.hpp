#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace localgrad {

/// What a network is, apart from its layer sizes. Names are those of `names()` in info.hpp, some with numbers
/// in parentheses: "leaky_relu(0.2)", "quantile(0.1, 0.5, 0.9)". Without numbers the defaults hold.
struct Options {
  /// Activation of the hidden layers: one name for all, or one for each of the L-2 hidden layers.
  std::vector<std::string> activation = {"sigmoid"};
  /// Activation of the output layer; "softmax" is allowed here alone.
  std::string output = "identity";
  /// A cost that fits the output; empty: cross_entropy for softmax outputs, mse otherwise. "custom": a
  /// function of your own, see Network::set_cost_function.
  std::string cost;
  /// "auto", "he", "xavier", "lecun", "normal" or "zeros".
  std::string init = "auto";
  /// Whether the initial parameters were given instead of drawn by `init`. Only recorded in files.
  bool init_given = false;
  /// Key of every random number the network draws: initial parameters, shuffles, dropout and noise.
  std::uint64_t seed = 0;
  /// Shares of the hidden layers' activations that training drops, in [0, 1): one for all hidden layers or
  /// one for each; and of the inputs. Srivastava et al. 2014.
  std::vector<double> dropout = {0.0};
  double input_dropout = 0;
  /// Standard deviation of the normal noise that training adds to the inputs, >= 0.
  double input_noise = 0;
  /// Factor of every number of x as it is read, in training, prediction and backpropagation alike: 1/255 for
  /// the bytes of an image. Finite and not 0, also as a T.
  double input_scale = 1;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // the rest is for the library itself

#include "functions/range.hpp"

namespace localgrad {

/// Whether every file names an option, or those alone that are younger than it: others mean the default.
enum class InFiles { all, newer };

/// Calls f(name, option, in_files) for every option, f(name, option, in_files, range) for numbers that are
/// computed with. Constructors and properties of the bindings, files, copies, pickles and checks of ranges
/// follow from this list; a vector has one entry for each hidden layer.
template <class O, class F>
void each_option(O& o, const F& f) {
  f("activation", o.activation, InFiles::all);
  f("output", o.output, InFiles::all);
  f("cost", o.cost, InFiles::all);
  f("init", o.init, InFiles::all);
  f("init_given", o.init_given, InFiles::newer);
  f("dropout", o.dropout, InFiles::newer, Range::share);
  f("input_dropout", o.input_dropout, InFiles::newer, Range::share);
  f("input_noise", o.input_noise, InFiles::newer, Range::at_least_0);
  f("input_scale", o.input_scale, InFiles::newer, Range::not_0);
  f("seed", o.seed, InFiles::all);
}

}  // namespace localgrad

#endif
