#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "io/json.hpp"
#include "io/safetensors.hpp"
#include "localgrad/checkpoint.hpp"
#include "localgrad/network.hpp"

// What the files of networks and of checkpoints share: the tensors and the metadata that they are made of.
namespace localgrad {

inline constexpr const char* kTrainerKey = "trainer";  // of the metadata; a file that has it is a checkpoint

template <class T>
constexpr Scalar scalar_type() {
  return sizeof(T) == 4 ? Scalar::float32 : Scalar::float64;
}

/// A network as a file holds it, or a checkpoint. The tensors point into the arguments and into `transposed`.
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
};

/// Numbers of this shape as a tensor that points to them.
template <class T>
io::Tensor tensor_from(std::string name, std::vector<std::size_t> shape, const T* numbers) {
  const std::size_t bytes = io::byte_count(io::dtype_of<T>(), shape);
  const auto* data = reinterpret_cast<const unsigned char*>(numbers);
  return {std::move(name), io::dtype_of<T>(), std::move(shape), data, bytes};
}

/// The architecture that the metadata holds. Throws std::invalid_argument if the file is not localgrad's.
io::Json read_description(const io::Archive& archive);

/// The element type that it names.
Scalar type_of(const io::Json& description);

/// The tensor of that name. Throws std::invalid_argument unless it has this shape and numbers of type T.
template <class T>
const io::Tensor& tensor_of(const io::Archive& archive, const std::string& name,
                            const std::vector<std::size_t>& shape);

/// The network in a file, also of a checkpoint. Throws std::invalid_argument for anything but what was
/// written. Nothing is allocated for sizes that the tensors do not prove: with the archive, memory stays
/// below 50 times the file's size.
template <class T>
Network<T> read_network(const io::Archive& archive);

/// The network in the file, of the type that the file names. Throws as Network::load does.
std::variant<Network<float>, Network<double>> load_any_network(const std::string& path);

/// A checkpoint's contents beside its network of so many parameters. `trainer` has as many arrays as the
/// file, all empty.
template <class T>
struct TrainerParts {
  TrainerParts(const io::Archive& archive, std::size_t num_parameters);
  TrainerState<T> trainer;
  std::vector<const io::Tensor*> states;  ///< as many as trainer.arrays
  std::vector<const io::Tensor*> arrays;  ///< under their full names
};

/// The checkpoint in a file, with the same care.
template <class T>
Checkpoint<T> read_checkpoint(const io::Archive& archive);

/// The checkpoint in the file, of the type that the file names. Throws as load_checkpoint does.
std::variant<Checkpoint<float>, Checkpoint<double>> load_any_checkpoint(const std::string& path);

}  // namespace localgrad
