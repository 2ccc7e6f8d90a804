#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

#include "localgrad/export.h"

namespace localgrad {

/// Thrown for an invalid example: a number that is not finite, a target or label out of range, or an invalid
/// sample weight.
///
/// The message is "ARGUMENT REASON at row ROW, column COLUMN". Labels and weights have no column.
class LOCALGRAD_API BadExample : public std::invalid_argument {
 public:
  /// Construct the error for row `row` of the array `argument`. `reason` describes the problem, as returned
  /// by reason().
  BadExample(const std::string& argument, std::size_t row, const std::string& reason,
             std::optional<std::size_t> column = std::nullopt)
      : std::invalid_argument(argument + " " + reason + " at row " + std::to_string(row) +
                              (column ? ", column " + std::to_string(*column) : "")),
        argument_(argument),
        reason_(reason),
        row_(row),
        column_(column) {}
  /// Name of the array, as in Rows::name or Targets::name.
  const std::string& argument() const { return argument_; }
  /// Description of the problem, for example "must be finite, got nan".
  const std::string& reason() const { return reason_; }
  /// Row of the array, counted from 0.
  std::size_t row() const { return row_; }
  /// Column of the array, counted from 0; empty for labels and weights.
  std::optional<std::size_t> column() const { return column_; }

 private:
  std::string argument_, reason_;
  std::size_t row_;
  std::optional<std::size_t> column_;
};

/// Thrown when training diverges: the cost, a parameter or the optimizer's state became infinite or NaN.
class LOCALGRAD_API NonFiniteCost : public std::runtime_error {
 public:
  /// Construct the error for mini-batch `batch` of epoch `epoch`, both counted from 1.
  NonFiniteCost(const std::string& message, std::uint64_t epoch, std::size_t batch)
      : std::runtime_error(message), epoch_(epoch), batch_(batch) {}
  /// Epoch in which training diverged, counted from 1, including the epochs of earlier training runs.
  std::uint64_t epoch() const { return epoch_; }
  /// Mini-batch of that epoch, counted from 1.
  std::size_t batch() const { return batch_; }

 private:
  std::uint64_t epoch_;
  std::size_t batch_;
};

/// Thrown when the interrupt function of a Trainer or of evaluate() returns true.
class LOCALGRAD_API Interrupted : public std::runtime_error {
 public:
  /// Construct the error, with the message "the call was interrupted".
  Interrupted() : std::runtime_error("the call was interrupted") {}
};

/// Thrown when an allocation fails or needs more memory than the machine has.
///
/// The message names the object that does not fit into memory.
class LOCALGRAD_API OutOfMemory : public std::bad_alloc {
 public:
  /// Construct the error with this message.
  explicit OutOfMemory(std::string message) : message_(std::move(message)) {}
  /// The message.
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

}  // namespace localgrad
