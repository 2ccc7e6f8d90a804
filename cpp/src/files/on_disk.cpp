// Saving and loading files by their paths. Everything else about files works in memory.

#include "files/network_file.hpp"
#include "io/file.hpp"
#include "model/float_mode.hpp"

namespace localgrad {
namespace {

template <class T>
void write_file(const std::string& path, const FileParts<T>& parts) {
  const io::Contents contents(parts.tensors, parts.metadata);
  io::replace_file(path, contents.pieces());
}

io::Archive read_archive(const std::string& path) { return io::Archive(io::read_file(path)); }

}  // namespace

template <class T>
void Network<T>::save(const std::string& path) const {
  const DefaultFloatMode mode;
  write_file(path, FileParts<T>(*this));
}

template <class T>
Network<T> Network<T>::load(const std::string& path) {
  const DefaultFloatMode mode;
  return read_network<T>(read_archive(path));
}

AnyNetwork load_any_network(const std::string& path) {
  const DefaultFloatMode mode;
  return read_any_network(read_archive(path));
}

Scalar saved_type(const std::string& path) {
  const DefaultFloatMode mode;
  return type_of(read_description(read_archive(path)));
}

template <class T>
void save_checkpoint(const std::string& path, const Network<T>& network, const TrainerState<T>& trainer,
                     const std::map<std::string, std::string>& notes,
                     const std::map<std::string, std::vector<T>>& arrays) {
  const DefaultFloatMode mode;
  write_file(path, FileParts<T>(network, trainer, notes, arrays));
}

template <class T>
Checkpoint<T> load_checkpoint(const std::string& path) {
  const DefaultFloatMode mode;
  return read_checkpoint<T>(read_archive(path));
}

AnyCheckpoint load_any_checkpoint(const std::string& path) {
  const DefaultFloatMode mode;
  return read_any_checkpoint(read_archive(path));
}

#define LOCALGRAD_FOR(T)                                                                       \
  template void Network<T>::save(const std::string&) const;                                    \
  template Network<T> Network<T>::load(const std::string&);                                    \
  template void save_checkpoint(const std::string&, const Network<T>&, const TrainerState<T>&, \
                                const std::map<std::string, std::string>&,                     \
                                const std::map<std::string, std::vector<T>>&);                 \
  template Checkpoint<T> load_checkpoint(const std::string&);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad
