// Networks and checkpoints in files.

#include "c_api/checkpoints.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

localgrad_status localgrad_network_load(const char* path, localgrad_network** network) {
  return guarded([&] {
    auto& result = given(network, "network");
    result = handle_of(load_any_network(&given(path, "path")));
  });
}

localgrad_status localgrad_network_save(const localgrad_network* network, const char* path) {
  return guarded([&] { with_network(network, [&](const auto& net) { net.save(&given(path, "path")); }); });
}

localgrad_status localgrad_trainer_save(const localgrad_trainer* trainer, const char* path) {
  return guarded([&] {
    with_training(trainer, [&](const auto& training) {
      save_checkpoint(&given(path, "path"), training.network, training.trainer.state());
    });
  });
}

localgrad_status localgrad_trainer_restore(localgrad_trainer* trainer, const char* path) {
  return guarded([&] {
    with_training(trainer, [&](auto& training) {
      restore(training, load_checkpoint<Element<decltype(training)>>(&given(path, "path")));
    });
  });
}
