#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "io/json.hpp"
#include "io/safetensors.hpp"
#include "localgrad/checkpoint.hpp"
#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "text/message.hpp"

// The common part of network files and checkpoint files: their tensors and metadata.
namespace localgrad {

inline constexpr const char* kTrainerKey = "trainer";  // key of the metadata that only checkpoints have

template <class T>
constexpr Scalar scalar_type() {
  return sizeof(T) == 4 ? Scalar::float32 : Scalar::float64;
}

/// Whether the contents of a file are written, or only their size is needed.
enum class Wanted { contents, size };

/// The contents of a network file or a checkpoint file. The tensors point into the arguments, `transposed`
/// and `standardization`. If only the size is wanted, the weights are not transposed.
template <class T>
struct FileParts {
  explicit FileParts(const Network<T>& network, Wanted wanted = Wanted::contents);
  FileParts(const Network<T>& network, const TrainerState<T>& trainer,
            const std::map<std::string, std::string>& notes,
            const std::map<std::string, std::vector<T>>& arrays, Wanted wanted = Wanted::contents);
  FileParts(const FileParts&) = delete;
  FileParts& operator=(const FileParts&) = delete;
  std::vector<std::vector<T>> transposed;
  std::vector<io::Tensor> tensors;
  io::Metadata metadata;
  Standardization standardization;
};

/// Writes a file to `bytes` bytes of memory unless `memory` is null, and returns the size of the file. `make`
/// returns its FileParts. Throws std::invalid_argument if the memory is too small.
template <class Make>
std::size_t write_to(void* memory, std::size_t bytes, const Make& make) {
  const auto parts = make(memory ? Wanted::contents : Wanted::size);
  const io::Contents contents(parts.tensors, parts.metadata);
  if (!memory) return contents.size();
  if (bytes < contents.size())
    refuse("bytes must be at least ", contents.size(), ", the size of the file, got ", bytes);
  contents.copy_to(memory);
  return contents.size();
}

/// Returns the file at `data`, which stays where it is. Throws std::invalid_argument if it is invalid.
io::Archive archive_of(const void* data, std::size_t bytes);

/// Returns a tensor of this shape that points to `numbers`.
template <class T>
io::Tensor tensor_from(std::string name, std::vector<std::size_t> shape, const T* numbers) {
  const std::size_t bytes = io::byte_count(io::dtype_of<T>(), shape);
  const auto* data = reinterpret_cast<const unsigned char*>(numbers);
  return {std::move(name), io::dtype_of<T>(), std::move(shape), data, bytes};
}

/// Returns the architecture in the metadata. Throws std::invalid_argument if the file was not written by
/// localgrad.
io::Json read_description(const io::Archive& archive);

/// Returns the element type of an architecture.
Scalar type_of(const io::Json& description);

/// Returns the tensor of that name. Throws std::invalid_argument unless it has this shape and element type
/// T.
template <class T>
const io::Tensor& tensor_of(const io::Archive& archive, const std::string& name,
                            const std::vector<std::size_t>& shape);

/// Returns the network in a network file or checkpoint file. Throws std::invalid_argument if the contents
/// are invalid. Memory is only allocated for sizes that the tensors confirm: with the archive, it is less
/// than 50 times the file's size.
template <class T>
Network<T> read_network(const io::Archive& archive);

/// A network, or a checkpoint, with the element type of its file.
using AnyNetwork = std::variant<Network<float>, Network<double>>;
using AnyCheckpoint = std::variant<Checkpoint<float>, Checkpoint<double>>;

/// Returns the network with the element type of the file. Throws the exceptions of read_network.
AnyNetwork read_any_network(const io::Archive& archive);
/// Loads a network with the element type of the file. Throws the exceptions of Network::load.
LOCALGRAD_API AnyNetwork load_any_network(const std::string& path);

/// The contents of a checkpoint other than its network, which has num_parameters parameters. `trainer` has
/// as many arrays as the file, all of them empty.
template <class T>
struct TrainerParts {
  TrainerParts(const io::Archive& archive, std::size_t num_parameters);
  TrainerState<T> trainer;
  std::vector<const io::Tensor*> states;  ///< one per array of the trainer
  std::vector<const io::Tensor*> arrays;  ///< arrays of the caller, with their full names
};

/// Returns the checkpoint in a file, with the same checks.
template <class T>
Checkpoint<T> read_checkpoint(const io::Archive& archive);

/// Returns the checkpoint with the element type of the file. Throws the exceptions of read_checkpoint.
AnyCheckpoint read_any_checkpoint(const io::Archive& archive);
/// Loads a checkpoint with the element type of the file. Throws the exceptions of load_checkpoint.
LOCALGRAD_API AnyCheckpoint load_any_checkpoint(const std::string& path);

}  // namespace localgrad
