// Saving and loading checkpoints, and rejecting invalid ones.

#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "io/json.hpp"
#include "io/safetensors.hpp"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

using namespace localgrad;
using namespace localgrad::io::test;

namespace {

template <class T>
Network<T> some_network() {
  Options options;
  options.activation = {"leaky_relu(0.25)", "tanh"};
  options.output = "softmax";
  options.seed = 9;
  Network<T> net({4, 5, 2, 3}, options);
  net.set_epochs(7);
  return net;
}

template <class T>
TrainerState<T> some_state(const Network<T>& net) {
  TrainerState<T> state;
  state.rule = "adam";
  state.t = std::numeric_limits<std::uint64_t>::max();
  state.mu_product = 0.1;
  state.position = 96;
  for (const T first : {T(0.1), T(-3)}) {
    state.arrays.emplace_back(net.num_parameters());
    for (std::size_t i = 0; i < net.num_parameters(); ++i)
      state.arrays.back()[i] = first / static_cast<T>(i + 1);
  }
  return state;
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

template <class T>
bool same(const Network<T>& a, const Network<T>& b) {
  return a.sizes() == b.sizes() && a.epochs() == b.epochs() &&
         a.options().activation == b.options().activation &&
         std::memcmp(a.parameters(), b.parameters(), a.num_parameters() * sizeof(T)) == 0;
}

/// Rewrites the file with changed tensors and metadata.
template <class Change>
void rewrite(const std::string& path, const Change& change) {
  const io::Archive archive(io::read_file(path));
  auto tensors = archive.tensors();
  auto metadata = archive.metadata();
  change(tensors, metadata);
  io::replace_file(path, io::Contents(tensors, metadata).pieces());
}

}  // namespace

TEST_CASE_TEMPLATE("checkpoint: a saved training run is restored", T, float, double) {
  const TemporaryFolder folder;
  const std::string path = (folder / "c").string();
  const auto net = some_network<T>();
  const auto state = some_state(net);
  const std::map<std::string, std::string> notes = {
      {"", "empty"}, {"history", "{\"cost\": [1]}"}, {"text", std::string("\0\n\"\u00e9", 5)}};
  const std::map<std::string, std::vector<T>> arrays = {
      {"best", {T(0.5), std::numeric_limits<T>::quiet_NaN()}}, {"", {}}, {"optimizer.0", {1}}};
  save_checkpoint(path, net, state, notes, arrays);
  CHECK(saved_type(path) == (sizeof(T) == 4 ? Scalar::float32 : Scalar::float64));
  const auto loaded = load_checkpoint<T>(path);
  CHECK(same(loaded.network, net));
  CHECK(loaded.trainer.rule == "adam");
  CHECK(loaded.trainer.t == state.t);
  CHECK(loaded.trainer.mu_product == state.mu_product);
  CHECK(loaded.trainer.position == state.position);
  REQUIRE(loaded.trainer.arrays.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(same(loaded.trainer.arrays[i], state.arrays[i]));
  CHECK(loaded.notes == notes);
  REQUIRE(loaded.arrays.size() == arrays.size());
  for (const auto& [name, numbers] : arrays) CHECK(same(loaded.arrays.at(name), numbers));
  CHECK(same(Network<T>::load(path), net));

  save_checkpoint(path, net, TrainerState<T>{});  // replaces it, without state
  const auto bare = load_checkpoint<T>(path);
  CHECK(bare.trainer.arrays.empty());
  CHECK((bare.notes.empty() && bare.arrays.empty()));
  CHECK(folder.count() == 1);
}

TEST_CASE("checkpoint: the file is not changed if saving fails") {
  const TemporaryFolder folder;
  const std::string path = (folder / "c").string();
  const auto net = some_network<float>();
  const auto state = some_state(net);
  save_checkpoint(path, net, state);
  const auto before = io::read_file(path);
  auto wrong = state;
  wrong.arrays[1].pop_back();
  CHECK(message_of([&] { save_checkpoint(path, net, wrong); }) ==
        "array 1 of the trainer must have 46 numbers, got 45");
  wrong = state;
  wrong.mu_product = std::numeric_limits<double>::infinity();
  CHECK(message_of([&] { save_checkpoint(path, net, wrong); }) != "nothing was thrown");
  CHECK(message_of([&] { save_checkpoint(path, net, state, {{"text", "\xff"}}); }) != "nothing was thrown");
  CHECK(message_of([&] { save_checkpoint(path, net, state, {}, {{"\xff", {}}}); }) != "nothing was thrown");
  CHECK_THROWS_AS(save_checkpoint((folder / "no/c").string(), net, state), std::system_error);
  CHECK(io::read_file(path) == before);
  CHECK(folder.count() == 1);
}

TEST_CASE("checkpoint: an invalid file is rejected with the reason") {
  const TemporaryFolder folder;
  const std::string path = (folder / "c").string();
  const auto net = some_network<float>();
  const std::vector<unsigned char> zeros(1000);
  using Tensors = std::vector<io::Tensor>;
  using Metadata = io::Metadata;

  CHECK_THROWS_AS(load_checkpoint<float>(path), std::system_error);
  net.save(path);
  CHECK(message_of([&] { load_checkpoint<float>(path); }) ==
        "the file contains a network, but no state of training to resume from");
  save_checkpoint(path, net, some_state(net));
  CHECK(message_of([&] { load_checkpoint<double>(path); }) == "dtype: expected 'float64', got 'float32'");

  // Rejected by both readers.
  const auto refused = [&](const auto& change) {
    save_checkpoint(path, net, some_state(net), {{"a", "b"}}, {{"best", {1, 2}}});
    rewrite(path, change);
    const std::string message = message_of([&] { load_checkpoint<float>(path); });
    CHECK(message_of([&] { Network<float>::load(path); }) == message);
    return message;
  };
  const auto trainer = [&](const char* text) {
    return refused([&](Tensors&, Metadata& metadata) { metadata["trainer"] = text; });
  };
  CHECK(contains(trainer("{"), "JSON text"));
  CHECK(contains(trainer("[]"), "expected an object"));
  CHECK(contains(trainer(R"({"t": 1, "mu_product": 1, "position": 0, "arrays": 2})"), "rule"));
  CHECK(contains(trainer(R"({"rule": 1, "t": 1, "mu_product": 1, "position": 0, "arrays": 2})"), "a string"));
  CHECK(contains(trainer(R"({"rule": "adam", "t": 1, "position": 0, "arrays": 2})"), "mu_product"));
  CHECK(contains(trainer(R"({"rule": "adam", "t": -1, "mu_product": 1, "position": 0, "arrays": 2})"), "-1"));
  CHECK(contains(trainer(R"({"rule": "adam", "t": 1, "mu_product": 1, "position": 0, "arrays": 1})"),
                 "expected 8 tensors, got 9"));
  CHECK(contains(
      trainer(R"({"rule": "adam", "t": 1, "mu_product": 1, "position": 0, "arrays": 18446744073709551615})"),
      "\"optimizer.2\""));
  CHECK(contains(refused([&](Tensors& tensors, Metadata&) {
                   tensors.push_back({"more", io::DType::float32, {2}, zeros.data(), 8});
                 }),
                 "expected 9 tensors, got 10"));
  const auto with_tensor = [&](const char* name, const auto& change) {
    return refused([&](Tensors& tensors, Metadata&) {
      for (auto& tensor : tensors)
        if (tensor.name == name) change(tensor);
    });
  };
  CHECK(with_tensor("optimizer.1", [](io::Tensor& t) {
          t.shape = {2, 23};
        }) == "optimizer.1: expected F32 of shape [46], got F32 of shape [2, 23]");
  CHECK(with_tensor("optimizer.0", [](io::Tensor& t) {
          t.dtype = io::DType::float64;
          t.shape = {23};
        }) == "optimizer.0: expected F32 of shape [46], got F64 of shape [23]");
  CHECK(with_tensor("arrays.best", [](io::Tensor& t) {
          t.dtype = io::DType::float64;
          t.shape = {1};
        }) == "arrays.best: expected F32 of shape [2], got F64 of shape [1]");
  CHECK(with_tensor("arrays.best", [](io::Tensor& t) {
          t.shape = {2, 1};
        }) == "arrays.best: expected F32 of shape [2], got F32 of shape [2, 1]");

  // Only checkpoints have notes.
  const auto notes = [&](const auto& change) {
    save_checkpoint(path, net, some_state(net));
    rewrite(path, change);
    CHECK(same(Network<float>::load(path), net));
    return message_of([&] { load_checkpoint<float>(path); });
  };
  CHECK(notes([](Tensors&, Metadata& metadata) { metadata.erase("notes"); }) ==
        "the file's metadata must have 'notes'");
  CHECK(contains(notes([](Tensors&, Metadata& metadata) { metadata["notes"] = R"({"a": 1})"; }),
                 "expected a string"));
  CHECK(
      contains(notes([](Tensors&, Metadata& metadata) { metadata["notes"] = "[]"; }), "expected an object"));
}

TEST_CASE("checkpoint: a file with an input_scale has a format that older versions reject") {
  const TemporaryFolder folder;
  const std::string path = (folder / "n").string();
  Options options;
  const auto format = [&] {
    Network<float>({2, 1}, options).save(path);
    return io::Archive(io::read_file(path)).metadata().at("localgrad");
  };
  CHECK(format() == "1");
  rewrite(path, [](auto&, auto& metadata) {  // like a file of a version without input_scale
    auto& text = metadata["architecture"];
    const std::string member = ",\"input_scale\":1.0";
    REQUIRE(contains(text, member));
    text.erase(text.find(member), member.size());
  });
  CHECK(Network<float>::load(path).options().input_scale == 1);
  options.input_scale = 1.0 / 255;
  CHECK(format() == "2");
  CHECK(Network<float>::load(path).options().input_scale == 1.0 / 255);
  options.learn_input_scale = true;
  CHECK(format() == "3");
  CHECK(Network<float>::load(path).input_scales()[1] == 1);
  rewrite(path, [](auto&, auto& metadata) { metadata["localgrad"] = "4"; });
  CHECK(message_of([&] { Network<float>::load(path); }) ==
        "expected a localgrad file of format 1, 2 or 3, got '4'");
}
