// Networks as files: joins model and io, which know nothing of each other. The format is described at Network::save.

#include <stdexcept>

#include "io/file.hpp"
#include "io/json.hpp"
#include "io/safetensors.hpp"
#include "localgrad/network.hpp"
#include "model/names.hpp"

namespace localgrad {
namespace {

constexpr const char* kFormatKey = "localgrad";
constexpr const char* kFormat = "1";  // of the metadata; raised when an older reader could misread it

template <class T>
constexpr const char* type_name() {
  return sizeof(T) == 4 ? "float32" : "float64";
}

template <class T>
std::string describe(const Network<T>& network) {
  io::Json::Array sizes, activation, dropout;
  for (const auto size : network.sizes()) sizes.emplace_back(std::uint64_t{size});
  for (const auto& name : network.options().activation) activation.emplace_back(name);
  for (const double rate : network.options().dropout) dropout.emplace_back(rate);
  return io::to_json(io::Json::Object{{"sizes", sizes},
                                      {"activation", activation},
                                      {"output", network.options().output},
                                      {"cost", network.options().cost},
                                      {"init", network.options().init},
                                      {"dropout", dropout},
                                      {"input_dropout", network.options().input_dropout},
                                      {"input_noise", network.options().input_noise},
                                      {"seed", network.options().seed},
                                      {"epochs", network.epochs()},
                                      {"dtype", type_name<T>()}});
}

io::Json read_description(const io::Archive& archive) {
  const auto& metadata = archive.metadata();
  const auto format = metadata.find(kFormatKey), text = metadata.find("architecture");
  if (format == metadata.end() || text == metadata.end())
    throw std::invalid_argument(
        "not a localgrad network: the file's metadata has no 'localgrad' and 'architecture'");
  if (format->second != kFormat)
    throw std::invalid_argument("expected a localgrad file of format " + std::string(kFormat) + ", got '" +
                                format->second + "'");
  return io::parse_json(text->second);
}

Scalar type_of(const io::Json& description) {
  const auto& name = description.at("dtype").as_string();
  if (name == "float32") return Scalar::float32;
  if (name == "float64") return Scalar::float64;
  throw std::invalid_argument("dtype: expected 'float32' or 'float64', got '" + name + "'");
}

/// The tensors that a network of these sizes has, checked against the file before anything is allocated for them.
template <class T>
std::vector<const io::Tensor*> find_tensors(const io::Archive& archive,
                                            const std::vector<std::size_t>& sizes) {
  std::vector<const io::Tensor*> found;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    const std::pair<std::string, std::vector<std::size_t>> wanted[] = {
        {"weights." + std::to_string(i), {sizes[i + 1], sizes[i]}},
        {"biases." + std::to_string(i), {sizes[i + 1]}}};
    for (const auto& [name, shape] : wanted) {
      const auto& tensor = archive.at(name);
      if (tensor.shape != shape || tensor.dtype != io::dtype_of<T>())
        throw std::invalid_argument(name + ": expected " + io::dtype_name(io::dtype_of<T>()) + " of shape " +
                                    io::shape_text(shape) + ", got " + io::dtype_name(tensor.dtype) +
                                    " of shape " + io::shape_text(tensor.shape));
      found.push_back(&tensor);
    }
  }
  if (found.size() != archive.tensors().size())
    throw std::invalid_argument("expected " + std::to_string(found.size()) + " tensors, got " +
                                std::to_string(archive.tensors().size()));
  return found;
}

/// Dropout and noise, which older files do not name.
void read_noise(const io::Json& description, Options& options) {
  const auto number = [&](const char* key, double& value) {
    if (const auto* found = description.find(key)) value = found->as_double();
  };
  number("input_dropout", options.input_dropout);
  number("input_noise", options.input_noise);
  const auto* rates = description.find("dropout");
  if (!rates) return;
  options.dropout.clear();
  for (const auto& rate : rates->as_array()) options.dropout.push_back(rate.as_double());
}

/// to (columns, rows) = from (rows, columns), both row-major; `from` may have any alignment.
template <class T>
void copy_transposed(std::size_t rows, std::size_t columns, const unsigned char* from, T* to) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      __builtin_memcpy(to + c * rows + r, from + (r * columns + c) * sizeof(T), sizeof(T));
}

}  // namespace

template <class T>
void Network<T>::save(const std::string& path) const {
  std::vector<std::vector<T>> transposed;
  std::vector<io::Tensor> tensors;
  for (std::size_t i = 0; i + 1 < sizes_.size(); ++i) {
    const std::size_t fan_in = sizes_[i], fan_out = sizes_[i + 1];
    transposed.emplace_back(fan_in * fan_out);
    copy_transposed(fan_in, fan_out, reinterpret_cast<const unsigned char*>(weights(i)),
                    transposed.back().data());
    const auto add = [&](const char* name, std::vector<std::size_t> shape, const T* data, std::size_t count) {
      tensors.push_back({name + std::to_string(i), io::dtype_of<T>(), std::move(shape),
                         reinterpret_cast<const unsigned char*>(data), count * sizeof(T)});
    };
    add("weights.", {fan_out, fan_in}, transposed.back().data(), fan_in * fan_out);
    add("biases.", {fan_out}, biases(i), fan_out);
  }
  io::save(path, tensors, {{kFormatKey, kFormat}, {"architecture", describe(*this)}});
}

template <class T>
Network<T> Network<T>::load(const std::string& path) {
  const io::Archive archive(io::read_file(path));
  const io::Json description = read_description(archive);
  if (type_of(description) != (sizeof(T) == 4 ? Scalar::float32 : Scalar::float64))
    throw std::invalid_argument(std::string("dtype: expected '") + type_name<T>() + "', got '" +
                                description.at("dtype").as_string() + "'");
  std::vector<std::size_t> sizes;
  for (const auto& size : description.at("sizes").as_array()) sizes.push_back(size.as_uint64());
  const auto tensors = find_tensors<T>(archive, sizes);

  Options options;
  options.activation.clear();
  for (const auto& name : description.at("activation").as_array())
    options.activation.push_back(name.as_string());
  options.output = description.at("output").as_string();
  options.cost = description.at("cost").as_string();
  options.seed = description.at("seed").as_uint64();
  read_noise(description, options);
  options.init = "zeros";  // nothing is drawn for parameters that the file brings
  Network network(sizes, options);
  check_init(description.at("init").as_string());
  network.options_.init = description.at("init").as_string();
  network.epochs_ = description.at("epochs").as_uint64();
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    copy_transposed(sizes[i + 1], sizes[i], tensors[2 * i]->data, network.weights(i));
    if (tensors[2 * i + 1]->bytes > 0)
      __builtin_memcpy(network.biases(i), tensors[2 * i + 1]->data, tensors[2 * i + 1]->bytes);
  }
  return network;
}

Scalar saved_type(const std::string& path) {
  return type_of(read_description(io::Archive(io::read_file(path))));
}

template void Network<float>::save(const std::string&) const;
template void Network<double>::save(const std::string&) const;
template Network<float> Network<float>::load(const std::string&);
template Network<double> Network<double>::load(const std::string&);

}  // namespace localgrad
