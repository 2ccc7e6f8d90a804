#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "localgrad/diagnostics.hpp"
#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"
#include "localgrad/privacy.hpp"
#include "localgrad/rows.hpp"
#include "localgrad/status.hpp"
#include "localgrad/view.hpp"

namespace localgrad {

/// State of a Trainer, as returned by Trainer::state().
///
/// Another Trainer with the same settings resumes from it with the same result, bit for bit. The position in
/// schedules is not included: see Trainer::set_schedules.
template <class T>
struct LOCALGRAD_API TrainerState {
  /// Name of the update rule, such as "sgd" or "adam", which determines the meaning of the arrays.
  std::string rule;
  /// Number of mini-batches processed by the optimizer.
  std::uint64_t t = 0;
  /// Product mu_1 .. mu_t of NAdam; 1 for other optimizers.
  double mu_product = 1;
  /// Value of Trainer::position.
  std::uint64_t position = 0;
  /// State of the optimizer: 0 to 3 arrays of num_parameters numbers, in the order of Network::parameters.
  std::vector<std::vector<T>> arrays = {};
  /// Sums over the mini-batches of the current epoch from which Trainer::diagnostics() are computed; empty
  /// without TrainerOptions::diagnostics.
  std::vector<double> diagnostics = {};
};

/// Factors of settings for each mini-batch, as functions of its number, for Trainer::set_schedules.
///
/// A setting without a function does not vary. Factors must be finite and >= 0.
struct LOCALGRAD_API Schedules {
  /// Function that returns the factor of mini-batch `step`.
  using Factor = std::function<double(std::size_t step)>;
  /// Factor of the optimizer's learning rate.
  Factor learning_rate = {};
  /// Factor of the dropout rates of the network, Options::dropout and Options::input_dropout. All products
  /// must be below 1.
  Factor dropout = {};
  /// Factor of the weight decay: Regularization::weight_decay or that of the optimizer.
  Factor weight_decay = {};
  /// Factor of the label smoothing of the cost, in training only. The product must be below 1.
  Factor label_smoothing = {};
};

/// Settings of a Trainer other than its optimizer and batch size.
struct TrainerOptions {
  /// Number of threads; if it is 0, the number is chosen based on the work of a mini-batch.
  int n_threads = 0;
  /// Penalties, clipping, norm constraints and learning rates of layers.
  Regularization regularization = {};
  /// Whether the targets have sample weights.
  bool weighted = false;
  /// Whether Trainer::try_step leaves the parameters in the Trainer until Trainer::sync. All calls then use
  /// one thread; n_threads must be 0 or 1.
  bool online = false;
  /// Memory for the buffers of the Trainer, at least Trainer::bytes. If it is empty, they are allocated.
  Workspace workspace = {};
  /// Differentially private training. It does not support sample weights.
  Privacy privacy = {};
  /// Weight of the slopes in the cost, for training on values and slopes (Sobolev training, Czarnecki et al.
  /// 2017); 0 disables it. The cost of an example is then
  ///
  ///     c(a, y) + slope_weight 1/2 sum_jk (da_j/dx_k - S_jk)^2
  ///
  /// times its sample weight, where S are the Targets::slopes. If the network standardizes, targets and
  /// inputs in the second term are standardized too. The step costs include both terms. Where activations
  /// are straight lines, as relu, the slopes depend on the weights but not on the biases.
  ///
  /// Each step takes up to about 1 + m_1 times as long, and activations 1 + m_1 times the memory. Softmax
  /// outputs, costs with several outputs per target, dropout, noise and privacy are not supported.
  double slope_weight = 0;
  /// Whether to measure some mini-batches of each epoch: see Trainer::diagnostics(). The result of training
  /// is the same, bit for bit. Online training and privacy are not supported; the numbers of private training
  /// would not be private.
  bool diagnostics = false;
};

/// Upper bound of the stack that Trainer::step and Trainer::try_step use on the calling thread, in bytes, for
/// mini-batches of up to 256 rows and without functions of the caller.
inline constexpr std::size_t kTrainerStack = 16384;

/// Mini-batch training, (M), of one network.
///
///     localgrad::Trainer<float> trainer(net, localgrad::Adam{}, 32);
///     for (int epoch = 0; epoch < 10; ++epoch) trainer.epoch(x, y);
///
/// A Trainer holds the optimizer's state and all working memory. The result is the same, bit for bit, for any
/// number of threads.
///
/// **Network.** The network must not be destroyed before the last call of the Trainer; calls after that throw
/// std::invalid_argument. If the network is moved, the Trainer follows it. Between calls its parameters are
/// up to date and can be read and changed; the next call uses the changed values. If a network with other
/// sizes, functions, dropout or noise has been assigned to it, the next call throws std::invalid_argument.
///
/// **Online training.** With TrainerOptions::online, try_step() keeps the parameters in a form that is fast
/// to update, and does not change the network. This saves half of the time of a small mini-batch:
///
///     localgrad::TrainerOptions options;
///     options.online = true;
///     localgrad::Trainer<float> trainer(net, localgrad::Adam{}, 1, options);
///     while (running) {
///       read_sensors(x, y);
///       trainer.try_step(localgrad::MatrixView(x, 1, 4), localgrad::MatrixView(y, 1, 2));
///     }
///     trainer.sync();
///
/// The results are bit-identical to those of step(). sync() copies the parameters to the network; until then,
/// the network has those of the last sync(), and other threads may read them. undo() discards all steps since
/// then. step(), part(), epoch(), end_epoch(), state(), set_state(), set_schedules() and the destructor call
/// sync() first. The first try_step() after any of these calls reads the parameters, options and
/// standardization of the network again; changes that are made at other times have no effect and are
/// overwritten.
///
/// **Memory.** After construction, epoch(), part() and step() allocate only buffers that are kept for the
/// next call: 4 bytes per row for the order of the rows; 8 bytes per mini-batch for its cost, and up to 128
/// more with a schedule or an optimizer such as Adam, whose coefficients change from step to step. With
/// several threads, each call also allocates some memory for them. With one thread, step() and try_step()
/// allocate nothing. With a workspace, the constructor allocates less than 10 kB for small objects and 4
/// bytes per row of a mini-batch, and nothing else is allocated by them. They use less than kTrainerStack
/// bytes of the stack.
template <class T>
class LOCALGRAD_API Trainer {
 public:
  /// Create a Trainer for mini-batches of `batch_size` examples.
  ///
  /// n_threads is the number of threads; if it is 0, the number is chosen based on the work of a mini-batch.
  /// `weighted` must be true if the targets have sample weights. Throws std::invalid_argument if batch_size
  /// is 0 or a setting is out of range, and OutOfMemory if the working memory does not fit into memory.
  Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size, int n_threads = 0,
          const Regularization& regularization = {}, bool weighted = false);
  /// Create a Trainer with these options.
  ///
  /// Throws std::invalid_argument also if the workspace is too small.
  Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size,
          const TrainerOptions& options);
  /// Return the size of the workspace that a Trainer with these arguments needs, in bytes.
  ///
  /// The buffers are allocated temporarily to determine their size; `options.workspace` is not used. The size
  /// depends on the instruction set and, if `options.n_threads` is 0 and `options.online` is not set, on the
  /// processors of the machine. Throws the same exceptions as the constructor.
  static std::size_t bytes(const Network<T>& network, const Optimizer& optimizer, std::size_t batch_size,
                           const TrainerOptions& options = {});
  /// Destroy the Trainer, after sync(). The network keeps its parameters.
  ~Trainer();
  /// Move a Trainer. try_step() and sync() of a moved-from Trainer return Status::invalid_argument; nothing
  /// else but destroying or assigning to it is allowed.
  Trainer(Trainer&&) noexcept;
  /// Move a Trainer.
  Trainer& operator=(Trainer&&) noexcept;

  /// Train for one epoch: one pass over all rows of x in mini-batches. Return the mean cost of the examples.
  ///
  /// The cost of each example is computed before the update of its mini-batch. The last mini-batch may be
  /// smaller than the others. The order of the rows depends on the seed and on Network::epochs; rows are not
  /// shuffled if `shuffle` is false or all rows fit into one mini-batch. The epoch is added to
  /// Network::epochs.
  ///
  /// Throws:
  /// - std::invalid_argument for wrong shapes, numbers that are not finite, labels out of range, or a
  ///   network that was trained for kMostCounted epochs; the network is not changed.
  /// - NonFiniteCost if training diverges; the network keeps its last finite parameters.
  /// - Any exception that a custom cost throws; the network keeps the parameters after the last completed
  ///   mini-batch.
  double epoch(const Rows& x, const Targets& y, bool shuffle = true);

  /// Train for one epoch on the rows rows[0..n-1] of x. Return the mean cost of their examples.
  ///
  /// The result is bit-identical to that of an epoch of an x and y that consist of these rows. Throws the
  /// same exceptions, and std::invalid_argument if n is 0 or a row is out of range.
  double epoch(const Rows& x, const Targets& y, const std::uint32_t* rows, std::size_t n,
               bool shuffle = true);

  /// Train on the rows order[0..n-1] of x, a part of an epoch. Return their mean cost.
  ///
  /// The rows are processed in mini-batches of batch_size; the last one may be smaller. Random numbers
  /// (dropout, noise) continue at position(): an epoch has the same result, bit for bit, in one call or in
  /// several parts if all parts but the last consist of complete mini-batches. Call end_epoch() after the
  /// last part. Throws the same exceptions as epoch(), and std::invalid_argument if n is 0 or a row is out of
  /// range.
  double part(const Rows& x, const Targets& y, const std::uint32_t* order, std::size_t n);

  /// Train on `steps` mini-batches, which Privacy::poisson draws from the rows rows[0..n-1] of x.
  ///
  /// Every mini-batch has each row with probability batch_size / n, and may be empty. All rows of x are used
  /// if `rows` is null. position() advances by batch_size for every step, up to n, after which end_epoch()
  /// must be called; epoch() makes the ceil(n / batch_size) steps of one epoch. Returns the sum of the costs
  /// divided by the expected number of rows. Throws the same exceptions as part(), and std::invalid_argument
  /// without Privacy::poisson, if n is less than batch_size, or if `steps` is 0 or exceeds the epoch.
  double draw(const Rows& x, const Targets& y, const std::uint32_t* rows, std::size_t n, std::size_t steps);

  /// Train on one mini-batch, which consists of all rows of x, at most batch_size. Return their mean cost.
  ///
  /// Otherwise it behaves like part().
  double step(const Rows& x, const Targets& y);

  /// Train on one mini-batch like step(), but return a Status instead of throwing an exception.
  ///
  /// If `cost` is not null, it is set to the mean cost. With one thread, no memory is allocated, no lock is
  /// taken, and the system is not called, unless a function of the caller (a custom cost, a schedule) does
  /// so or the network standardizes: a step that reads its standardization takes a lock; online, only the
  /// first one after sync() does. x and y can be a MatrixView.
  ///
  /// Any status but Status::ok leaves parameters and optimizer as they were before the call:
  /// - Status::invalid_argument: a wrong shape, too many rows, or a network that does not fit the Trainer.
  /// - Status::bad_example: a number that is not finite, or a target or label out of range.
  /// - Status::not_finite: the cost is not finite or, unless TrainerOptions::online is set, a parameter or
  ///   the optimizer's state would not be finite after the step. Online, these are only checked by sync().
  /// - Status::failed, Status::out_of_memory: an exception of a function of the caller.
  Status try_step(const Rows& x, const Targets& y, double* cost = nullptr) noexcept;

  /// Copy the parameters to the network after online training.
  ///
  /// If a parameter or the optimizer's state is not finite, the network is not changed, and
  /// Status::not_finite is returned; undo() then returns to the last finite state. Returns
  /// Status::invalid_argument if the network has been destroyed or replaced. Otherwise, and if there is
  /// nothing to copy, returns Status::ok.
  Status sync() noexcept;

  /// Discard all steps of online training since the last sync(): the parameters, which are then those of the
  /// network, the optimizer's state, and position().
  void undo() noexcept;

  /// End an epoch of part() or step() calls: add it to Network::epochs and set position() to 0.
  ///
  /// During online training it calls sync() first, and throws NonFiniteCost if that fails.
  void end_epoch();

  /// Number of rows of the current epoch that part(), step() or an epoch() that ended early has trained on.
  std::size_t position() const;

  /// Return the state of training, from which another Trainer can resume.
  ///
  /// After online training it calls sync() first, so that the parameters of the network belong to the state,
  /// and throws NonFiniteCost if that fails.
  TrainerState<T> state() const;
  /// Resume from a state.
  ///
  /// Throws std::invalid_argument if the state belongs to another update rule or network, an array contains
  /// a number that is not finite or a negative mean square or step size, or a count is above kMostCounted.
  void set_state(const TrainerState<T>& state);

  /// Set schedules: the learning rate of mini-batch `step` is learning_rate(step) times the optimizer's, and
  /// so on. They replace all schedules set before.
  ///
  /// Steps are counted from 0, beginning with the next mini-batch. To resume a schedule after set_state(),
  /// add the number of earlier mini-batches to `step` in its function. Throws std::invalid_argument if there
  /// is no dropout, weight decay or label smoothing for a schedule to vary; then nothing changes. During
  /// online training it calls sync() first, and throws NonFiniteCost if that fails.
  void set_schedules(Schedules schedules);
  /// Set a learning rate schedule and no others; an empty function removes all schedules.
  void set_schedule(Schedules::Factor learning_rate) { set_schedules({std::move(learning_rate)}); }

  /// Mean cost of each mini-batch that the last call of epoch(), part() or step() completed, even if it
  /// threw.
  ///
  /// Empty if that call rejected its arguments.
  const std::vector<double>& step_costs() const;

  /// Return `start` plus the sum of the costs of the examples that the last call trained on, even if it
  /// threw.
  ///
  /// The costs are added mini-batch by mini-batch. If the sum of the previous parts of an epoch is
  /// passed as `start`, the result is bit-identical to that of one call for the whole epoch.
  double cost_sum(double start = 0) const;

  /// Return the diagnostics of the current epoch so far or, after its end, of that epoch, also after an
  /// exception. Without TrainerOptions::diagnostics, all of it is empty.
  Diagnostics diagnostics() const;

  /// Set an array to which training writes the outputs a^L of each example, or null to write none.
  ///
  /// The outputs are those computed before the update of the example's mini-batch. They are written to
  /// out[row * m_L ..], where `row` is the index in x. If a row occurs several times in an order, any of its
  /// outputs, or a mixture of them, is written. After an exception, some outputs of an unfinished mini-batch
  /// may have been written.
  void record_outputs(T* out);

  /// Set a function that can interrupt training, or an empty function.
  ///
  /// It is called between mini-batches, and within those that fit slopes, about every 20 ms, on the thread
  /// that called the Trainer. If it returns true, training stops, mini-batches that are not finished have no
  /// effect, and Interrupted is thrown; position() is the number of rows trained on. It must not throw.
  void set_interrupt(std::function<bool()> interrupt);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#if LOCALGRAD_HAS_FLOAT
extern template class Trainer<float>;
#endif
#if LOCALGRAD_HAS_DOUBLE
extern template class Trainer<double>;
#endif

}  // namespace localgrad
