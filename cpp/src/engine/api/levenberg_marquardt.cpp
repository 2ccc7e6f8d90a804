#include "localgrad/levenberg_marquardt.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "engine/least_squares/iterations.hpp"
#include "model/float_mode.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

template <class T>
NetworkKind kind_of(const Network<T>& network) {
  return {network.sizes(), network.options(), cost_of(network)};
}

}  // namespace

template <class T>
struct LevenbergMarquardt<T>::State {
  const Tracker<Network<T>> tracker;
  Iterations iterations;
};

template <class T>
LevenbergMarquardt<T>::LevenbergMarquardt(Network<T>& network, const LevenbergMarquardtSettings& settings,
                                          const Regularization& regularization, int n_threads) {
  const DefaultFloatMode mode;
  state_.reset(new State{Tracker<Network<T>>(network), Iterations(kind_of(network), settings, regularization,
                                                                  n_threads, std::is_same_v<T, float>)});
}
template <class T>
LevenbergMarquardt<T>::~LevenbergMarquardt() = default;
template <class T>
LevenbergMarquardt<T>::LevenbergMarquardt(LevenbergMarquardt&&) noexcept = default;
template <class T>
LevenbergMarquardt<T>& LevenbergMarquardt<T>::operator=(LevenbergMarquardt&&) noexcept = default;

template <class T>
LevenbergMarquardtResult LevenbergMarquardt<T>::iterate(const Rows& x, const Targets& y,
                                                        const std::function<bool()>& interrupt) {
  return iterate(x, y, nullptr, x.n, interrupt);
}

template <class T>
LevenbergMarquardtResult LevenbergMarquardt<T>::iterate(const Rows& x, const Targets& y,
                                                        const std::uint32_t* order, std::size_t n,
                                                        const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  auto& all = state_->iterations;
  Network<T>* network = state_->tracker.get();
  if (!network || !(kind_of(*network) == all.kind()))
    refuse("network must be that of the optimizer, with the same sizes and functions, got ",
           network ? "another one" : "one that has been destroyed");
  check_examples(*network, x, y);
  std::vector<std::uint32_t> copied;
  if (order) copy_order(x, order, n, copied);
  Network<double>& copy = all.network();
  if (network->options().standardize) copy.set_standardization(network->standardization());
  std::copy_n(network->parameters(), network->num_parameters(), copy.parameters());
  const Chosen chosen{order ? copied.data() : nullptr, 0, order ? n : x.n};
  const auto result = all.iterate(x, y, chosen, network->epochs() + 1, interrupt);
  if (result == LevenbergMarquardtResult::stepped)
    std::transform(copy.parameters(), copy.parameters() + copy.num_parameters(), network->parameters(),
                   [](double parameter) { return static_cast<T>(parameter); });
  return result;
}

template <class T>
double LevenbergMarquardt<T>::cost() const {
  return state_->iterations.cost();
}
template <class T>
std::uint64_t LevenbergMarquardt<T>::steps() const {
  return state_->iterations.steps();
}
template <class T>
double LevenbergMarquardt<T>::damping() const {
  return state_->iterations.damping();
}
template <class T>
void LevenbergMarquardt<T>::set_damping(double damping) {
  state_->iterations.set_damping(damping);
}

#define LOCALGRAD_FOR(T) template class LevenbergMarquardt<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
