#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "localgrad/export.h"
#include "localgrad/options.hpp"
#include "localgrad/rows.hpp"
#include "localgrad/standardization.hpp"
#include "localgrad/tracked.hpp"

namespace localgrad {

template <class T>
class Standards;

/// Largest supported count of epochs, mini-batches or rows: 2^53. Integers up to it are exact as
/// doubles.
inline constexpr std::uint64_t kMostCounted = std::uint64_t{1} << 53;

/// Function that computes a custom cost.
///
/// It is called with the outputs `a` and targets `y` of n examples, each (n, width) row-major, and writes
/// the cost c of each example to `cost` (n) and dc/da to `gradient` (n, width), row-major. It runs on the
/// thread that called the library and may throw.
template <class T>
using CostFunction =
    std::function<void(std::size_t n, std::size_t width, const T* a, const T* y, double* cost, T* gradient)>;

/// A feedforward network of layers 1..L with parameters of type T, float or double.
///
///     localgrad::Options options;
///     options.activation = {"tanh"};
///     localgrad::Network<float> net({2, 8, 1}, options);
///
/// **Memory.** All parameters are in one 64-byte aligned buffer, which is never reallocated. It contains,
/// for each i in 0..L-2, the weights between layers i+1 and i+2, stored input-major (fan_in rows of fan_out
/// numbers), and then the biases of layer i+2; at the end, the input scales, if there are any. Moving a
/// network moves the buffer; copying it copies the buffer.
///
/// **Thread safety.** Functions that take a const network can run concurrently. It is not safe to change the
/// parameters at the same time.
///
/// **Number of threads.** Functions with an argument n_threads use at most that many threads. They use fewer
/// if the system refuses to start threads. Because OpenMP runtimes end the process in that case, the library
/// checks that threads can be started before it requests more from OpenMP. A limit that is reached between
/// the check and the start is not detected.
///
/// **Floating-point mode.** The library computes in the default floating-point mode (round to nearest,
/// subnormal numbers, no traps) in every thread and restores the caller's mode afterwards. User-defined
/// functions are called in the caller's mode.
template <class T>
class LOCALGRAD_API Network : private Tracked {
 public:
  /// Create a network with these layer sizes m_1..m_L and draw its initial parameters.
  ///
  /// Throws std::invalid_argument if there are fewer than two sizes, a size is 0, a name is unknown, a
  /// number is out of range, or the cost is not compatible with the output; OutOfMemory if the parameters do
  /// not fit into memory.
  Network(std::vector<std::size_t> sizes, const Options& options = {});
  /// Copy a network with its parameters.
  Network(const Network& other);
  /// Move a network. Pointers to its parameters remain valid, and a Trainer of the network follows it.
  Network(Network&&) noexcept = default;
  /// Move a network. Pointers to its parameters remain valid, and a Trainer of the network follows it.
  Network& operator=(Network&&) noexcept = default;
  /// Copy a network with its parameters, into a new buffer.
  Network& operator=(const Network& other) { return *this = Network(other); }

  /// Draw new initial parameters, as the constructor does, from a source of random numbers of the caller.
  ///
  ///     std::mt19937_64 generator(7);
  ///     net.initialize(std::ref(generator));
  ///
  /// Each call of `bits` must return 64 uniformly distributed bits. It is called twice for every two
  /// weights of a layer, layer by layer, and not at all for the initialization "zeros". Options::seed, the
  /// number of epochs and the standardization remain unchanged. Throws std::invalid_argument if `bits` is
  /// empty, OutOfMemory, and what `bits` throws; the parameters are then unchanged.
  void initialize(const std::function<std::uint64_t()>& bits);

  /// Layer sizes m_1..m_L.
  const std::vector<std::size_t>& sizes() const { return sizes_; }
  /// Options with all defaults filled in.
  ///
  /// `activation` has L-2 names, `dropout` has L-2 rates, and `cost` is not empty. A name includes its
  /// numbers, in their shortest form, unless all are defaults.
  const Options& options() const { return options_; }
  /// Number of weights, biases and input scales.
  std::size_t num_parameters() const { return num_parameters_; }
  /// Width of a row of targets: m_L, or less if the cost has several outputs per target.
  std::size_t target_width() const { return sizes_.back() / functions_.outputs_per_target; }
  /// Whether the network is a classifier: it accepts labels as targets, and evaluate() returns an accuracy.
  bool classifies() const { return functions_.classifies; }

  /// Set the function of a custom cost.
  ///
  /// Copies of the network share the function; it is not saved to files. Throws std::invalid_argument if
  /// Options::cost is not "custom".
  void set_cost_function(CostFunction<T> function);
  /// Function of a custom cost, or an empty function.
  const CostFunction<T>& cost_function() const { return cost_function_; }

  /// All num_parameters() parameters, in the order described for the class.
  T* parameters() { return parameters_.get(); }
  /// All num_parameters() parameters, in the order described for the class.
  const T* parameters() const { return parameters_.get(); }
  /// Weights from layer i+1 to layer i+2, (fan_in, fan_out) row-major with fan_in = sizes()[i], fan_out =
  /// sizes()[i+1].
  ///
  /// Element [k * fan_out + j] is w_jk, the weight from unit k to unit j.
  T* weights(std::size_t i) { return parameters() + offset(i); }
  /// Weights from layer i+1 to layer i+2, (fan_in, fan_out) row-major with fan_in = sizes()[i], fan_out =
  /// sizes()[i+1].
  ///
  /// Element [k * fan_out + j] is w_jk, the weight from unit k to unit j.
  const T* weights(std::size_t i) const { return parameters() + offset(i); }
  /// Biases of layer i+2, sizes()[i+1] numbers.
  T* biases(std::size_t i) { return weights(i) + sizes_[i] * sizes_[i + 1]; }
  /// Biases of layer i+2, sizes()[i+1] numbers.
  const T* biases(std::size_t i) const { return weights(i) + sizes_[i] * sizes_[i + 1]; }
  /// Scales of the inputs, sizes()[0] numbers, initially 1; null without Options::learn_input_scale.
  T* input_scales() { return options_.learn_input_scale ? weights(sizes_.size() - 1) : nullptr; }
  /// Scales of the inputs, sizes()[0] numbers, initially 1; null without Options::learn_input_scale.
  const T* input_scales() const { return options_.learn_input_scale ? weights(sizes_.size() - 1) : nullptr; }

  /// Shared pointer to the parameter buffer, which keeps it alive after the network is destroyed.
  std::shared_ptr<const void> buffer() const { return parameters_; }

  /// Number of epochs for which the network was trained. With the seed, it determines the order of the rows
  /// in the next epoch.
  std::uint64_t epochs() const { return epochs_; }
  /// Set the number of epochs. Throws std::invalid_argument if it is above kMostCounted.
  void set_epochs(std::uint64_t epochs);
  /// Set Options::seed, which determines all later random numbers.
  void set_seed(std::uint64_t seed) { options_.seed = seed; }

  /// Set Options::init_given.
  void set_init_given(bool given) { options_.init_given = given; }
  /// Set the feature names of the inputs: m_1 names, or none.
  ///
  /// The names are part of copies and files and have no other effect. It is safe to call this while another
  /// thread calls feature_names(). Throws std::invalid_argument for any other number of names.
  void set_feature_names(std::vector<std::string> names);
  /// Feature names of the inputs: m_1 names, or none.
  std::vector<std::string> feature_names() const;

  /// Set the means and standard deviations of a network with Options::standardize, or remove them by empty
  /// vectors.
  ///
  /// It is safe to call this while another thread calls standardization(). Throws std::invalid_argument for
  /// wrong sizes, numbers that are not finite, or standard deviations that are not above 0.
  void set_standardization(Standardization standardization);
  /// Means and standard deviations of the inputs and targets; empty vectors if they are not known.
  Standardization standardization() const;
  /// Whether the network standardizes its targets: it has Options::standardize, the output "identity", and a
  /// cost that has a meaning for shifted targets.
  bool standardizes_targets() const { return functions_.standardizes_targets; }

  /// Save the network to a .safetensors file.
  ///
  /// The file has tensors weights.i (fan_out, fan_in) and biases.i (fan_out,), input_scales (m_1,) if the
  /// network has them, and those of the standardization, if there is one; its metadata contains the
  /// architecture as JSON. It is replaced atomically. For a custom cost, only the name "custom" is saved.
  /// Parameters that are not finite are saved unchanged, but load() rejects them. Throws std::system_error
  /// if the file cannot be written.
  void save(const std::string& path) const;

  /// Load a network from a file written by save() or save_checkpoint().
  ///
  /// Throws std::system_error if the file cannot be read. Throws std::invalid_argument if it is not a
  /// localgrad network, its element type is not T (see saved_type()), a parameter is not finite, or the
  /// number of epochs is above kMostCounted.
  static Network load(const std::string& path);

  /// Save the network to memory: the contents of the file that save(path) writes.
  ///
  /// Return the size of the file in bytes. If `memory` is null, nothing is written, and the size costs no
  /// copy of the parameters. Throws std::invalid_argument if the file does not fit into `bytes` bytes;
  /// nothing is written then.
  std::size_t save(void* memory, std::size_t bytes) const;
  /// Return the contents of the file that save(path) writes.
  std::vector<unsigned char> serialize() const;
  /// Load a network from the contents of a file in memory, with the same checks as load(path).
  ///
  /// The memory needs no alignment and can be released afterwards.
  static Network load(const void* data, std::size_t bytes);

 private:
  struct Free {
    void operator()(T* buffer) const;
  };
  friend struct NetworkAccess;  // used inside the library
  template <class>
  friend class Tracker;
  // The functions that Options names, as indices into names(), and their numbers in parentheses.
  struct Functions {
    std::vector<std::size_t> activations;
    std::vector<double> activation_parameters, cost_parameters;
    std::size_t cost = 0, outputs_per_target = 1;
    bool classifies = false, standardizes_targets = false;
  };
  void complete();
  std::size_t offset(std::size_t i) const;

  std::vector<std::size_t> sizes_;
  Options options_;
  Functions functions_;
  CostFunction<T> cost_function_;
  std::shared_ptr<const std::vector<std::string>> feature_names_;  // replaced as a whole
  std::shared_ptr<const Standards<T>> standards_;                  // likewise
  std::uint64_t epochs_ = 0;
  std::size_t num_parameters_ = 0;
  std::shared_ptr<T> parameters_;
};

/// Return the element type of a saved network. Throws the same exceptions as Network::load.
LOCALGRAD_API Scalar saved_type(const std::string& path);
/// Return the element type of a saved network in memory. Throws the same exceptions as Network::load.
LOCALGRAD_API Scalar saved_type(const void* data, std::size_t bytes);

}  // namespace localgrad
