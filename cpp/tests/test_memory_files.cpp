// Files in memory: the same bytes and the same checks as for files on disk.

#include <doctest/doctest.h>

#include <numeric>

#include "io/file.hpp"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

using namespace localgrad;
using namespace localgrad::io::test;

namespace {

template <class T>
Network<T> trained() {
  Options options;
  options.activation = {"tanh"};
  options.standardize = options.learn_input_scale = true;
  Network<T> net({3, 5, 2}, options);
  net.set_feature_names({"a", "b", "c"});
  const std::vector<T> x = {1, 2, 3, 4, 5, 7}, y = {1, 2, 3, 5};
  standardize(net, Rows(x.data(), 2, 3), Rows(y.data(), 2, 2));
  return net;
}

template <class T>
TrainerState<T> state_of(const Network<T>& net) {
  return {"adam", 7, 1.0, 3, std::vector<std::vector<T>>(2, std::vector<T>(net.num_parameters(), T(0.5)))};
}

template <class T>
bool same(const Network<T>& a, const Network<T>& b) {
  return a.serialize() == b.serialize();
}

}  // namespace

TEST_CASE_TEMPLATE("a network is saved to and loaded from memory", T, float, double) {
  const TemporaryFolder folder;
  const std::string path = (folder / "net.safetensors").string();
  const auto net = trained<T>();
  net.save(path);
  const auto file = io::read_file(path);
  CHECK(net.serialize() == file);
  CHECK(net.save(nullptr, 0) == file.size());
  std::vector<unsigned char> memory(file.size() + 1, 77);
  CHECK(net.save(memory.data(), file.size()) == file.size());
  CHECK(memory.back() == 77);
  memory.pop_back();
  CHECK(memory == file);
  CHECK(saved_type(file.data(), file.size()) == scalar_of<T>());
  CHECK(same(Network<T>::load(file.data(), file.size()), net));

  memory.insert(memory.begin(), 0);  // not aligned
  CHECK(same(Network<T>::load(memory.data() + 1, file.size()), net));
}

TEST_CASE_TEMPLATE("a checkpoint is saved to and loaded from memory", T, float, double) {
  const TemporaryFolder folder;
  const std::string path = (folder / "run.safetensors").string();
  const auto net = trained<T>();
  const auto state = state_of(net);
  const std::map<std::string, std::string> notes = {{"a", "b"}};
  const std::map<std::string, std::vector<T>> arrays = {{"c", {1, 2}}};
  save_checkpoint(path, net, state, notes, arrays);
  const auto file = io::read_file(path);
  CHECK(serialize_checkpoint(net, state, notes, arrays) == file);
  CHECK(save_checkpoint(nullptr, 0, net, state, notes, arrays) == file.size());
  std::vector<unsigned char> memory(file.size());
  CHECK(save_checkpoint(memory.data(), memory.size(), net, state, notes, arrays) == file.size());
  CHECK(memory == file);
  const auto loaded = load_checkpoint<T>(file.data(), file.size());
  CHECK(serialize_checkpoint(loaded.network, loaded.trainer, loaded.notes, loaded.arrays) == file);
  CHECK(same(Network<T>::load(file.data(), file.size()), net));
}

TEST_CASE("invalid memory is rejected") {
  const auto net = trained<float>();
  const auto file = net.serialize();
  std::vector<unsigned char> memory(file.size());
  const auto refused = [](const auto& call, const std::string& why) {
    const std::string message = message_of(call);
    CHECK_MESSAGE(contains(message, why), message);
  };
  refused([&] { net.save(memory.data(), file.size() - 1); },
          "bytes must be at least " + std::to_string(file.size()) + ", the size of the file, got ");
  CHECK(memory == std::vector<unsigned char>(file.size()));
  refused([&] { save_checkpoint(memory.data(), 9, net, state_of(net)); }, "the size of the file, got 9");
  refused([] { Network<float>::load(nullptr, 8); }, "data must not be null");
  refused([] { load_checkpoint<float>(nullptr, 0); }, "data must not be null");
  refused([&] { Network<float>::load(file.data(), 7); }, "expected at least 8 bytes");
  refused([&] { Network<float>::load(file.data(), file.size() - 1); }, "ends at byte");
  refused([&] { Network<double>::load(file.data(), file.size()); }, "expected 'float64', got 'float32'");
  refused([&] { load_checkpoint<float>(file.data(), file.size()); }, "no state of training");
}
