#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "localgrad/options.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// The most epochs, mini-batches and rows that are counted: integers up to here are exact as doubles.
inline constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 53;

/// A cost of your own. For n rows of a^L and y, each (n, width) row-major, it writes the cost c of each
/// example (n) and dc/da (n, width). It is called on the thread that trains or evaluates, and may throw.
template <class T>
using CostFunction =
    std::function<void(std::size_t n, std::size_t width, const T* a, const T* y, double* cost, T* gradient)>;

/// A feedforward network of layers 1..L with T = float or double parameters.
///
/// The library computes in the default floating-point mode in every thread, whatever mode the caller has set
/// (flush to zero, rounding, traps), and restores the caller's; the caller's own functions are called in the
/// caller's.
///
/// Calls that take n_threads use that many, or fewer where the system refuses threads. OpenMP's run times
/// would end the process then, so threads are tried before a team grows; a limit reached between trial and
/// growth is not seen.
///
/// All parameters are in one 64-byte aligned buffer that is never reallocated: for each i in 0..L-2 the
/// weights between layers i+1 and i+2, input-major (fan_in rows of fan_out), then the biases. Moving keeps
/// the buffer; copying copies it. Functions of a const network may run concurrently; changing parameters
/// meanwhile is not safe.
///
///     localgrad::Options options;
///     options.activation = {"tanh"};
///     localgrad::Network<float> net({2, 8, 1}, options);
template <class T>
class Network {
 public:
  /// Throws std::invalid_argument for fewer than two sizes, a size of 0, an unknown name, a number out of
  /// range or a cost that does not fit the output; OutOfMemory (error.hpp) if the parameters do not fit the
  /// machine.
  Network(std::vector<std::size_t> sizes, const Options& options = {});
  Network(const Network& other);
  Network(Network&&) noexcept = default;
  Network& operator=(Network&&) noexcept = default;
  Network& operator=(const Network& other) { return *this = Network(other); }

  const std::vector<std::size_t>& sizes() const { return sizes_; }
  /// With every default filled in: `activation` has L-2 names, `dropout` L-2 rates, `cost` is never empty. A
  /// name shows its numbers, as short as possible, unless all are the defaults.
  const Options& options() const { return options_; }
  std::size_t num_parameters() const { return num_parameters_; }
  /// The numbers of a row of targets: m_L, or less if the cost has several outputs for each target.
  std::size_t target_width() const { return sizes_.back() / functions_.outputs_per_target; }
  /// Whether the network takes labels for targets and evaluate() reports an accuracy.
  bool classifies() const { return functions_.classifies; }

  /// The function of a "custom" cost. Copies of the network share it; it is not saved. Throws
  /// std::invalid_argument for another cost.
  void set_cost_function(CostFunction<T> function);
  const CostFunction<T>& cost_function() const { return cost_function_; }

  T* parameters() { return parameters_.get(); }
  const T* parameters() const { return parameters_.get(); }
  /// Weights i as (sizes[i], sizes[i+1]) row-major: element [k * fan_out + j] is w_jk.
  T* weights(std::size_t i) { return parameters() + offset(i); }
  const T* weights(std::size_t i) const { return parameters() + offset(i); }
  /// Biases i, sizes[i+1] of them.
  T* biases(std::size_t i) { return weights(i) + sizes_[i] * sizes_[i + 1]; }
  const T* biases(std::size_t i) const { return weights(i) + sizes_[i] * sizes_[i + 1]; }

  /// What keeps the buffer of the parameters alive, also beyond the network.
  std::shared_ptr<const void> buffer() const { return parameters_; }

  /// Epochs trained so far; the next epoch's shuffle is keyed by (seed, epochs). Throws std::invalid_argument
  /// for more than kMostCounted.
  std::uint64_t epochs() const { return epochs_; }
  void set_epochs(std::uint64_t epochs);
  /// Another key for the random numbers from now on.
  void set_seed(std::uint64_t seed) { options_.seed = seed; }

  void set_init_given(bool given) { options_.init_given = given; }
  /// Names of the inputs: m_1 of them, or none. Only kept, by copies and files. Throws std::invalid_argument
  /// for another number of names. May be called while another thread reads them.
  void set_feature_names(std::vector<std::string> names);
  std::vector<std::string> feature_names() const;

  /// Writes a .safetensors file: tensors weights.i (fan_out, fan_in) and biases.i, the architecture as JSON
  /// in its metadata. A custom cost is saved by name; numbers that are not finite as they are, though `load`
  /// refuses them. The file is replaced atomically. Throws std::system_error.
  void save(const std::string& path) const;

  /// Reads what save wrote, or the network of a checkpoint. Throws std::system_error if the file cannot be
  /// read, std::invalid_argument if it is not a localgrad network, holds another element type than T, or a
  /// number that training could not go on with: parameters that are not finite, more than kMostCounted
  /// epochs.
  static Network load(const std::string& path);

 private:
  struct Free {
    void operator()(T* buffer) const;
  };
  friend struct NetworkAccess;  // for the library itself
  /// What the names in Options mean: places in `names()`, and the numbers in parentheses.
  struct Functions {
    std::vector<std::size_t> activations;
    std::vector<double> activation_parameters, cost_parameters;
    std::size_t cost = 0, outputs_per_target = 1;
    bool classifies = false;
  };
  void complete();
  std::size_t offset(std::size_t i) const;

  std::vector<std::size_t> sizes_;
  Options options_;
  Functions functions_;
  CostFunction<T> cost_function_;
  std::shared_ptr<const std::vector<std::string>> feature_names_;  // replaced as a whole
  std::uint64_t epochs_ = 0;
  std::size_t num_parameters_ = 0;
  std::shared_ptr<T> parameters_;
};

/// Element type of the parameters in a saved network. Throws as Network::load does.
Scalar saved_type(const std::string& path);

}  // namespace localgrad
