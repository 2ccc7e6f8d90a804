#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

namespace localgrad {

/// An example that a call refuses: a number that is not finite, a target or label out of range, a bad weight.
/// what() is "<argument> <reason> at row <row>, column <column>"; labels and weights have no column.
class BadExample : public std::invalid_argument {
 public:
  BadExample(const std::string& argument, std::size_t row, const std::string& reason,
             std::optional<std::size_t> column = std::nullopt)
      : std::invalid_argument(argument + " " + reason + " at row " + std::to_string(row) +
                              (column ? ", column " + std::to_string(*column) : "")),
        argument_(argument),
        reason_(reason),
        row_(row),
        column_(column) {}
  /// What the call names the array, as in Rows::name.
  const std::string& argument() const { return argument_; }
  /// Such as "must be finite, got nan".
  const std::string& reason() const { return reason_; }
  /// From 0.
  std::size_t row() const { return row_; }
  std::optional<std::size_t> column() const { return column_; }

 private:
  std::string argument_, reason_;
  std::size_t row_;
  std::optional<std::size_t> column_;
};

/// The cost or a parameter became infinite or not a number during training.
class NonFiniteCost : public std::runtime_error {
 public:
  NonFiniteCost(const std::string& message, std::uint64_t epoch, std::size_t batch)
      : std::runtime_error(message), epoch_(epoch), batch_(batch) {}
  /// Both counted from 1; the epoch as the network counts them.
  std::uint64_t epoch() const { return epoch_; }
  std::size_t batch() const { return batch_; }

 private:
  std::uint64_t epoch_;
  std::size_t batch_;
};

/// The interrupt of a Trainer or of Network::evaluate asked for an end.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("the call was interrupted") {}
};

/// More memory was asked for than the machine has; says how much and what for.
class OutOfMemory : public std::bad_alloc {
 public:
  explicit OutOfMemory(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

}  // namespace localgrad
