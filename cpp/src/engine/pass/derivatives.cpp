#include "engine/pass/derivatives.hpp"

#include <algorithm>

namespace localgrad {

template <class T>
Derivatives<T>::Derivatives(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity,
                            bool inputs, Arena* arena)
    : network_(&network),
      kernels_(kernels),
      pass_(network, kernels, capacity, inputs ? Buffers::inputs : Buffers::everything, {}, false, arena),
      cost_(network, capacity, arena),
      weights_(capacity, "weights of a mini-batch", arena),
      units_((pass_.prepare(), pass_), LayerRates({}, network), true) {}

template <class T>
std::size_t Derivatives<T>::load(const Rows& x, const Targets& y, Units units) {
  standards_ = standards_of(*network_);
  reading_ = input_reading(*network_, standards_.get());
  restores_ = standards_ && units == Units::original;
  rows_ = x.n;
  weighted_ = y.weights.n > 0;
  const TargetRule<T> rule(*network_, restores_ ? nullptr : standards_.get());
  for (std::size_t r = 0; r < x.n; ++r) {
    const auto row = static_cast<Index>(r);
    if (!gather_row(kernels_, x, r, pass_.a(0, row), reading_) ||
        !gather_target(kernels_, rule, y, r, pass_.y(row)) || !weight_of(y, r, weights_.data() + r))
      return r;
  }
  pass_.load();
  return x.n;
}

template <class T>
void Derivatives<T>::forward(Index begin, Index end) {
  pass_.forward(begin, end);
  for (Index r = begin; restores_ && r < end; ++r) standards_->restore(pass_.a(pass_.layers(), r));
}

template <class T>
void Derivatives<T>::call_custom_cost() {
  if (custom()) cost_.call(*network_, pass_, n());
}

template <class T>
void Derivatives<T>::backward(Index begin, Index end) {
  custom() ? pass_.output_delta(begin, end) : pass_.output(begin, end);
  for (Index r = begin; restores_ && r < end; ++r) standards_->chain(pass_.delta(pass_.layers() - 1, r));
  pass_.backward(begin, end);
}

template <class T>
void Derivatives<T>::weigh(Index begin, Index end) {
  if (!weighted_) return;
  for (Index i = 0; i < pass_.parts(); ++i) {
    const Index width = i == pass_.layers() ? pass_.width(0) : pass_.width(i + 1);
    for (Index r = begin; r < end; ++r)
      for (Index j = 0; j < width; ++j) pass_.delta(i, r)[j] *= weights_.data()[r];
  }
}

template <class T>
void Derivatives<T>::gradient(const Member& member, T* out) {
  for (const GradientUnit& unit : units_.share(member)) {
    auto g = pass_.gradient_args(unit.layer, 0, n(), {}, true);
    unit.apply_to(g);
    g.w.data = out + (network_->weights(static_cast<std::size_t>(unit.layer)) - network_->parameters());
    kernels_.gradient(g);
  }
}

template <class T>
double Derivatives<T>::mean_cost() {
  double cost = 0;
  for (Index r = 0; r < n(); ++r)
    cost += *pass_.cost(r) * (weighted_ ? static_cast<double>(weights_.data()[r]) : 1);
  return cost / static_cast<double>(rows_);
}

template <class T>
void Derivatives<T>::copy_inputs(T* out) const {
  const Index width = pass_.width(0);
  const T* factors = reading_.shift ? reading_.shift->factor : nullptr;
  for (Index r = 0; r < n(); ++r)
    for (Index k = 0; k < width; ++k)
      out[r * width + k] = pass_.x_delta(r)[k] * (factors ? factors[k] : reading_.scale);
}

template class Derivatives<float>;
template class Derivatives<double>;

}  // namespace localgrad
