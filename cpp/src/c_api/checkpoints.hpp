#pragma once

#include <algorithm>
#include <string>

#include "c_api/objects.hpp"
#include "localgrad/checkpoint.hpp"

namespace localgrad::c_api {

/// Throws std::invalid_argument unless the networks have the same sizes and options, other than the seed.
template <class T>
void check_same_architecture(const Network<T>& network, const Network<T>& saved) {
  bool same = network.sizes() == saved.sizes();
  std::string different = "sizes";
  if (same)
    each_option(network.options(), [&](const char* name, const auto& option, auto...) {
      if (!same || name == std::string_view("seed") || name == std::string_view("init_given")) return;
      each_option(saved.options(), [&](const char* other, const auto& value, auto...) {
        if constexpr (std::is_same_v<decltype(option), decltype(value)>)
          if (name == std::string_view(other) && !(option == value)) same = false;
      });
      if (!same) different = name;
    });
  if (!same) refuse("the checkpoint must have the architecture of the network, got other ", different);
}

/// Copies a checkpoint to a network and its trainer. After an exception, nothing has changed.
template <class T>
void restore(Training<T>& training, const Checkpoint<T>& checkpoint) {
  Network<T>& network = training.network;
  const Network<T>& saved = checkpoint.network;
  check_same_architecture(network, saved);
  // What can fail comes first.
  auto names = saved.feature_names(), old_names = network.feature_names();
  auto standardization = saved.standardization(), old_standardization = network.standardization();
  network.set_feature_names(std::move(names));
  try {
    network.set_standardization(std::move(standardization));
    training.trainer.set_state(checkpoint.trainer);
  } catch (...) {
    network.set_feature_names(std::move(old_names));
    network.set_standardization(std::move(old_standardization));
    throw;
  }
  std::copy_n(saved.parameters(), saved.num_parameters(), network.parameters());
  network.set_epochs(saved.epochs());
  network.set_seed(saved.options().seed);
  network.set_init_given(saved.options().init_given);
}

}  // namespace localgrad::c_api
