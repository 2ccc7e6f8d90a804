#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "localgrad/rows.hpp"

namespace localgrad {

/// What a network is, apart from its layer sizes. Names are those of `names()` in info.hpp.
struct Options {
  /// Activation of the hidden layers: one name for all, or one for each of the L-2 hidden layers.
  std::vector<std::string> activation = {"sigmoid"};
  /// Activation of the output layer; "softmax" is allowed here alone.
  std::string output = "identity";
  /// "mse" or "cross_entropy"; empty: cross_entropy for softmax outputs, mse otherwise.
  std::string cost;
  /// "auto", "he", "xavier", "normal" or "zeros".
  std::string init = "auto";
  /// Key of every random number the network draws: initial parameters and shuffles.
  std::uint64_t seed = 0;
  /// Rates in [0, 1) at which training drops hidden activations: one for all hidden layers, or one for each.
  std::vector<double> dropout = {0};
  /// The same for the input, and the standard deviation of normal noise added to it before.
  double input_dropout = 0;
  double input_noise = 0;
};

template <class T>
using CostFunction =
    std::function<void(std::size_t n, std::size_t width, const T* a, const T* y, double* cost, T* gradient)>;

/// Mean cost over some examples, and how many of them were classified correctly (-1 where accuracy has
/// no meaning: outputs other than softmax and sigmoid).
struct Evaluation {
  double cost = 0;
  std::int64_t correct = -1;
};

/// A feedforward network of layers 1..L with T = float or double parameters.
///
/// All parameters live in one 64-byte aligned buffer that is never reallocated: for each i in 0..L-2 the
/// weights between layers i+1 and i+2, input-major (fan_in rows of fan_out), then the biases.
/// Moving keeps the buffer; copying copies it. Concurrent `predict` and `evaluate` are safe; changing
/// the parameters meanwhile is not.
///
///     localgrad::Options options;
///     options.activation = {"tanh"};
///     localgrad::Network<float> net({2, 8, 1}, options);
template <class T>
class Network {
 public:
  /// Throws std::invalid_argument for fewer than two sizes, a size of 0, an unknown name or a cost that
  /// does not fit the output; OutOfMemory (error.hpp) if the parameters do not fit the machine.
  Network(std::vector<std::size_t> sizes, const Options& options = {});
  Network(const Network& other);
  Network(Network&&) noexcept = default;
  Network& operator=(Network other) noexcept {
    std::swap(sizes_, other.sizes_);
    std::swap(options_, other.options_);
    std::swap(activations_, other.activations_);
    std::swap(cost_, other.cost_);
    std::swap(epochs_, other.epochs_);
    std::swap(num_parameters_, other.num_parameters_);
    std::swap(parameters_, other.parameters_);
    return *this;
  }

  const std::vector<std::size_t>& sizes() const { return sizes_; }
  /// With every default filled in: `activation` has L-2 names, `cost` is never empty.
  const Options& options() const { return options_; }
  std::size_t num_parameters() const { return num_parameters_; }
  /// Where the activation of layer i+2 stands in `names().outputs`, and the cost in `names().costs`.
  std::size_t activation_index(std::size_t i) const { return activations_[i]; }
  std::size_t cost_index() const { return cost_; }

  T* parameters() { return parameters_.get(); }
  const T* parameters() const { return parameters_.get(); }
  /// Weights i as (sizes[i], sizes[i+1]) row-major: element [k * fan_out + j] is w_jk.
  T* weights(std::size_t i) { return parameters() + offset(i); }
  const T* weights(std::size_t i) const { return parameters() + offset(i); }
  /// Biases i, sizes[i+1] of them.
  T* biases(std::size_t i) { return weights(i) + sizes_[i] * sizes_[i + 1]; }
  const T* biases(std::size_t i) const { return weights(i) + sizes_[i] * sizes_[i + 1]; }

  const CostFunction<T>& cost_function() const { return cost_function_; }

  /// Epochs trained so far; the next epoch's shuffle is keyed by (seed, epochs).
  std::uint64_t epochs() const { return epochs_; }
  void set_epochs(std::uint64_t epochs) { epochs_ = epochs; }

  /// a^L of each row into out, (x.n, m_L) row-major. A row's result does not depend on the other rows.
  /// n_threads 0 chooses. Throws std::invalid_argument for a wrong width or a non-finite number; what `out` holds then
  /// means nothing. Up to three rows are computed without allocating.
  void predict(const Rows& x, T* out, int n_threads = 0) const;

  /// Cost (C) and correct classifications. Throws std::invalid_argument as predict does, and for no rows,
  /// lengths that differ and labels out of range.
  Evaluation evaluate(const Rows& x, const Targets& y, int n_threads = 0) const;

  /// Writes a .safetensors file: tensors weights.i (fan_out, fan_in) and biases.i, the architecture as JSON
  /// in its metadata. The file is replaced atomically. Throws std::system_error.
  void save(const std::string& path) const;

  /// Reads what save wrote. Throws std::system_error if the file cannot be read, std::invalid_argument if it
  /// is not a localgrad network or holds another element type than T.
  static Network load(const std::string& path);

 private:
  struct Free {
    void operator()(T* buffer) const;
  };
  std::size_t offset(std::size_t i) const;

  std::vector<std::size_t> sizes_;
  Options options_;
  std::vector<std::size_t> activations_;
  std::size_t cost_ = 0;
  CostFunction<T> cost_function_;
  std::uint64_t epochs_ = 0;
  std::size_t num_parameters_ = 0;
  std::unique_ptr<T[], Free> parameters_;
};

/// Element type of the parameters in a saved network. Throws as Network::load does.
Scalar saved_type(const std::string& path);

}  // namespace localgrad
