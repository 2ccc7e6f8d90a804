#include "localgrad/gradients.hpp"

#include <cmath>
#include <stdexcept>

#include "engine/api/status_of.hpp"
#include "engine/pass/derivatives.hpp"
#include "kernels/dispatch.hpp"
#include "model/float_mode.hpp"
#include "model/network_shape.hpp"

namespace localgrad {

template <class T>
struct Gradients<T>::State {
  State(const Network<T>& network, std::size_t max_rows, const Workspace& workspace)
      : tracker(network),
        shape(network),
        rows(max_rows),
        arena(workspace),
        derivatives(network, kernels<T>(), max_rows, true, &arena) {
    arena.check();
  }
  const Tracker<const Network<T>> tracker;
  const NetworkShape<T> shape;
  const std::size_t rows;
  Arena arena;
  Derivatives<T> derivatives;
};

template <class T>
Gradients<T>::Gradients(const Network<T>& network, std::size_t max_rows, Workspace workspace) {
  const DefaultFloatMode mode;
  if (max_rows == 0) throw std::invalid_argument("max_rows must be at least 1, got 0");
  state_ = std::make_unique<State>(network, max_rows, workspace);
}

template <class T>
std::size_t Gradients<T>::bytes(const Network<T>& network, std::size_t max_rows) {
  return Gradients(network, max_rows).state_->arena.bytes();
}

template <class T>
Gradients<T>::~Gradients() = default;
template <class T>
Gradients<T>::Gradients(Gradients&&) noexcept = default;
template <class T>
Gradients<T>& Gradients<T>::operator=(Gradients&&) noexcept = default;

template <class T>
Status Gradients<T>::forward_backward(const Rows& x, const Targets& y, T* gradient, double* cost,
                                      T* x_gradient) noexcept {
  if (!state_ || !gradient) return Status::invalid_argument;
  try {
    const DefaultFloatMode mode;
    const Network<T>* network = state_->tracker.get();
    auto& d = state_->derivatives;
    if (!network || !state_->shape.fits(*network) || x.n > state_->rows) return Status::invalid_argument;
    check_examples(*network, x, y);
    d.follow(*network);
    if (d.load(x, y) < x.n) return Status::bad_example;
    const Index n = static_cast<Index>(x.n);
    d.forward(0, n);
    d.call_custom_cost();
    d.backward(0, n);
    if (x_gradient) d.copy_inputs(x_gradient, 0, n);
    d.weigh(0, n);
    d.gradient(Member{}, gradient);
    const double mean = d.mean_cost();
    if (cost) *cost = mean;
    return std::isfinite(mean) ? Status::ok : Status::not_finite;
  } catch (...) {
    return status_of_exception();
  }
}

#define LOCALGRAD_FOR(T) template class Gradients<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
