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

}  // namespace

localgrad_status localgrad_trainer_create(localgrad_network* network, const char* optimizer,
                                          const localgrad_settings* settings, size_t batch_size,
                                          localgrad_trainer** trainer) {
  return guarded([&] {
    auto& result = given(trainer, "trainer");
    ReadSettings read(settings);
    const Optimizer rule = make_optimizer(&given(optimizer, "optimizer"), read);
    Regularization regularization;
    each_regularization(regularization, read);
    int threads = 0;
    bool weighted = false;
    read("threads", threads);
    read("weighted", weighted);
    read.finish("a trainer with the optimizer " + std::string(optimizer));
    with_network(network, [&](auto& net) {
      result = new localgrad_trainer(*network, net, rule, batch_size, threads, regularization, weighted);
    });
  });
}

void localgrad_trainer_free(localgrad_trainer* trainer) { delete trainer; }

localgrad_status localgrad_trainer_end_epoch(localgrad_trainer* trainer) {
  return guarded([&] { with_training(trainer, [](auto& training) { training.trainer.end_epoch(); }); });
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
