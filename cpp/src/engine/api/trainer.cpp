#include "localgrad/trainer.hpp"

#include <utility>

#include "engine/api/trainer_state.hpp"
#include "engine/data/shuffle.hpp"
#include "kernels/dispatch.hpp"
#include "model/float_mode.hpp"

namespace localgrad {

template <class T>
Trainer<T>::Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size,
                    const TrainerOptions& options) {
  const DefaultFloatMode mode;
  if (batch_size == 0) throw std::invalid_argument("batch_size must be at least 1, got 0");
  state_ = std::make_unique<State>(network, optimizer, batch_size, options);
}

template <class T>
Trainer<T>::Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size, int n_threads,
                    const Regularization& regularization, bool weighted)
    : Trainer(network, optimizer, batch_size,
              TrainerOptions{n_threads, regularization, weighted, false, {}, {}, 0, false}) {}

template <class T>
std::size_t Trainer<T>::bytes(const Network<T>& network, const Optimizer& optimizer, std::size_t batch_size,
                              const TrainerOptions& options) {
  TrainerOptions on_heap = options;
  on_heap.workspace = {};
  Network<T> copy(network);  // a Trainer requires a network that can be changed
  return Trainer(copy, optimizer, batch_size, on_heap).state_->arena.bytes();
}

template <class T>
Trainer<T>::~Trainer() = default;
template <class T>
Trainer<T>::Trainer(Trainer&&) noexcept = default;
template <class T>
Trainer<T>& Trainer<T>::operator=(Trainer&&) noexcept = default;

template <class T>
double Trainer<T>::step(const Rows& x, const Targets& y) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.start(x, y);
  s.check_given_batches("step");
  s.check_rows_of_step(x);
  s.set_order(x.n);
  return s.train(x, y, s.counts.position);
}

template <class T>
double Trainer<T>::epoch(const Rows& x, const Targets& y, bool shuffle) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.start(x, y);
  if (s.privacy.poisson) return s.epoch_of_samples(x, y, nullptr, x.n);
  s.order.resize(x.n);
  epoch_order(s.network->options().seed, s.network->epochs(), s.batch_size, shuffle, s.order);
  const double cost = s.train(x, y, 0);
  end_epoch();
  return cost;
}

template <class T>
double Trainer<T>::epoch(const Rows& x, const Targets& y, const std::uint32_t* rows, std::size_t n,
                         bool shuffle) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.start(x, y);
  if (s.privacy.poisson) return s.epoch_of_samples(x, y, rows, n);
  s.order.resize(n);
  epoch_order(s.network->options().seed, s.network->epochs(), s.batch_size, shuffle, s.order);
  choose_rows(x, rows, s.order);
  const double cost = s.train(x, y, 0);
  end_epoch();
  return cost;
}

template <class T>
double Trainer<T>::part(const Rows& x, const Targets& y, const std::uint32_t* order, std::size_t n) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.start(x, y);
  s.check_given_batches("part");
  copy_order(x, order, n, s.order);
  return s.train(x, y, s.counts.position);
}

template <class T>
void Trainer<T>::end_epoch() {
  state_->end_online();
  state_->find_network();
  state_->network->set_epochs(state_->network->epochs() + 1);
  state_->counts.position = 0;
}

template <class T>
std::size_t Trainer<T>::position() const {
  return state_->counts.position;
}

template <class T>
void Trainer<T>::set_interrupt(std::function<bool()> interrupt) {
  state_->run.set_interrupt(std::move(interrupt));
}

template <class T>
const std::vector<double>& Trainer<T>::step_costs() const {
  return state_->run.step_costs();
}

template <class T>
double Trainer<T>::cost_sum(double start) const {
  const DefaultFloatMode mode;
  return state_->cost_sum(start);
}

template <class T>
Diagnostics Trainer<T>::diagnostics() const {
  const DefaultFloatMode mode;
  const auto* probe = state_->run.probe();
  return probe ? probe->means() : Diagnostics();
}

template <class T>
void Trainer<T>::record_outputs(T* out) {
  state_->run.record_outputs(out);
}

#define LOCALGRAD_FOR(T) template class Trainer<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
