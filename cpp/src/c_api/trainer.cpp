#include "localgrad/trainer.hpp"

#include <string>

#include "c_api/arrays.hpp"
#include "c_api/objects.hpp"
#include "c_api/settings.hpp"
#include "functions/updates.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

namespace {

template <class... O>
std::string kinds_of(const std::variant<O...>&) {
  std::string kinds;
  ((kinds += (kinds.empty() ? "'" : ", '") + std::string(UpdateRule<O>::kName) + "'"), ...);
  return kinds;
}

template <class O>
bool make_kind(const std::string& kind, ReadSettings& read, Optimizer& optimizer) {
  if (kind != UpdateRule<O>::kName) return false;
  UpdateRule<O>::settings(optimizer.emplace<O>(), [&](const char* name, auto& value, auto...) {
    if (name != std::string_view("weight_decay"))
      read(name, value);  // Regularization has it for all optimizers
  });
  return true;
}
template <class... O>
bool make_any(const std::string& kind, ReadSettings& read, std::variant<O...>& optimizer) {
  return (make_kind<O>(kind, read, optimizer) || ...);
}

Optimizer make_optimizer(const std::string& kind, ReadSettings& read) {
  Optimizer optimizer;
  if (!make_any(kind, read, optimizer))
    refuse("optimizer must be one of ", kinds_of(optimizer), ", got '", kind, "'");
  return optimizer;
}

/// Settings of a trainer.
struct Setup {
  Setup(const std::string& kind, const localgrad_settings* settings) {
    ReadSettings read(settings);
    optimizer = make_optimizer(kind, read);
    each_regularization(options.regularization, read);
    read("threads", options.n_threads);
    read("weighted", options.weighted);
    read("online", options.online);
    read.finish("a trainer with the optimizer " + kind);
  }
  Optimizer optimizer;
  TrainerOptions options;
};

}  // namespace

localgrad_status localgrad_trainer_create(localgrad_network* network, const char* optimizer,
                                          const localgrad_settings* settings, size_t batch_size, void* memory,
                                          size_t bytes, localgrad_trainer** trainer) {
  return guarded([&] {
    auto& result = given(trainer, "trainer");
    Setup setup(&given(optimizer, "optimizer"), settings);
    setup.options.workspace = workspace_of(memory, bytes);
    with_network(network, [&](auto& net) {
      result = new localgrad_trainer(*network, net, setup.optimizer, batch_size, setup.options);
    });
  });
}

localgrad_status localgrad_trainer_bytes(const localgrad_network* network, const char* optimizer,
                                         const localgrad_settings* settings, size_t batch_size,
                                         size_t* bytes) {
  return guarded([&] {
    auto& result = given(bytes, "bytes");
    const Setup setup(&given(optimizer, "optimizer"), settings);
    with_network(network, [&](const auto& net) {
      result = Trainer<Element<decltype(net)>>::bytes(net, setup.optimizer, batch_size, setup.options);
    });
  });
}

void localgrad_trainer_free(localgrad_trainer* trainer) { delete trainer; }

localgrad_status localgrad_trainer_end_epoch(localgrad_trainer* trainer) {
  return guarded([&] { with_training(trainer, [](auto& training) { training.trainer.end_epoch(); }); });
}

localgrad_status localgrad_trainer_sync(localgrad_trainer* trainer) {
  return guarded(
      [&] { return with_training(trainer, [](auto& training) { return training.trainer.sync(); }); });
}

localgrad_status localgrad_trainer_undo(localgrad_trainer* trainer) {
  return guarded([&] { with_training(trainer, [](auto& training) { training.trainer.undo(); }); });
}

size_t localgrad_trainer_position(const localgrad_trainer* trainer) {
  return guarded_or(std::size_t{0}, [&] {
    return with_training(trainer, [](const auto& training) { return training.trainer.position(); });
  });
}

localgrad_status localgrad_trainer_set_schedule(localgrad_trainer* trainer, const char* setting,
                                                localgrad_schedule_function function, void* user) {
  return guarded([&] {
    with_training(trainer, [&](auto& training) {
      Schedules schedules = training.schedules;
      const std::string name = &given(setting, "setting");
      auto* factor = name == "learning_rate"     ? &schedules.learning_rate
                     : name == "dropout"         ? &schedules.dropout
                     : name == "weight_decay"    ? &schedules.weight_decay
                     : name == "label_smoothing" ? &schedules.label_smoothing
                                                 : nullptr;
      if (!factor)
        refuse("setting must be 'learning_rate', 'dropout', 'weight_decay' or 'label_smoothing', got '", name,
               "'");
      *factor = nullptr;
      if (function) *factor = [function, user](std::size_t step) { return function(user, step); };
      training.trainer.set_schedules(schedules);
      training.schedules = std::move(schedules);
    });
  });
}
