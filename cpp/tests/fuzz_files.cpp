// A deterministic, stand-alone mutation fuzzer for network and checkpoint files:
//
//     fuzz_files N [seed]
//
// It reads N damaged copies of files of both element types, whose bytes, JSON metadata or tensors are
// changed. For any input, a reader must either throw std::invalid_argument, or return a network or
// checkpoint that computes, trains, and is the same after saving and loading it again. It must not use more
// memory than a small multiple of the file. Otherwise, the fuzzer exits with code 1 and saves the input as
// "fuzz_files.failed". Build it with sanitizers to detect reads out of bounds.

#include <cmath>
#include <limits>

#include "files/network_file.hpp"
#include "fuzz_support.hpp"
#include "localgrad/error.hpp"
#include "localgrad/predict.hpp"

namespace {

using namespace localgrad;
using namespace localgrad::fuzz;

// The archive and the JSON tree exist at the same time; the data are copied to parameters and arrays.
constexpr std::size_t kFactor = 16 + 32;

// Valid files.

template <class T>
Network<T> network(std::vector<std::size_t> sizes, const char* hidden, const char* output, const char* cost,
                   bool learn_input_scale = false) {
  Options options;
  options.activation.assign(sizes.size() - 2, hidden);
  options.output = output;
  options.cost = cost;
  options.seed = UINT64_MAX;
  options.dropout.assign(sizes.size() - 2, 0.25);
  options.input_scale = 1.0 / 255;
  options.learn_input_scale = learn_input_scale;
  return Network<T>(std::move(sizes), options);
}

template <class T>
Bytes network_file(const Network<T>& network) {
  return network.serialize();
}

template <class T>
Bytes checkpoint_file(const Checkpoint<T>& c) {
  return serialize_checkpoint(c.network, c.trainer, c.notes, c.arrays);
}

template <class T>
Network<T> load_network(const Bytes& file) {
  return Network<T>::load(file.data(), file.size());
}
template <class T>
Checkpoint<T> load_checkpoint(const Bytes& file) {
  return localgrad::load_checkpoint<T>(file.data(), file.size());
}

template <class T>
Checkpoint<T> checkpoint(Network<T> network, std::size_t states) {
  Checkpoint<T> c{std::move(network), {"adam", 123, 0.5, 64, {}}, {}, {}};
  for (std::size_t i = 0; i < states; ++i) c.trainer.arrays.emplace_back(c.network.num_parameters(), T(i));
  c.notes = {{"history", R"({"cost": [0.25, 1e-3], "name": "\u00e9"})"}, {"empty", ""}};
  c.arrays = {{"best", std::vector<T>(c.network.num_parameters(), T(1))}, {"none", {}}};
  return c;
}

template <class T>
void add_files(std::vector<Bytes>& files) {
  const auto small = network<T>({4, 5, 3}, "leaky_relu(0.25)", "softmax", "cross_entropy(0.1)");
  const auto flat = network<T>({3, 2}, "tanh", "identity", "quantile(0.1, 0.9)");
  const auto large = network<T>({40, 30, 20, 2}, "relu", "sigmoid", "binary_cross_entropy");
  const auto scaled = network<T>({3, 4, 2}, "tanh", "softmax", "cross_entropy", true);
  Options options;
  options.standardize = true;
  Network<T> standard({3, 2, 1}, options);
  standard.set_standardization({{1, 2, 3}, {4, 5, 6}, {7}, {8}});
  const std::vector<const Network<T>*> networks = {&small, &flat, &large, &scaled, &standard};
  for (const auto* net : networks) files.push_back(network_file(*net));
  for (const auto* net : networks)
    for (const std::size_t states : {0u, 1u, 3u}) files.push_back(checkpoint_file(checkpoint(*net, states)));
}

// Mutations of the contents.

/// Returns a copy of the file with damaged metadata or tensors in a valid archive, or the file itself if the
/// archive cannot be written.
Bytes mutate_inside(const Bytes& file, const Bytes& other, Random& random) {
  const io::Archive archive{Bytes(file)}, donor{Bytes(other)};
  auto metadata = archive.metadata();
  auto tensors = archive.tensors();
  const auto any_of = [&](const std::vector<io::Tensor>& all) { return all[below(random, all.size())]; };
  for (std::size_t k = 1 + below(random, 3); k > 0; --k) {
    const std::size_t at = below(random, tensors.size());
    auto text = metadata.begin();
    std::advance(text, below(random, metadata.size()));
    switch (below(random, 10)) {
      case 0:
        if (!tensors.empty()) tensors.erase(tensors.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        tensors.push_back(any_of(donor.tensors()));
        break;
      case 2:
        if (!tensors.empty()) tensors[at].name = any_of(donor.tensors()).name;
        break;
      case 3:
        if (!tensors.empty()) std::reverse(tensors[at].shape.begin(), tensors[at].shape.end());
        break;
      case 4:
        if (!tensors.empty()) tensors[at].shape.insert(tensors[at].shape.begin(), 1);
        break;
      case 5:
        if (!tensors.empty()) tensors[at].dtype = any_of(donor.tensors()).dtype;
        break;
      case 6:
        if (!tensors.empty()) {  // without data, so that any shape is possible
          tensors[at].shape = {below(random, 2) ? 0 : ~std::size_t{0} >> 24, 0};
          tensors[at].bytes = 0;
        }
        break;
      case 7:
        if (!metadata.empty()) metadata.erase(text);
        break;
      default: {
        if (metadata.empty()) break;
        const std::string& foreign = donor.metadata().begin()->second;
        Bytes bytes(text->second.begin(), text->second.end());
        for (std::size_t n = 1 + below(random, 2); n > 0; --n)
          mutate_once(bytes, Bytes(foreign.begin(), foreign.end()), random);
        text->second.assign(bytes.begin(), bytes.end());
      }
    }
  }
  try {
    return io::serialize(tensors, metadata);
  } catch (const std::invalid_argument&) {
    return file;
  }
}

// Reading.

template <class T>
bool same_parameters(const Network<T>& a, const Network<T>& b) {
  return a.sizes() == b.sizes() &&
         std::memcmp(a.parameters(), b.parameters(), a.num_parameters() * sizeof(T)) == 0;
}

/// A loaded network can be trained for an epoch, which is counted, unless training diverges or needs more
/// memory than the file justifies.
template <class T>
void train(Network<T> network) {
  const std::uint64_t before = network.epochs();
  if (before >= kMostCounted) throw std::logic_error("an epoch more could not be counted");
  if (network.options().cost == "custom") return;
  const std::vector<T> x(3 * network.sizes().front(), T(0)), y(3 * network.target_width(), T(0.5));
  Trainer<T> trainer(network, SGD{0.01}, 2, 1);
  try {
    trainer.epoch(Rows(x.data(), 3, network.sizes().front()), Rows(y.data(), 3, network.target_width()));
    if (network.epochs() != before + 1) throw std::logic_error("the epoch was not counted");
  } catch (const NonFiniteCost&) {
  }
}

/// A loaded network computes and can be saved and loaded again.
template <class T>
void use(const Network<T>& network) {
  train(network);
  const std::vector<T> x(network.sizes().front(), T(0));
  std::vector<T> a(network.sizes().back());
  predict(network, Rows(x.data(), 1, x.size()), a.data());
  if (!same_parameters(network, load_network<T>(network_file(network))))
    throw std::logic_error("a network differs after writing and reading");
}

template <class T>
void use(const Checkpoint<T>& c) {
  use(c.network);
  const auto again = load_checkpoint<T>(checkpoint_file(c));
  const auto arrays = [](const Checkpoint<T>& one) {
    auto all = one.trainer.arrays;
    for (const auto& [name, numbers] : one.arrays) all.push_back(numbers);
    std::string bytes;
    for (const auto& numbers : all)
      bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T));
    return bytes;
  };
  if (!same_parameters(again.network, c.network) || again.notes != c.notes || arrays(again) != arrays(c) ||
      again.trainer.rule != c.trainer.rule || again.trainer.t != c.trainer.t ||
      again.trainer.mu_product != c.trainer.mu_product || again.trainer.position != c.trainer.position)
    throw std::logic_error("a checkpoint differs after writing and reading");
}

/// Reads a file in memory by `read` and uses the result if it is valid.
template <class T, class Read>
bool check_as(const char* what, const Bytes& file, Count& count, const Read& read) {
  const Bytes bytes(file);  // of exactly its size, so that sanitizers detect reads after its end
  const std::size_t loaded = count.loaded;
  if (!check(what, bytes.size(), kFactor, count, [&] { read(bytes); })) return false;
  if (count.loaded == loaded) return true;
  try {
    use(read(bytes));
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s: %s\n", what, error.what()), false;
  }
  return true;
}

struct Counts {
  Count networks, checkpoints;
};

template <class T>
bool check_both(const Bytes& bytes, Counts& counts) {
  return check_as<T>("network", bytes, counts.networks, load_network<T>) &&
         check_as<T>("checkpoint", bytes, counts.checkpoints, load_checkpoint<T>);
}

/// Each file is read as a network and as a checkpoint of the element type in the file, if there is one.
bool check_file(const Bytes& bytes, Counts& counts) {
  Scalar type = Scalar::float32;
  try {
    type = saved_type(bytes.data(), bytes.size());
  } catch (const std::invalid_argument&) {
  }
  return type == Scalar::float64 ? check_both<double>(bytes, counts) : check_both<float>(bytes, counts);
}

/// Returns the file with a member of the architecture replaced by this JSON.
Bytes with_member(const Bytes& file, const char* key, io::Json value) {
  const io::Archive archive{Bytes(file)};
  auto metadata = archive.metadata();
  const io::Json description = read_description(archive);
  io::Json::Object members;
  for (const auto& member : description.as_object())
    if (member.key != key) members.push_back(member);
  members.push_back({key, std::move(value)});
  metadata["architecture"] = io::to_json(members);
  return io::serialize(archive.tensors(), metadata);
}

/// Checkpoints that need as much memory as possible for their size: many layers, notes or arrays; large
/// arrays; long texts; members that are not read.
std::vector<Bytes> greedy_files() {
  const auto some = checkpoint(network<float>({1, 1, 1}, "tanh", "identity", ""), 3);
  auto notes = some, arrays = some, large = some, texts = some;
  for (int i = 0; i < 10'000; ++i) notes.notes[std::to_string(i)] = "";
  for (int i = 0; i < 2'000; ++i) arrays.arrays[std::to_string(i)] = {};
  large.arrays["large"].resize(100'000);
  texts.notes[std::string(50'000, 'n')] = std::string(50'000, '"');
  const auto deep = network<float>(std::vector<std::size_t>(500, 1), "tanh", "identity", "");
  return {checkpoint_file(notes),
          checkpoint_file(arrays),
          checkpoint_file(large),
          checkpoint_file(texts),
          checkpoint_file(checkpoint(deep, 3)),
          with_member(checkpoint_file(some), "more", io::Json::Array(50'000, 1))};
}

/// Files that describe much more data than they contain.
std::vector<Bytes> ruinous_files() {
  const auto tanh = network_file(network<float>({1, 1, 1}, "tanh", "identity", ""));
  const auto deep = network_file(network<float>(std::vector<std::size_t>(500, 1), "tanh", "identity", ""));
  const std::uint64_t huge = std::uint64_t{1} << 31;
  return {with_member(tanh, "sizes", io::Json::Array{huge, huge, 1}),
          with_member(tanh, "sizes", io::Json::Array{1, huge, huge}),
          with_member(tanh, "sizes", io::Json::Array(20'000, 1)),
          with_member(deep, "activation", io::Json::Array{"leaky_relu(" + std::string(50'000, ' ') + "0.5)"}),
          with_member(tanh, "cost", "quantile(0.5" + std::string(50'000, ' ') + ")"),
          with_member(tanh, "output", std::string(50'000, 'o'))};
}

/// Files with numbers that training cannot use.
std::vector<Bytes> hopeless_files() {
  std::vector<Bytes> files;
  const auto tanh = network_file(network<float>({1, 1, 1}, "tanh", "identity", ""));
  for (const std::uint64_t epochs : {kMostCounted + 1, UINT64_MAX - 1, UINT64_MAX})
    files.push_back(with_member(tanh, "epochs", epochs));
  for (const float bad : {NAN, INFINITY, -INFINITY})
    for (const std::size_t at : {0u, 5u, 6u, 22u}) {
      auto net = network<float>({3, 4, 2}, "tanh", "identity", "");
      net.parameters()[at] = bad;
      files.push_back(network_file(net));
      files.push_back(checkpoint_file(checkpoint(net, 1)));
    }
  return files;
}

bool run(std::size_t n, std::uint64_t seed) {
  Counts counts;
  Bytes input;
  const auto failed = [&] {
    io::replace_file("fuzz_files.failed", {{input.data(), input.size()}});
    return false;
  };
  const auto report = [&](const char* what) {
    for (const auto& [kind, count] :
         {std::pair{"networks", &counts.networks}, {"checkpoints", &counts.checkpoints}})
      std::printf("%s: %s: %zu loaded, %zu rejected, up to %.1f bytes of memory per byte of the file\n", what,
                  kind, count->loaded, count->rejected, count->worst);
  };
  for (const auto& file : greedy_files()) {
    input = file;
    if (!check_file(input, counts)) return failed();
  }
  report("greedy files");
  if (counts.networks.rejected + counts.checkpoints.rejected > 0)
    return std::fprintf(stderr, "a greedy file was rejected: %s%s\n", counts.networks.last,
                        counts.checkpoints.last),
           false;
  counts = {};
  for (const auto& file : ruinous_files()) {
    input = file;
    if (!check_file(input, counts)) return failed();
  }
  report("ruinous files");
  counts = {};
  for (const auto& file : hopeless_files()) {
    input = file;
    if (!check_file(input, counts)) return failed();
  }
  report("hopeless files");
  if (counts.networks.loaded + counts.checkpoints.loaded > 0)
    return std::fprintf(stderr, "an unusable file was loaded\n"), false;
  counts = {};

  std::vector<Bytes> files;
  add_files<float>(files);
  add_files<double>(files);
  Random random(seed);
  for (std::size_t i = 0; i < n; ++i) {
    const Bytes& original = files[below(random, files.size())];
    const Bytes& other = files[below(random, files.size())];
    const bool inside = below(random, 3) > 0;
    input = inside ? mutate_inside(original, other, random) : original;
    if (!inside) {
      const std::size_t data = original.size() - 8 - header_bytes(original);
      for (std::size_t k = 1 + below(random, 3); k > 0; --k) mutate_once(input, other, random);
      if (below(random, 3) > 0) repair_length(input, data);
    }
    if (!check_file(input, counts)) return failed();
  }
  report("damaged files");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: fuzz_files N [seed]\n"), 2;
  return run(std::strtoull(argv[1], nullptr, 10), argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1) ? 0 : 1;
}
