#pragma once

#include <memory>
#include <utility>
#include <variant>

#include "c_api/guard.hpp"
#include "files/network_file.hpp"
#include "localgrad/localgrad.h"
#include "localgrad/trainer.hpp"

// What the handles of the C interface point to.

/// Shared with the trainers of the network, so that objects can be freed in any order.
struct localgrad_network {
  std::shared_ptr<localgrad::AnyNetwork> any;
};

namespace localgrad::c_api {

/// A Trainer and what it refers to.
template <class T>
struct Training {
  Training(Network<T>& of, const Optimizer& optimizer, std::size_t rows, const TrainerOptions& options)
      : network(of), batch_size(rows), trainer(of, optimizer, rows, options) {}
  Network<T>& network;
  const std::size_t batch_size;
  Trainer<T> trainer;
  Schedules schedules;
};

/// Calls f with the network of either type.
template <class Handle, class F>
decltype(auto) with_network(Handle* handle, const F& f) {
  auto& any = *given(handle, "network").any;
  using Any = std::conditional_t<std::is_const_v<Handle>, const AnyNetwork, AnyNetwork>;
  return std::visit(f, static_cast<Any&>(any));
}

/// Returns a new handle.
inline localgrad_network* handle_of(AnyNetwork&& network) {
  auto handle = std::make_unique<localgrad_network>();
  handle->any = std::make_shared<AnyNetwork>(std::move(network));
  return handle.release();
}

/// Element type of a network or of what refers to one.
template <class T>
T element_of(const Network<T>&);
template <class T>
T element_of(const Training<T>&);
template <class Object>
using Element = decltype(element_of(std::declval<const Object&>()));

}  // namespace localgrad::c_api

struct localgrad_trainer {
  template <class T>
  localgrad_trainer(const localgrad_network& network, localgrad::Network<T>& of,
                    const localgrad::Optimizer& optimizer, std::size_t batch_size,
                    const localgrad::TrainerOptions& options)
      : any(network.any),
        training(std::in_place_type<localgrad::c_api::Training<T>>, of, optimizer, batch_size, options) {}
  std::shared_ptr<localgrad::AnyNetwork> any;  // destroyed after the trainer
  std::variant<localgrad::c_api::Training<float>, localgrad::c_api::Training<double>> training;
};

namespace localgrad::c_api {

/// Calls f with the Training of either type.
template <class Handle, class F>
decltype(auto) with_training(Handle* handle, const F& f) {
  return std::visit(f, given(handle, "trainer").training);
}

}  // namespace localgrad::c_api
