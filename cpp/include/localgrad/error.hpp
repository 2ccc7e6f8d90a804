#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>

namespace localgrad {

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

/// The interrupt of a Trainer asked for an end.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("training was interrupted") {}
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
