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
std::size_t Derivatives<T>::load(const Rows& x, const Targets& y, Units units, const Chosen& chosen) {
  standards_ = standards_of(*network_);
  reading_ = input_reading(*network_, standards_.get());
  restores_ = standards_ && units == Units::original;
  rows_ = chosen.n;
  weighted_ = y.weights.n > 0;
  const TargetRule<T> rule(*network_, restores_ ? nullptr : standards_.get());
  for (std::size_t r = 0; r < rows_; ++r) {
    const auto row = static_cast<Index>(r);
    const std::size_t from = chosen.row(r);
    if (!gather_row(kernels_, x, from, pass_.a(0, row), reading_) ||
        !gather_target(kernels_, rule, y, from, pass_.y(row)) || !weight_of(y, from, weights_.data() + r))
      return from;
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
void Derivatives<T>::run(int threads, const std::function<void(Index, Index)>& each, T* out) {
  const auto begin = [this](const Member& member) { return share_begin(n(), member.index, member.count); };
  const auto end = [this](const Member& member) { return share_begin(n(), member.index + 1, member.count); };
  if (custom()) {  // the function is called between two teams, on the calling thread
    run_members(threads, [&](const Member& member) { forward(begin(member), end(member)); });
    call_custom_cost();
  }
  const auto to_deltas = [&](const Member& member) {
    const Index first = begin(member), last = end(member);
    if (!custom()) forward(first, last);
    backward(first, last);
    each(first, last);
    weigh(first, last);
  };
  run_team(threads, [&](const Team& members) {
    members.each(to_deltas);
    members.meet();
    members.each([&](const Member& member) { gradient(member, out); });
  });
}

template <class T>
double Derivatives<T>::mean_cost() {
  double cost = 0;
  for (Index r = 0; r < n(); ++r)
    cost += *pass_.cost(r) * (weighted_ ? static_cast<double>(weights_.data()[r]) : 1);
  return cost / static_cast<double>(rows_);
}

template <class T>
void Derivatives<T>::copy_inputs(T* out, Index begin, Index end) const {
  const Index width = pass_.width(0);
  for (Index r = begin; r < end; ++r)
    scale_slopes(reading_, width, std::copy_n(pass_.x_delta(r), width, out + r * width) - width);
}

#define LOCALGRAD_FOR(T) template class Derivatives<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
