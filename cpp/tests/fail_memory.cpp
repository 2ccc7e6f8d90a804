// Makes each allocation of a call fail in turn: the first, the second and so on, until the call succeeds.
// Each time, the call must report that there was not enough memory, leave its objects as they were and
// usable, and leak nothing.
//
//     fail_memory

#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/file.hpp"
#include "localgrad/localgrad.h"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"
#include "wrapped_memory.hpp"

namespace {

using namespace localgrad;

int failures = 0;

void check(bool good, const char* what, long n, const char* problem) {
  if (good) return;
  ++failures;
  std::fprintf(stderr, "%s, allocation %ld: %s\n", what, n, problem);
}

/// Calls `call` with a failure of the n-th allocation. Returns whether that allocation took place.
template <class Call>
bool call_with_failure(const char* what, long n, const Call& call) {
  memory::until_failure = n;
  bool reported = false;
  try {
    call();
  } catch (const std::bad_alloc& error) {
    reported = true;
    check(std::strlen(error.what()) > 0, what, n, "an empty message");
  } catch (const std::exception& error) {
    check(false, what, n, error.what());
  }
  const bool reached = memory::until_failure.exchange(0) == 0;
  check(reported == reached, what, n, reached ? "was not reported" : "an error without a failure");
  return reached;
}

/// Calls `call(object)` with failures of each of its allocations. `make` returns a new object. `same`
/// compares two of them: a failed call must not change the object, and a later call must have the usual
/// result.
template <class Make, class Call, class Same>
void each_failure(const char* what, const Make& make, const Call& call, const Same& same) {
  const auto original = make(), expected = make();
  call(*expected);
  long n = 1;
  for (bool reached = true; reached; ++n) {
    const std::size_t before = memory::live_bytes;
    {
      const auto object = make();
      reached = call_with_failure(what, n, [&] { call(*object); });
      if (reached) {
        check(same(*object, *original), what, n, "the object has changed");
        call(*object);
      }
      check(same(*object, *expected), what, n, "the next call has another result");
    }
    check(memory::live_bytes == before, what, n, "leaked memory");
  }
  std::printf("%s: %ld allocations\n", what, n - 2);
}

/// The same for a call that changes nothing.
template <class Call>
void each_failure(const char* what, const Call& call) {
  each_failure(
      what, [] { return std::make_unique<int>(); }, [&](int) { call(); }, [](int, int) { return true; });
}

// The objects.

constexpr std::size_t kRows = 600;

template <class T>
struct Data {
  std::vector<T> x = std::vector<T>(kRows * 3), y = std::vector<T>(kRows * 2);
  Data() {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i % 17) / 8;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(i % 5) / 4;
  }
  Rows rows(std::size_t n = kRows) const { return {x.data(), n, 3}; }
  Targets targets(std::size_t n = kRows) const { return Rows(y.data(), n, 2); }
};

Options options() {
  Options options;
  options.activation = {"leaky_relu(0.25)"};
  options.standardize = options.learn_input_scale = true;
  options.dropout = {0.25};
  return options;
}

const std::vector<std::size_t> kSizes = {3, 40, 30, 2};

template <class T>
Network<T> network() {
  Network<T> net(kSizes, options());
  net.set_feature_names({"a name that is not short", "b", "c"});
  return net;
}

template <class T>
bool same(const Network<T>& a, const Network<T>& b) {
  return a.serialize() == b.serialize();
}

/// A network with its Trainer.
template <class T>
struct Training {
  explicit Training(const Optimizer& optimizer, int threads)
      : net(network<T>()), trainer(net, optimizer, 64, threads) {}
  Network<T> net;
  Trainer<T> trainer;
};

template <class T>
bool same(const Training<T>& a, const Training<T>& b) {
  return serialize_checkpoint(a.net, a.trainer.state()) == serialize_checkpoint(b.net, b.trainer.state());
}

template <class T>
void networks() {
  const Data<T> data;
  const auto make = [] { return std::make_unique<Network<T>>(network<T>()); };
  const auto net = make();
  standardize(*net, data.rows(), data.targets());
  each_failure("construct a network", [] { network<T>(); });
  each_failure("copy a network", [&] { Network<T>{*net}; });
  const auto equal = [](const Network<T>& a, const Network<T>& b) { return same(a, b); };
  each_failure(
      "assign a network", make, [&](Network<T>& to) { to = *net; }, equal);
  each_failure(
      "set names", make,
      [](Network<T>& to) {
        to.set_feature_names({"another name, also long", "e", "f"});
      },
      equal);
  each_failure(
      "standardize", make, [&](Network<T>& to) { standardize(to, data.rows(), data.targets()); }, equal);
}

template <class T>
void training() {
  const Data<T> data;
  const std::uint32_t order[] = {5, 3, 1, 5};
  Regularization regularization;
  regularization.clip_norm = 1;
  regularization.l2 = {0.1, 0.2, 0.3};
  auto base = network<T>();
  each_failure("construct a trainer", [&] { Trainer<T>(base, Adam{}, 16, 1, regularization); });
  const auto equal = [](const Training<T>& a, const Training<T>& b) { return same(a, b); };
  for (const Optimizer& optimizer : {Optimizer(SGD{0.1, 0.9}), Optimizer(NAdam{})})
    for (const int threads : {1, 2}) {
      const auto make = [&] { return std::make_unique<Training<T>>(optimizer, threads); };
      each_failure(
          "step", make, [&](Training<T>& t) { t.trainer.step(data.rows(64), data.targets(64)); }, equal);
      each_failure(
          "epoch", make, [&](Training<T>& t) { t.trainer.epoch(data.rows(), data.targets()); }, equal);
      each_failure(
          "part", make, [&](Training<T>& t) { t.trainer.part(data.rows(), data.targets(), order, 4); },
          equal);
      each_failure(
          "epoch with a schedule", make,
          [&](Training<T>& t) {
            t.trainer.set_schedule([](std::size_t s) { return 1.0 / static_cast<double>(s + 1); });
            t.trainer.epoch(data.rows(), data.targets());
          },
          equal);
      const auto state = [&] {
        Training<T> t(optimizer, threads);
        t.trainer.epoch(data.rows(), data.targets());
        return t.trainer.state();
      }();
      each_failure(
          "set the state", make, [&](Training<T>& t) { t.trainer.set_state(state); }, equal);
      const auto trained = make();
      each_failure("get the state", [&] { trained->trainer.state(); });
    }
}

template <class T>
void computing() {
  const Data<T> data;
  const auto net = network<T>();
  std::vector<T> out(kRows * 2);
  for (const int threads : {1, 2}) {
    for (const std::size_t rows : {std::size_t{1}, std::size_t{4}, kRows})
      each_failure("predict", [&] { predict(net, data.rows(rows), out.data(), threads); });
    each_failure("evaluate", [&] { evaluate(net, data.rows(), data.targets(), threads); });
    each_failure("backprop", [&] { backprop(net, data.rows(), data.targets(), threads); });
  }
  each_failure("plan", [&] { plan(net, Adam{}, 16); });
  each_failure("info", [] {
    info();
    names();
  });
}

template <class T>
void files() {
  const io::test::TemporaryFolder folder;
  const std::string path = (folder / "a file.safetensors").string();
  const Data<T> data;
  Training<T> t(Adam{}, 1);
  standardize(t.net, data.rows(), data.targets());
  t.trainer.step(data.rows(64), data.targets(64));
  const auto state = t.trainer.state();
  const std::map<std::string, std::string> notes = {{"a", "a text that is not short"}};
  const std::map<std::string, std::vector<T>> arrays = {{"b", {1, 2, 3}}};
  const auto file = t.net.serialize(), checkpoint = serialize_checkpoint(t.net, state, notes, arrays);
  std::vector<unsigned char> buffer(checkpoint.size());

  each_failure("save to memory", [&] { t.net.save(buffer.data(), buffer.size()); });
  each_failure("serialize", [&] { t.net.serialize(); });
  each_failure("load from memory", [&] { Network<T>::load(file.data(), file.size()); });
  each_failure("save a checkpoint to memory",
               [&] { save_checkpoint(buffer.data(), buffer.size(), t.net, state, notes, arrays); });
  each_failure("load a checkpoint from memory",
               [&] { load_checkpoint<T>(checkpoint.data(), checkpoint.size()); });

  // The file is either the old one or, after the last failure, the new one.
  const auto saves = [&](const char* what, const auto& save, const std::vector<unsigned char>& saved) {
    const std::vector<unsigned char> old = {1, 2, 3};
    io::replace_file(path, {{old.data(), old.size()}});
    each_failure(
        what, [] { return std::make_unique<int>(); }, [&](int) { save(); },
        [&](int, int) {
          const auto now = io::read_file(path);
          return (now == old || now == saved) && folder.count() == 1;
        });
  };
  saves(
      "save", [&] { t.net.save(path); }, file);
  each_failure("load", [&] { Network<T>::load(path); });
  saves(
      "save a checkpoint", [&] { save_checkpoint(path, t.net, state, notes, arrays); }, checkpoint);
  each_failure("load a checkpoint", [&] { load_checkpoint<T>(path); });
  each_failure("type of a file", [&] { saved_type(path); });
}

// The C interface.

/// Throws an exception for an error.
void call(localgrad_status status) {
  if (status == LOCALGRAD_OUT_OF_MEMORY) throw OutOfMemory(localgrad_last_error());
  if (status != LOCALGRAD_OK) throw std::runtime_error(localgrad_last_error());
}

/// A network and a trainer.
struct CTraining {
  CTraining() {
    const size_t sizes[] = {3, 40, 2};
    try {
      call(localgrad_settings_create(&settings));
      call(localgrad_settings_set_text(settings, "activation", "leaky_relu(0.125)"));
      call(localgrad_network_create(LOCALGRAD_FLOAT64, sizes, 3, settings, &network));
      call(localgrad_trainer_create(network, "Adam", nullptr, 64, nullptr, 0, &trainer));
    } catch (...) {
      free_all();
      throw;
    }
  }
  ~CTraining() { free_all(); }
  CTraining(const CTraining&) = delete;
  CTraining& operator=(const CTraining&) = delete;
  std::vector<unsigned char> file() const {
    std::size_t bytes = 0;
    call(localgrad_trainer_save_memory(trainer, nullptr, 0, &bytes));
    std::vector<unsigned char> file(bytes);
    call(localgrad_trainer_save_memory(trainer, file.data(), bytes, nullptr));
    return file;
  }
  void free_all() {
    localgrad_settings_free(settings);
    localgrad_network_free(network);
    localgrad_trainer_free(trainer);
  }
  localgrad_settings* settings = nullptr;
  localgrad_network* network = nullptr;
  localgrad_trainer* trainer = nullptr;
};

int cancel_never(void*, const localgrad_progress*) { return 0; }
double one(void*, std::size_t) { return 1; }

void c_interface() {
  const io::test::TemporaryFolder folder;
  const std::string path = (folder / "a checkpoint.safetensors").string();
  const Data<double> data;
  const auto x = localgrad_rows_f64(data.x.data(), kRows, 3), y = localgrad_rows_f64(data.y.data(), kRows, 2);
  auto some_x = x, some_y = y;
  some_x.rows = some_y.rows = 64;
  std::vector<double> gaps(kRows * 3);
  auto out = localgrad_matrix_f64(gaps.data(), kRows, 2);
  out.stride = 3;
  const char* names[] = {"the first of three names", "second", "third"};

  each_failure("C: create", [] { CTraining(); });
  const auto make = [] { return std::make_unique<CTraining>(); };
  const auto equal = [](const CTraining& a, const CTraining& b) { return a.file() == b.file(); };
  const auto changes = [&](const char* what, const auto& change) { each_failure(what, make, change, equal); };
  changes("C: step",
          [&](CTraining& t) { call(localgrad_trainer_step(t.trainer, &some_x, &some_y, nullptr, nullptr)); });
  changes("C: epoch", [&](CTraining& t) {
    call(localgrad_trainer_epoch(t.trainer, &x, &y, nullptr, 1, cancel_never, nullptr, nullptr));
  });
  changes("C: schedule", [&](CTraining& t) {
    call(localgrad_trainer_set_schedule(t.trainer, "learning_rate", one, nullptr));
    call(localgrad_trainer_step(t.trainer, &some_x, &some_y, nullptr, nullptr));
  });
  changes("C: names", [&](CTraining& t) { call(localgrad_network_set_feature_names(t.network, names, 3)); });

  CTraining trained;
  call(localgrad_network_set_feature_names(trained.network, names, 3));
  call(localgrad_trainer_step(trained.trainer, &some_x, &some_y, nullptr, nullptr));
  const auto file = trained.file();
  call(localgrad_trainer_save(trained.trainer, path.c_str()));
  changes("C: restore", [&](CTraining& t) { call(localgrad_trainer_restore(t.trainer, path.c_str())); });
  changes("C: restore from memory",
          [&](CTraining& t) { call(localgrad_trainer_restore_memory(t.trainer, file.data(), file.size())); });
  each_failure("C: save", [&] { call(localgrad_trainer_save(trained.trainer, path.c_str())); });
  each_failure("C: save to memory", [&] { trained.file(); });
  each_failure("C: load", [&] {
    localgrad_network* network = nullptr;
    call(localgrad_network_load_memory(file.data(), file.size(), &network));
    localgrad_network_free(network);
  });
  each_failure("C: predict", [&] { call(localgrad_predict(trained.network, &x, &out, 1)); });
  each_failure("C: evaluate",
               [&] { call(localgrad_evaluate(trained.network, &x, &y, nullptr, 1, nullptr, nullptr)); });
  each_failure("C: predictor", [&] {
    localgrad_predictor* predictor = nullptr;
    call(localgrad_predictor_create(trained.network, 4, nullptr, 0, &predictor));
    const auto status = localgrad_predictor_predict(predictor, &x, &out);
    localgrad_predictor_free(predictor);
    call(status);
  });
  std::vector<double> numbers(localgrad_network_num_parameters(trained.network));
  const auto gradient = localgrad_matrix_f64(numbers.data(), 1, numbers.size());
  each_failure("C: gradients", [&] {
    localgrad_gradients* gradients = nullptr;
    call(localgrad_gradients_create(trained.network, 64, nullptr, 0, &gradients));
    const auto status =
        localgrad_gradients_compute(gradients, &some_x, &some_y, nullptr, &gradient, nullptr, nullptr);
    localgrad_gradients_free(gradients);
    call(status);
  });
  changes("C: try_step", [&](CTraining& t) {
    call(localgrad_trainer_try_step(t.trainer, &some_x, &some_y, nullptr, nullptr));
  });
}

}  // namespace

int main() {
  networks<float>();
  networks<double>();
  training<float>();
  training<double>();
  computing<float>();
  computing<double>();
  files<float>();
  files<double>();
  c_interface();
  return failures > 0;
}
