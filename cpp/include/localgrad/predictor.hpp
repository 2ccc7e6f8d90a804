#pragma once

#include <cstddef>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/status.hpp"
#include "localgrad/view.hpp"

namespace localgrad {

/// Computes the outputs of a network in real time: without allocating memory, waiting for locks, calling the
/// operating system or throwing.
///
///     localgrad::Predictor<float> predictor(net);  // allocates
///     float x[4], y[2];
///     for (;;) {
///       read_sensors(x);
///       predictor.predict({x, 1, 4}, {y, 1, 2});
///       ...
///     }
///
/// A Predictor has a copy of the parameters, in the order in which they are read. It does not refer to the
/// network, which can be trained further or destroyed; update() copies the parameters again. The results are
/// those of localgrad::predict(), bit for bit.
///
/// **Memory.** The constructor allocates bytes() bytes, or uses a Workspace of that size. Nothing else is
/// allocated later. predict() needs less than kStackBytes bytes of the stack.
///
/// **Thread safety.** Use a Predictor from one thread at a time: it has only one set of buffers. Different
/// Predictors are independent, also if they were created from the same network.
///
/// **Moves.** A Predictor can be moved but not copied. A moved-from Predictor can be destroyed or assigned
/// to; its other functions return Status::invalid_argument or 0.
template <class T>
class LOCALGRAD_API Predictor {
 public:
  /// Upper bound of the stack that predict() uses, in an optimized build.
  static constexpr std::size_t kStackBytes = 8192;

  /// Number of bytes of a Predictor for this network. It is the same for all instruction sets.
  ///
  /// Throws std::invalid_argument if max_rows is 0, and OutOfMemory if the number is too large for a
  /// std::size_t.
  static std::size_t bytes(const Network<T>& network, std::size_t max_rows = 1);

  /// Copy the parameters of a network.
  ///
  /// At most `max_rows` rows are computed together; more rows are faster per row, and need more memory.
  /// Throws std::invalid_argument if max_rows is 0 or the workspace is too small, OutOfMemory if memory
  /// could not be allocated.
  explicit Predictor(const Network<T>& network, std::size_t max_rows = 1, Workspace workspace = {});
  /// Move a predictor.
  Predictor(Predictor&& other) noexcept : state_(other.state_) { other.state_ = nullptr; }
  /// Move a predictor; the one that is replaced is destroyed.
  Predictor& operator=(Predictor&& other) noexcept;
  ~Predictor();

  /// Compute the outputs a^L of each row of `in`, any number of them, and write them to `out`.
  ///
  /// `out` must have as many rows as `in` and must not overlap it. The result of a row does not depend on the
  /// other rows. One thread is used. The calling thread's floating-point mode has no effect and is restored,
  /// but its exception flags may be set.
  ///
  /// Returns Status::invalid_argument, without writing to `out`, if the numbers of columns are not inputs()
  /// and outputs(), the numbers of rows differ, a stride is less than the number of columns, or `data` of
  /// rows is null. Returns Status::bad_example if a number is not finite, or is not after it was scaled or
  /// standardized; `out` then has the results of all rows before the first such row, and its other rows are
  /// unchanged. Outputs that are not finite, because parameters are not finite or too large, are no error.
  Status predict(MatrixView<const T> in, MatrixView<T> out) noexcept;

  /// Copy the parameters, the input scales and the standardization of the network again, after they changed.
  ///
  /// It must be the network from which the Predictor was created, or one with the same sizes, activations and
  /// options; otherwise, Status::invalid_argument is returned and nothing changes. It does not allocate
  /// memory. A network with Options::standardize may cause it to lock a mutex and to free the memory of the
  /// previous standardization.
  Status update(const Network<T>& network) noexcept;

  /// Largest number of rows that are computed together.
  std::size_t max_rows() const noexcept;
  /// Number of inputs, m_1.
  std::size_t inputs() const noexcept;
  /// Number of outputs, m_L.
  std::size_t outputs() const noexcept;

 private:
  struct State;
  State* state_ = nullptr;  // in the workspace or the memory that was allocated
};

extern template class Predictor<float>;
extern template class Predictor<double>;

}  // namespace localgrad
