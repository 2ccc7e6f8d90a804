// Poisson sampling.

#include <stdexcept>

#include "engine/api/trainer_state.hpp"
#include "engine/data/poisson.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace localgrad {

template <class T>
double Trainer<T>::State::train_on_samples(const Rows& x, const Targets& y, const std::uint32_t* rows,
                                           std::size_t n, std::size_t steps) {
  if (n < batch_size) refuse("n must be at least ", batch_size, " (batch_size), got ", n);
  const std::size_t left = n - std::min(n, counts.position), most = (left + batch_size - 1) / batch_size;
  if (steps < 1 || steps > most) refuse("steps must be at least 1 and at most ", most, ", got ", steps);
  draw_poisson(privacy.key, run.progress().t, steps, n, batch_size, order, offsets);
  if (rows && !order.empty()) choose_rows(x, rows, order);
  expected_rows = std::min(left, steps * batch_size);
  run.set_batches(offsets.data(), batch_size);
  return train(x, y, counts.position);
}

template <class T>
double Trainer<T>::State::epoch_of_samples(const Rows& x, const Targets& y, const std::uint32_t* rows,
                                           std::size_t n) {
  counts.position = 0;
  const double cost = train_on_samples(x, y, rows, n, (n + batch_size - 1) / batch_size);
  network->set_epochs(network->epochs() + 1);
  counts.position = 0;
  return cost;
}

template <class T>
double Trainer<T>::draw(const Rows& x, const Targets& y, const std::uint32_t* rows, std::size_t n,
                        std::size_t steps) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.start(x, y);
  if (!s.privacy.poisson) throw std::invalid_argument("draw requires Poisson sampling (Privacy::poisson)");
  return s.train_on_samples(x, y, rows, rows ? n : x.n, steps);
}

// The members defined in this file.
#define LOCALGRAD_FOR(T)                                                                                 \
  template double Trainer<T>::State::train_on_samples(const Rows&, const Targets&, const std::uint32_t*, \
                                                      std::size_t, std::size_t);                         \
  template double Trainer<T>::State::epoch_of_samples(const Rows&, const Targets&, const std::uint32_t*, \
                                                      std::size_t);                                      \
  template double Trainer<T>::draw(const Rows&, const Targets&, const std::uint32_t*, std::size_t,       \
                                   std::size_t);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
