#pragma once

#include <map>
#include <string>
#include <vector>

#include "localgrad/network.hpp"
#include "localgrad/trainer.hpp"

namespace localgrad {

/// A training run that was put aside: the network, its Trainer's state, and notes and arrays of the caller's
/// under names.
///
///     localgrad::save_checkpoint("run.safetensors", net, trainer.state());
///
///     auto saved = localgrad::load_checkpoint<float>("run.safetensors");
///     localgrad::Trainer<float> again(saved.network, localgrad::Adam{}, 32);
///     again.set_state(saved.trainer);  // resumes, bit-identical to an uninterrupted run
template <class T>
struct Checkpoint {
  Network<T> network;
  TrainerState<T> trainer;
  std::map<std::string, std::string> notes;
  std::map<std::string, std::vector<T>> arrays;
};

/// Writes a checkpoint: a file as save() writes it, which load() reads as a network, with the tensors
/// optimizer.i (num_parameters,) and arrays.NAME (n,), and "trainer" and "notes" as JSON in its metadata. The
/// file is replaced atomically. Numbers are written as they are, finite or not: Trainer::set_state checks
/// them.
///
/// Throws std::system_error; std::invalid_argument for arrays of the trainer without num_parameters numbers,
/// a mu_product that is not finite, texts that are not UTF-8, more than 4,194,303 notes, or a header above
/// 100 MB. The header holds the names of all tensors and the notes, as JSON within JSON: '"' and '\' take 4
/// bytes, control characters up to 7.
template <class T>
void save_checkpoint(const std::string& path, const Network<T>& network, const TrainerState<T>& trainer,
                     const std::map<std::string, std::string>& notes = {},
                     const std::map<std::string, std::vector<T>>& arrays = {});

/// Reads what save_checkpoint wrote. Throws std::system_error if the file cannot be read,
/// std::invalid_argument if it is not a checkpoint or its element type is not T (see saved_type).
template <class T>
Checkpoint<T> load_checkpoint(const std::string& path);

}  // namespace localgrad
