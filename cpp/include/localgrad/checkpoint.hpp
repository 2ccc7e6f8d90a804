#pragma once

#include <map>
#include <string>
#include <vector>

#include "localgrad/network.hpp"
#include "localgrad/trainer.hpp"

namespace localgrad {

/// A training that was put aside: the network, what its Trainer remembers, and what else the one who trains wants to find
/// again, as texts and as arrays of numbers under names of their own.
///
///     localgrad::save_checkpoint("run.safetensors", net, trainer.state());
///
///     auto saved = localgrad::load_checkpoint<float>("run.safetensors");
///     localgrad::Trainer<float> again(saved.network, localgrad::Adam{}, 32);
///     again.set_state(saved.trainer);  // and goes on to the bits that the first would have come to
template <class T>
struct Checkpoint {
  Network<T> network;
  TrainerState<T> trainer;
  std::map<std::string, std::string> notes;
  std::map<std::string, std::vector<T>> arrays;
};

/// Writes a checkpoint: the file of Network::save, which Network::load reads as a network, with the tensors optimizer.i
/// (num_parameters,) and arrays.NAME (n,), and "trainer" and "notes" as JSON in its metadata. The file is replaced atomically.
/// Numbers of arrays, the trainer's too, are written as they are, finite or not: it is Trainer::set_state that looks at them.
///
/// Throws std::system_error; std::invalid_argument for arrays of the trainer that do not have num_parameters numbers, a
/// mu_product that is not finite, texts that are not UTF-8, more than 4,194,303 notes, or a header of more than 100 MB. That holds the
/// names of all tensors and the notes, as JSON within JSON: '"' and '\' of a text take 4 bytes, control characters up to 7.
template <class T>
void save_checkpoint(const std::string& path, const Network<T>& network, const TrainerState<T>& trainer,
                     const std::map<std::string, std::string>& notes = {},
                     const std::map<std::string, std::vector<T>>& arrays = {});

/// Reads what save_checkpoint wrote. Throws std::system_error if the file cannot be read, std::invalid_argument if it is no
/// checkpoint or holds another element type than T, which saved_type tells.
template <class T>
Checkpoint<T> load_checkpoint(const std::string& path);

}  // namespace localgrad
