// The contents of checkpoints, in memory: a network file with the state of training.

#include <stdexcept>
#include <string_view>

#include "files/network_file.hpp"
#include "localgrad/checkpoint.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

constexpr const char* kNotesKey = "notes";
constexpr const char* kDiagnostics = "diagnostics";
constexpr std::string_view kArrays = "arrays.";

std::string state_name(std::size_t i) { return "optimizer." + std::to_string(i); }

bool is_array(const io::Tensor& tensor) {
  return std::string_view(tensor.name).substr(0, kArrays.size()) == kArrays;
}

/// Copies the numbers of a tensor, which may be unaligned.
template <class T>
std::vector<T> numbers_of(const io::Tensor& tensor) {
  std::vector<T> numbers(tensor.bytes / sizeof(T));
  if (tensor.bytes > 0) __builtin_memcpy(numbers.data(), tensor.data, tensor.bytes);
  return numbers;
}

template <class T>
std::string describe(const TrainerState<T>& trainer) {
  return io::to_json(io::Json::Object{{"rule", trainer.rule},
                                      {"t", trainer.t},
                                      {"mu_product", trainer.mu_product},
                                      {"position", trainer.position},
                                      {"arrays", std::uint64_t{trainer.arrays.size()}}});
}

std::string describe(const std::map<std::string, std::string>& notes) {
  io::Json::Object members;
  for (const auto& [name, text] : notes) members.push_back({name, text});
  return io::to_json(members);
}

}  // namespace

template <class T>
TrainerParts<T>::TrainerParts(const io::Archive& archive, std::size_t num_parameters) {
  const auto text = archive.metadata().find(kTrainerKey);
  if (text == archive.metadata().end())
    throw std::invalid_argument("the file contains a network, but no state of training to resume from");
  const io::Json description = io::parse_json(text->second);
  trainer.rule = description.at("rule").as_string();
  trainer.t = description.at("t").as_uint64();
  trainer.mu_product = description.at("mu_product").as_double();
  trainer.position = description.at("position").as_uint64();
  const std::uint64_t count = description.at("arrays").as_uint64();
  for (std::uint64_t i = 0; i < count; ++i)
    states.push_back(&tensor_of<T>(archive, state_name(i), {num_parameters}));
  for (const auto& tensor : archive.tensors()) {
    if (tensor.name == kDiagnostics) {
      if (tensor.dtype != io::dtype_of<double>() || tensor.shape.size() != 1)
        refuse(kDiagnostics, ": expected F64 with 1 dimension, got ", io::dtype_name(tensor.dtype),
               " of shape ", io::shape_text(tensor.shape));
      trainer.diagnostics = numbers_of<double>(tensor);
    }
    if (is_array(tensor)) arrays.push_back(&tensor_of<T>(archive, tensor.name, {tensor.bytes / sizeof(T)}));
  }
}

template <class T>
Checkpoint<T> read_checkpoint(const io::Archive& archive) {
  Checkpoint<T> checkpoint{read_network<T>(archive), {}, {}, {}};
  TrainerParts<T> parts(archive, checkpoint.network.num_parameters());
  checkpoint.trainer = std::move(parts.trainer);
  for (const auto* state : parts.states) checkpoint.trainer.arrays.push_back(numbers_of<T>(*state));
  for (const auto* array : parts.arrays)
    checkpoint.arrays.emplace(array->name.substr(kArrays.size()), numbers_of<T>(*array));
  const auto notes = archive.metadata().find(kNotesKey);
  if (notes == archive.metadata().end()) throw std::invalid_argument("the file's metadata must have 'notes'");
  const io::Json members = io::parse_json(notes->second);
  for (const auto& [name, text] : members.as_object()) checkpoint.notes.emplace(name, text.as_string());
  return checkpoint;
}

template <class T>
FileParts<T>::FileParts(const Network<T>& network, const TrainerState<T>& trainer,
                        const std::map<std::string, std::string>& notes,
                        const std::map<std::string, std::vector<T>>& arrays, Wanted wanted)
    : FileParts(network, wanted) {
  for (std::size_t i = 0; i < trainer.arrays.size(); ++i) {
    if (trainer.arrays[i].size() != network.num_parameters())
      refuse("array ", i, " of the trainer must have ", network.num_parameters(), " numbers, got ",
             trainer.arrays[i].size());
    tensors.push_back(tensor_from(state_name(i), {network.num_parameters()}, trainer.arrays[i].data()));
  }
  if (const auto& sums = trainer.diagnostics; !sums.empty())
    tensors.push_back(tensor_from(kDiagnostics, {sums.size()}, sums.data()));
  for (const auto& [name, numbers] : arrays)
    tensors.push_back(tensor_from(std::string(kArrays) + name, {numbers.size()}, numbers.data()));
  metadata[kTrainerKey] = describe(trainer);
  metadata[kNotesKey] = describe(notes);
}

#if LOCALGRAD_HAS_FLOAT && LOCALGRAD_HAS_DOUBLE
AnyCheckpoint read_any_checkpoint(const io::Archive& archive) {
  if (type_of(read_description(archive)) == Scalar::float64) return read_checkpoint<double>(archive);
  return read_checkpoint<float>(archive);
}
#endif

template <class T>
std::size_t save_checkpoint(void* memory, std::size_t bytes, const Network<T>& network,
                            const TrainerState<T>& trainer, const std::map<std::string, std::string>& notes,
                            const std::map<std::string, std::vector<T>>& arrays) {
  const DefaultFloatMode mode;
  return write_to(memory, bytes,
                  [&](Wanted wanted) { return FileParts<T>(network, trainer, notes, arrays, wanted); });
}

template <class T>
std::vector<unsigned char> serialize_checkpoint(const Network<T>& network, const TrainerState<T>& trainer,
                                                const std::map<std::string, std::string>& notes,
                                                const std::map<std::string, std::vector<T>>& arrays) {
  const DefaultFloatMode mode;
  const FileParts<T> parts(network, trainer, notes, arrays);
  return io::serialize(parts.tensors, parts.metadata);
}

template <class T>
Checkpoint<T> load_checkpoint(const void* data, std::size_t bytes) {
  const DefaultFloatMode mode;
  return read_checkpoint<T>(archive_of(data, bytes));
}

#define LOCALGRAD_FOR(T)                                                                                  \
  template FileParts<T>::FileParts(const Network<T>&, const TrainerState<T>&,                             \
                                   const std::map<std::string, std::string>&,                             \
                                   const std::map<std::string, std::vector<T>>&, Wanted);                 \
  template struct TrainerParts<T>;                                                                        \
  template Checkpoint<T> read_checkpoint(const io::Archive&);                                             \
  template std::size_t save_checkpoint(void*, std::size_t, const Network<T>&, const TrainerState<T>&,     \
                                       const std::map<std::string, std::string>&,                         \
                                       const std::map<std::string, std::vector<T>>&);                     \
  template std::vector<unsigned char> serialize_checkpoint(const Network<T>&, const TrainerState<T>&,     \
                                                           const std::map<std::string, std::string>&,     \
                                                           const std::map<std::string, std::vector<T>>&); \
  template Checkpoint<T> load_checkpoint(const void*, std::size_t);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
