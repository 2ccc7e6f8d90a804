#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "io/json.hpp"
#include "io/safetensors.hpp"
#include "localgrad/checkpoint.hpp"
#include "localgrad/network.hpp"

// The common part of network files and checkpoint files: their tensors and metadata.
namespace localgrad {

inline constexpr const char* kTrainerKey = "trainer";  // key of the metadata that only checkpoints have

template <class T>
constexpr Scalar scalar_type() {
  return sizeof(T) == 4 ? Scalar::float32 : Scalar::float64;
}

/// The contents of a network file or a checkpoint file. The tensors point into the arguments, `transposed`
/// and `standardization`.
template <class T>
struct FileParts {
  explicit FileParts(const Network<T>& network);
  FileParts(const Network<T>& network, const TrainerState<T>& trainer,
            const std::map<std::string, std::string>& notes,
            const std::map<std::string, std::vector<T>>& arrays);
  FileParts(const FileParts&) = delete;
  FileParts& operator=(const FileParts&) = delete;
  std::vector<std::vector<T>> transposed;
  std::vector<io::Tensor> tensors;
  io::Metadata metadata;
  Standardization standardization;
};

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

#if LOCALGRAD_HAS_FLOAT && LOCALGRAD_HAS_DOUBLE
/// Loads a network with the element type of the file. Throws the exceptions of Network::load.
std::variant<Network<float>, Network<double>> load_any_network(const std::string& path);
#endif

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

#if LOCALGRAD_HAS_FLOAT && LOCALGRAD_HAS_DOUBLE
/// Loads a checkpoint with the element type of the file. Throws the exceptions of load_checkpoint.
std::variant<Checkpoint<float>, Checkpoint<double>> load_any_checkpoint(const std::string& path);
#endif

}  // namespace localgrad
