// The contents of network files, in memory. This connects model and io, which do not include each other.
// Network::save documents the format.

#include "files/network_file.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string_view>

#include "model/float_mode.hpp"
#include "model/names.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {

namespace {

constexpr const char* kFormatKey = "localgrad";
// Versions of the metadata format. The version is increased if an older reader would misread the file.
// Version 2 has an input_scale other than 1, version 3 input scales or a standardization.
constexpr const char *kFormat = "1", *kScaledFormat = "2", *kLearnedFormat = "3";

template <class T>
constexpr const char* type_name() {
  return sizeof(T) == 4 ? "float32" : "float64";
}

template <class V>
io::Json to_json(const std::vector<V>& values) {
  return io::Json::Array(values.begin(), values.end());
}
template <class V>
io::Json to_json(const V& value) {
  return value;
}

/// Whether an option with InFiles::used differs from its default.
bool is_used(bool value) { return value; }
bool is_used(const std::vector<double>& gains) {
  return std::any_of(gains.begin(), gains.end(), [](double gain) { return gain != 1; });
}
template <class V>
bool is_used(const V&) {
  return true;
}

const char* format_of(const Options& options) {
  if (options.learn_input_scale || options.standardize) return kLearnedFormat;
  return options.input_scale == 1 ? kFormat : kScaledFormat;
}

template <class T>
std::string describe(const Network<T>& network) {
  io::Json::Object description{
      {"sizes", to_json(std::vector<std::uint64_t>(network.sizes().begin(), network.sizes().end()))}};
  each_option(network.options(), [&](const char* name, const auto& option, InFiles files, auto...) {
    if (files != InFiles::used || is_used(option)) description.push_back({name, to_json(option)});
  });
  description.push_back({"epochs", network.epochs()});
  description.push_back({"dtype", type_name<T>()});
  const auto names = network.feature_names();
  if (!names.empty()) description.push_back({"feature_names", to_json(names)});
  return io::to_json(description);
}

constexpr std::string_view kStandard = "standardization.";

/// Calls f(name, numbers) for the vectors of a Standardization.
template <class S, class F>
void each_standard(S& standardization, const F& f) {
  f("input_mean", standardization.input_mean);
  f("input_std", standardization.input_std);
  f("target_mean", standardization.target_mean);
  f("target_std", standardization.target_std);
}

std::vector<const io::Tensor*> standard_tensors(const io::Archive& archive) {
  std::vector<const io::Tensor*> found;
  for (const auto& tensor : archive.tensors())
    if (std::string_view(tensor.name).substr(0, kStandard.size()) == kStandard) found.push_back(&tensor);
  return found;
}

/// Returns the standardization in a file; empty vectors if there is none.
Standardization read_standardization(const io::Archive& archive) {
  Standardization learned;
  std::size_t used = 0;
  const auto found = standard_tensors(archive);
  each_standard(learned, [&](const char* name, std::vector<double>& numbers) {
    for (const auto* tensor : found) {
      if (tensor->name.substr(kStandard.size()) != name) continue;
      numbers.resize(tensor->bytes / sizeof(double));
      tensor_of<double>(archive, tensor->name, {numbers.size()});
      if (!numbers.empty()) __builtin_memcpy(numbers.data(), tensor->data, tensor->bytes);
      ++used;
    }
  });
  if (used != found.size() || (used > 0 && learned.input_mean.empty()))
    refuse("standardization: expected input_mean, input_std and those of targets, got ", found.size(),
           " tensors");
  return learned;
}

/// Returns the tensors of a network of these sizes, after checking them against the file. The last one
/// are the input scales, if the network has them.
template <class T>
std::vector<const io::Tensor*> find_tensors(const io::Archive& archive, const std::vector<std::size_t>& sizes,
                                            bool input_scales) {
  std::vector<const io::Tensor*> found;
  std::size_t num_parameters = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    found.push_back(&tensor_of<T>(archive, "weights." + std::to_string(i), {sizes[i + 1], sizes[i]}));
    found.push_back(&tensor_of<T>(archive, "biases." + std::to_string(i), {sizes[i + 1]}));
  }
  if (input_scales && !sizes.empty())
    found.push_back(&tensor_of<T>(archive, "input_scales", {sizes.front()}));
  for (const io::Tensor* tensor : found) num_parameters += tensor->bytes / sizeof(T);
  std::size_t expected = found.size() + standard_tensors(archive).size();
  if (archive.metadata().count(kTrainerKey)) {
    const TrainerParts<T> parts(archive, num_parameters);
    expected += parts.states.size() + parts.arrays.size() + !parts.trainer.diagnostics.empty();
  }
  if (expected != archive.tensors().size())
    refuse("expected ", expected, " tensors, got ", archive.tensors().size());
  return found;
}

void from_json(const io::Json& json, bool& value) { value = json.as_bool(); }
void from_json(const io::Json& json, double& value) { value = json.as_double(); }
void from_json(const io::Json& json, std::uint64_t& value) { value = json.as_uint64(); }
void from_json(const io::Json& json, std::string& value) { value = json.as_string(); }

/// Reads the options of a network.
struct ReadOptions {
  const io::Json& description;
  std::size_t hidden;

  template <class V>
  void operator()(const char* name, V& option, InFiles files, Range = {}, Per per = Per::hidden_layer) const {
    if (files == InFiles::all || description.find(name)) read(name, option, per);
  }

 private:
  template <class V>
  void read(const char* name, V& option, Per) const {
    from_json(description.at(name), option);
  }
  /// Reads one value per layer. A single value for all layers could take much more memory than the file.
  template <class V>
  void read(const char* name, std::vector<V>& option, Per per) const {
    const auto& values = description.at(name).as_array();
    const std::size_t layers = per == Per::hidden_layer ? hidden : hidden + 1;
    if (values.size() != layers)
      refuse(name, ": expected ", layers, " values, one per ",
             per == Per::hidden_layer ? "hidden layer" : "layer of weights", ", got ", values.size());
    option.assign(layers, V());
    for (std::size_t i = 0; i < layers; ++i) from_json(values[i], option[i]);
  }
};

/// Copies `from` (rows, columns) to `to` (columns, rows), both row-major; `from` may be unaligned.
template <class T>
void copy_transposed(std::size_t rows, std::size_t columns, const unsigned char* from, T* to) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      __builtin_memcpy(to + c * rows + r, from + (r * columns + c) * sizeof(T), sizeof(T));
}

/// Checks the numbers of a tensor after they were copied to `numbers`, row by row or transposed.
template <class T>
void check_finite(const io::Tensor& tensor, const T* numbers) {
  const std::size_t columns = tensor.shape.back(), count = tensor.bytes / sizeof(T);
  const std::size_t rows = columns ? count / columns : 0;
  T sum = 0;  // 0 v is 0 for finite v, otherwise NaN
  for (std::size_t i = 0; i < count; ++i) sum += T(0) * numbers[i];
  if (sum == T(0)) return;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) {
      const T value = numbers[c * rows + r];
      if (std::isfinite(value)) continue;
      const std::string row = tensor.shape.size() > 1 ? std::to_string(r) + ", " : "";
      refuse(tensor.name, " must be finite, got ", to_text(value), " at [", row, c, "]");
    }
}

}  // namespace

io::Json read_description(const io::Archive& archive) {
  const auto& metadata = archive.metadata();
  const auto format = metadata.find(kFormatKey), text = metadata.find("architecture");
  if (format == metadata.end() || text == metadata.end())
    throw std::invalid_argument(
        "not a localgrad network: the file's metadata must have 'localgrad' and 'architecture'");
  if (format->second != kFormat && format->second != kScaledFormat && format->second != kLearnedFormat)
    refuse("expected a localgrad file of format ", kFormat, ", ", kScaledFormat, " or ", kLearnedFormat,
           ", got '", format->second, "'");
  return io::parse_json(text->second);
}

Scalar type_of(const io::Json& description) {
  const auto& name = description.at("dtype").as_string();
  if (name == "float32") return Scalar::float32;
  if (name == "float64") return Scalar::float64;
  refuse("dtype: expected 'float32' or 'float64', got '", name, "'");
}

template <class T>
const io::Tensor& tensor_of(const io::Archive& archive, const std::string& name,
                            const std::vector<std::size_t>& shape) {
  const auto& tensor = archive.at(name);
  if (tensor.shape != shape || tensor.dtype != io::dtype_of<T>())
    refuse(name, ": expected ", io::dtype_name(io::dtype_of<T>()), " of shape ", io::shape_text(shape),
           ", got ", io::dtype_name(tensor.dtype), " of shape ", io::shape_text(tensor.shape));
  return tensor;
}

template <class T>
FileParts<T>::FileParts(const Network<T>& network, Wanted wanted)
    : metadata{{kFormatKey, format_of(network.options())}, {"architecture", describe(network)}},
      standardization(network.standardization()) {
  const auto& sizes = network.sizes();
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    const std::size_t fan_in = sizes[i], fan_out = sizes[i + 1];
    const T* weights = network.weights(i);
    if (wanted == Wanted::contents) {
      transposed.emplace_back(fan_in * fan_out);
      copy_transposed(fan_in, fan_out, reinterpret_cast<const unsigned char*>(weights),
                      transposed.back().data());
      weights = transposed.back().data();
    }
    const std::string ending = std::to_string(i);
    tensors.push_back(tensor_from("weights." + ending, {fan_out, fan_in}, weights));
    tensors.push_back(tensor_from("biases." + ending, {fan_out}, network.biases(i)));
  }
  if (const T* scales = network.input_scales())
    tensors.push_back(tensor_from("input_scales", {sizes.front()}, scales));
  each_standard(standardization, [&](const char* name, const std::vector<double>& numbers) {
    if (!numbers.empty())
      tensors.push_back(tensor_from(std::string(kStandard) + name, {numbers.size()}, numbers.data()));
  });
}

template <class T>
Network<T> read_network(const io::Archive& archive) {
  const io::Json description = read_description(archive);
  if (type_of(description) != scalar_type<T>())
    refuse("dtype: expected '", type_name<T>(), "', got '", description.at("dtype").as_string(), "'");
  std::vector<std::size_t> sizes;
  for (const auto& size : description.at("sizes").as_array()) sizes.push_back(size.as_size());
  const auto* learns = description.find("learn_input_scale");
  const auto tensors = find_tensors<T>(archive, sizes, learns && learns->as_bool());
  const std::size_t hidden = std::max<std::size_t>(sizes.size(), 2) - 2;

  Options options;
  each_option(options, ReadOptions{description, hidden});
  const std::string init = options.init;
  options.init = "zeros";  // the parameters are read from the file
  Network<T> network(sizes, options);
  check_init(init);
  NetworkAccess::set_init(network, init);
  network.set_epochs(description.at("epochs").as_uint64());
  if (const auto* found = description.find("feature_names")) {
    std::vector<std::string> names;
    for (const auto& name : found->as_array()) names.push_back(name.as_string());
    network.set_feature_names(std::move(names));
  }
  network.set_standardization(read_standardization(archive));
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    copy_transposed(sizes[i + 1], sizes[i], tensors[2 * i]->data, network.weights(i));
    if (tensors[2 * i + 1]->bytes > 0)
      __builtin_memcpy(network.biases(i), tensors[2 * i + 1]->data, tensors[2 * i + 1]->bytes);
    check_finite(*tensors[2 * i], network.weights(i));
    check_finite(*tensors[2 * i + 1], network.biases(i));
  }
  if (T* scales = network.input_scales()) {
    __builtin_memcpy(scales, tensors.back()->data, tensors.back()->bytes);
    check_finite(*tensors.back(), scales);
  }
  return network;
}

#if LOCALGRAD_HAS_FLOAT && LOCALGRAD_HAS_DOUBLE
AnyNetwork read_any_network(const io::Archive& archive) {
  if (type_of(read_description(archive)) == Scalar::float64) return read_network<double>(archive);
  return read_network<float>(archive);
}
#endif

io::Archive archive_of(const void* data, std::size_t bytes) {
  if (!data) throw std::invalid_argument("data must not be null");
  return io::Archive(io::Piece{data, bytes});
}

template <class T>
std::size_t Network<T>::save(void* memory, std::size_t bytes) const {
  const DefaultFloatMode mode;
  return write_to(memory, bytes, [&](Wanted wanted) { return FileParts<T>(*this, wanted); });
}

template <class T>
std::vector<unsigned char> Network<T>::serialize() const {
  const DefaultFloatMode mode;
  const FileParts<T> parts(*this);
  return io::serialize(parts.tensors, parts.metadata);
}

template <class T>
Network<T> Network<T>::load(const void* data, std::size_t bytes) {
  const DefaultFloatMode mode;
  return read_network<T>(archive_of(data, bytes));
}

Scalar saved_type(const void* data, std::size_t bytes) {
  const DefaultFloatMode mode;
  return type_of(read_description(archive_of(data, bytes)));
}

#define LOCALGRAD_FOR(T)                                                          \
  template FileParts<T>::FileParts(const Network<T>&, Wanted);                    \
  template const io::Tensor& tensor_of<T>(const io::Archive&, const std::string&, \
                                          const std::vector<std::size_t>&);       \
  template Network<T> read_network(const io::Archive&);                           \
  template std::size_t Network<T>::save(void*, std::size_t) const;                \
  template std::vector<unsigned char> Network<T>::serialize() const;              \
  template Network<T> Network<T>::load(const void*, std::size_t);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
