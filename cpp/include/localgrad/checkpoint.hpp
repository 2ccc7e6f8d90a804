#pragma once

#include <map>
#include <string>
#include <vector>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/trainer.hpp"

namespace localgrad {

/// A saved training run: the network, the state of its Trainer, and notes and arrays of the caller.
///
///     localgrad::save_checkpoint("run.safetensors", net, trainer.state());
///
///     auto saved = localgrad::load_checkpoint<float>("run.safetensors");
///     localgrad::Trainer<float> resumed(saved.network, localgrad::Adam{}, 32);
///     resumed.set_state(saved.trainer);  // resumes, bit-identical to an uninterrupted run
template <class T>
struct LOCALGRAD_API Checkpoint {
  /// The network.
  Network<T> network;
  /// State of the Trainer.
  TrainerState<T> trainer;
  /// Notes of the caller, by name.
  std::map<std::string, std::string> notes;
  /// Arrays of the caller, by name.
  std::map<std::string, std::vector<T>> arrays;
};

/// Save a training run to a .safetensors file.
///
/// In addition to the contents written by Network::save, the file has the tensors optimizer.i
/// (num_parameters,) and arrays.NAME (n,), and diagnostics (n,) if there are any; its metadata contains
/// "trainer" and "notes" as JSON. Network::load can read the network from it. The file is replaced
/// atomically. Numbers that are not finite are saved unchanged; Trainer::set_state checks them.
///
/// Throws std::system_error if the file cannot be written. Throws std::invalid_argument if an array of the
/// trainer does not have num_parameters numbers, its mu_product is not finite, a string is not valid UTF-8,
/// there are more than 4,194,303 notes, or the header of the file would exceed 100 MB. The header contains
/// the names of all tensors and the notes. The notes are JSON inside a JSON string, so a quotation mark or
/// backslash takes 4 bytes and a control character up to 7.
template <class T>
LOCALGRAD_API void save_checkpoint(const std::string& path, const Network<T>& network,
                                   const TrainerState<T>& trainer,
                                   const std::map<std::string, std::string>& notes = {},
                                   const std::map<std::string, std::vector<T>>& arrays = {});

/// Load a training run from a file written by save_checkpoint().
///
/// Throws std::system_error if the file cannot be read, and std::invalid_argument if it is not a checkpoint
/// or its element type is not T (see saved_type()).
template <class T>
LOCALGRAD_API Checkpoint<T> load_checkpoint(const std::string& path);

/// Save a training run to memory: the contents of the file that the other overload writes.
///
/// Return the size of the file in bytes. If `memory` is null, nothing is written. Throws
/// std::invalid_argument if the file does not fit into `bytes` bytes, and the other exceptions of the
/// overload for files; nothing is written then.
template <class T>
LOCALGRAD_API std::size_t save_checkpoint(void* memory, std::size_t bytes, const Network<T>& network,
                                          const TrainerState<T>& trainer,
                                          const std::map<std::string, std::string>& notes = {},
                                          const std::map<std::string, std::vector<T>>& arrays = {});

/// Return the contents of the file that save_checkpoint() writes.
template <class T>
LOCALGRAD_API std::vector<unsigned char> serialize_checkpoint(
    const Network<T>& network, const TrainerState<T>& trainer,
    const std::map<std::string, std::string>& notes = {},
    const std::map<std::string, std::vector<T>>& arrays = {});

/// Load a training run from the contents of a file in memory, with the same checks as for a file.
template <class T>
LOCALGRAD_API Checkpoint<T> load_checkpoint(const void* data, std::size_t bytes);

}  // namespace localgrad
