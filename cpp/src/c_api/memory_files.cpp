// Networks and checkpoints in memory.

#include "c_api/checkpoints.hpp"
#include "model/float_mode.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

localgrad_status localgrad_network_load_memory(const void* data, size_t bytes, localgrad_network** network) {
  return guarded([&] {
    const DefaultFloatMode mode;
    auto& result = given(network, "network");
    result = handle_of(read_any_network(archive_of(data, bytes)));
  });
}

localgrad_status localgrad_network_save_memory(const localgrad_network* network, void* memory, size_t bytes,
                                               size_t* needed) {
  return guarded([&] {
    with_network(network, [&](const auto& net) {
      const std::size_t size = net.save(nullptr, 0);
      if (needed) *needed = size;
      if (memory) net.save(memory, bytes);
    });
  });
}

localgrad_status localgrad_trainer_save_memory(const localgrad_trainer* trainer, void* memory, size_t bytes,
                                               size_t* needed) {
  return guarded([&] {
    with_training(trainer, [&](const auto& training) {
      const auto state = training.trainer.state();
      const std::size_t size = save_checkpoint(nullptr, 0, training.network, state);
      if (needed) *needed = size;
      if (memory) save_checkpoint(memory, bytes, training.network, state);
    });
  });
}

localgrad_status localgrad_trainer_restore_memory(localgrad_trainer* trainer, const void* data,
                                                  size_t bytes) {
  return guarded([&] {
    with_training(trainer, [&](auto& training) {
      restore(training, load_checkpoint<Element<decltype(training)>>(data, bytes));
    });
  });
}
