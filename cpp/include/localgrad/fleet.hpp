#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <vector>

#include "localgrad/export.h"
#include "localgrad/rows.hpp"
#include "localgrad/trainer.hpp"

namespace localgrad {

/// One network of a fleet: what it is trained on, and what train_fleet() returns for it.
template <class T>
struct FleetMember {
  /// Trainer of the network, created with n_threads = 1. No two members may have the same network. The
  /// trainer's own interrupt function is removed.
  Trainer<T>* trainer = nullptr;
  /// Examples, one per row. Members can have views of the same memory, which is only read.
  Rows x;
  /// Targets of the examples.
  Targets y;
  /// The rows of x to train on, as in Trainer::epoch; null for all rows.
  const std::uint32_t* rows = nullptr;
  /// Number of `rows`, if they are not null.
  std::size_t n = 0;
  /// Number of epochs to train.
  std::size_t epochs = 1;
  /// Result: mean cost of each completed epoch.
  std::vector<double> costs = {};
  /// Result: the exception that ended the training of this member early, or null.
  std::exception_ptr failure = nullptr;
};

/// Settings of train_fleet().
struct FleetOptions {
  /// Whether to shuffle the rows in each epoch.
  bool shuffle = true;
  /// Number of threads; if it is 0, the default number, but no more than there are members.
  int n_threads = 0;
  /// Function that can stop the fleet, or an empty function. It is called about every 20 ms, on the thread
  /// that called train_fleet(), and must not throw. With an executor, it is called only while that thread
  /// trains.
  std::function<bool()> interrupt = {};
  /// Function that returns whether an exception of a member stops all members, or an empty function, with
  /// which none does. It is called on the thread that trained the member, and must not throw.
  std::function<bool(const std::exception_ptr&)> is_fatal = {};
};

/// Train several networks at the same time, each of them on one thread at a time.
///
///     std::vector<localgrad::Trainer<float>> trainers;
///     for (auto& net : networks) trainers.emplace_back(net, localgrad::Adam{}, 32, 1);
///     std::vector<localgrad::FleetMember<float>> fleet(trainers.size());
///     for (std::size_t k = 0; k < fleet.size(); ++k) {
///       fleet[k].trainer = &trainers[k];
///       fleet[k].x = x;
///       fleet[k].y = y;
///       fleet[k].epochs = 10;
///     }
///     localgrad::train_fleet(fleet);
///
/// The result of each member is bit-identical to that of `epochs` calls of Trainer::epoch, for any number of
/// threads. For small networks this is much faster than to train one network after the other by several
/// threads, which would wait for each other in each mini-batch. Custom costs and schedules are called on the
/// thread that trains the member, for different members at the same time.
///
/// An exception ends the training of its member only, unless FleetOptions::is_fatal stops all of them. At the
/// end, the exception of the first member that has one is thrown again.
///
/// \throws std::invalid_argument if a trainer is null or belongs to several members, or n_threads is out of
///   range; then nothing is trained.
/// \throws Interrupted if the interrupt function returned true. All members stop after their current
///   mini-batch; Trainer::position is the number of rows of an unfinished epoch.
template <class T>
LOCALGRAD_API void train_fleet(std::vector<FleetMember<T>>& members, const FleetOptions& options = {});

}  // namespace localgrad
