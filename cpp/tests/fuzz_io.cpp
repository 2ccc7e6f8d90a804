// A deterministic, stand-alone mutation fuzzer for the readers of src/io:
//
//     fuzz_io N [seed] [file ...]
//
// It reads N damaged copies of valid files (generated ones and the arguments). For any input, a reader must
// either succeed or throw std::invalid_argument, and must not use more memory than a small multiple of the
// input. Otherwise, the fuzzer exits with code 1 and saves the input as "fuzz_io.failed". Build it with
// sanitizers to detect reads out of bounds.

#include "fuzz_support.hpp"
#include "io/json.hpp"
#include "io/safetensors.hpp"

namespace {

using namespace localgrad::io;
using namespace localgrad::fuzz;

constexpr std::size_t kArchiveFactor = 16, kJsonFactor = 32;  // the documented bounds

// Valid inputs.

Bytes network_file() {
  static const std::vector<float> numbers(40, 0.5f);
  const auto tensor = [](const char* name, std::vector<std::size_t> shape) {
    const std::size_t bytes = byte_count(DType::float32, shape);
    return Tensor{name, DType::float32, std::move(shape),
                  reinterpret_cast<const unsigned char*>(numbers.data()), bytes};
  };
  const Json model =
      Json::Object{{"format", 1},
                   {"sizes", Json::Array{4, 5, 2}},
                   {"activation", Json::Array{"sigmoid"}},
                   {"output", "softmax"},
                   {"seed", UINT64_MAX},
                   {"history", Json::Object{{"cost", Json::Array{0.69, 0.25, 1e-3}}, {"none", nullptr}}}};
  return serialize({tensor("weights.0", {4, 5}), tensor("biases.0", {5}), tensor("weights.1", {5, 2}),
                    tensor("biases.1", {2})},
                   {{"localgrad", to_json(model)}, {"text", "\u00e9\n\"\\"}});
}

Bytes mixed_file() {
  static const std::vector<unsigned char> zeros(64);
  const auto tensor = [](const char* name, DType dtype, std::vector<std::size_t> shape) {
    const std::size_t bytes = byte_count(dtype, shape);
    return Tensor{name, dtype, std::move(shape), zeros.data(), bytes};
  };
  return serialize({tensor("a", DType::float32, {3}), tensor("b", DType::float64, {}),
                    tensor("c", DType::float64, {1, 2, 1}), tensor("d", DType::float32, {0, 9}),
                    tensor("", DType::float64, {2}), tensor("e", DType::float32, {3})});
}

// Reading.

std::size_t read_sum = 0;  // printed, so that reading is not optimized away

/// Reads every byte of every tensor and calls all other functions.
void use(const Archive& archive) {
  std::size_t sum = 0;
  for (const Tensor& tensor : archive.tensors()) {
    for (std::size_t i = 0; i < tensor.bytes; ++i) sum += tensor.data[i];
    if (archive.find(tensor.name) != &tensor) throw std::logic_error("a tensor is not found by its name");
    if (byte_count(tensor.dtype, tensor.shape) != tensor.bytes)
      throw std::logic_error("a tensor has the wrong size");
  }
  read_sum += sum;
}

/// Texts that need as much memory as possible for their size.
std::string greedy_text(std::size_t kind) {
  constexpr const char* kRepeated[] = {
      "1,", "[0],", "\"a\",", "[[0]],", "{\"a\":[]},", "null,", "\"aaaaaaaaaaaaaaaa\",", "1e9,"};
  constexpr std::size_t kKinds = std::size(kRepeated);
  std::string text = kind % (kKinds + 1) == kKinds ? "{" : "[";
  for (std::size_t i = 0; text.size() < 70'000; ++i) {
    text +=
        kind % (kKinds + 1) == kKinds ? "\"" + std::to_string(i) + "\":0," : kRepeated[kind % (kKinds + 1)];
  }
  text.back() = text[0] == '{' ? '}' : ']';
  return text;
}

/// The same for headers: many tiny tensors, many entries of metadata, long shapes.
Bytes greedy_file(std::size_t kind) {
  std::string json = kind % 3 == 0 ? "{\"__metadata__\":{" : "{";
  for (std::size_t i = 0; json.size() < 70'000; ++i) {
    std::string member = "\"" + std::to_string(i) + "\":";
    if (kind % 3 == 0) {
      member += "\"\"";
    } else {
      member += R"({"dtype":"F32","shape":[0)";
      for (int k = 1; k < (kind % 3 == 1 ? 1 : 64); ++k) member += ",0";
      member += R"(],"data_offsets":[0,0]})";
    }
    json += member + ',';
  }
  json.back() = '}';
  if (kind % 3 == 0) json += '}';
  Bytes bytes(8);
  bytes.insert(bytes.end(), json.begin(), json.end());
  repair_length(bytes, 0);
  return bytes;
}

bool check_file(const Bytes& bytes, Count& files, Count& texts) {
  const bool fine = check("safetensors", bytes.size(), kArchiveFactor + 1, files, [&] {
    const Archive archive{Bytes(bytes)};
    use(archive);
  });
  if (!fine) return false;
  std::string model;
  try {
    const Archive archive{Bytes(bytes)};
    const auto found = archive.metadata().find("localgrad");
    if (found == archive.metadata().end()) return true;
    model = found->second;
  } catch (const std::invalid_argument&) {
    return true;
  }
  return check("JSON", model.size(), kJsonFactor, texts, [&] { parse_json(model); });
}

bool check_text(const Bytes& bytes, Count& texts) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Json value;
  if (!check("JSON", bytes.size(), kJsonFactor, texts, [&] { parse_json(text); })) return false;
  try {
    value = parse_json(text);
  } catch (const std::invalid_argument&) {
    return true;
  }
  if (parse_json(to_json(value)) == value) return true;
  return std::fprintf(stderr, "JSON: a value differs after writing and reading\n"), false;
}

bool run(std::size_t n, std::uint64_t seed, const std::vector<Bytes>& seeds) {
  Random random(seed);
  Count files, texts;
  Bytes input;
  const auto failed = [&] {
    replace_file("fuzz_io.failed", {{input.data(), input.size()}});
    return false;
  };
  for (std::size_t kind = 0; kind < 9; ++kind) {
    const std::string text = greedy_text(kind);
    input.assign(text.begin(), text.end());
    if (!check_text(input, texts)) return failed();
    input = greedy_file(kind);
    if (!check_file(input, files, texts)) return failed();
  }
  std::printf("greedy inputs: safetensors used up to %.1f, JSON up to %.1f bytes of memory per byte\n",
              files.worst, texts.worst);
  if (files.rejected + texts.rejected > 0)
    return std::fprintf(stderr, "a greedy input was rejected: %s%s\n", files.last, texts.last), false;
  files = texts = Count();

  for (std::size_t i = 0; i < n; ++i) {
    const Bytes& original = seeds[below(random, seeds.size())];
    const Bytes& other = seeds[below(random, seeds.size())];
    const std::size_t data = original.size() - 8 - header_bytes(original);
    const bool text_only = below(random, 4) == 0;
    input = original;
    if (text_only) input.assign(original.begin() + 8, original.end() - static_cast<std::ptrdiff_t>(data));
    for (std::size_t k = 1 + below(random, 4); k > 0; --k) mutate_once(input, other, random);
    if (text_only) {
      if (!check_text(input, texts)) return failed();
    } else {
      if (below(random, 3) > 0) repair_length(input, data);
      if (!check_file(input, files, texts)) return failed();
    }
  }
  std::printf("safetensors: %zu loaded, %zu rejected (sum of the bytes loaded: %zu)\n", files.loaded,
              files.rejected, read_sum);
  std::printf("JSON: %zu loaded, %zu rejected\n", texts.loaded, texts.rejected);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: fuzz_io N [seed] [file ...]\n"), 2;
  const std::size_t n = std::strtoull(argv[1], nullptr, 10);
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  std::vector<Bytes> seeds = {network_file(), mixed_file(), serialize({}, {{"a", "b"}})};
  for (int i = 3; i < argc; ++i) {
    seeds.push_back(read_file(argv[i]));
    const Archive valid(seeds.back());  // required below
  }
  return run(n, seed, seeds) ? 0 : 1;
}
