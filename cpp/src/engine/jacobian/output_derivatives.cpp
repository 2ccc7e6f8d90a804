#include "engine/jacobian/output_derivatives.hpp"

#include <algorithm>

#include "engine/pass/by_blocks.hpp"
#include "engine/pass/deltas.hpp"
#include "kernels/dispatch.hpp"

namespace localgrad {

template <class T>
OutputDerivatives<T>::OutputDerivatives(const Network<T>& network)
    : network_(network),
      kernels_(localgrad::kernels<T>()),
      standards_(standards_of(network)),
      reading_(input_reading(network, standards_.get())) {}

template <class T>
std::size_t OutputDerivatives<T>::rows_at_once(int passes) const {
  constexpr std::size_t rows = 1000;
  const auto seconds = [&](std::size_t n) { return rows_work(network_, kernels_, n, passes).seconds; };
  return static_cast<std::size_t>(0.1 * rows / (seconds(rows) - seconds(0))) + 1;
}

template <class T>
void OutputDerivatives<T>::for_rows(const Rows& x, Buffers buffers, int passes, int n_threads,
                                    const std::function<bool()>& interrupt, const Visit& visit) const {
  // Packing the weights takes as long as a few passes.
  const std::size_t most = rows_at_once(passes) + static_cast<std::size_t>(kBlock / passes);
  const TargetRule<T> rule(network_);
  for (Chosen chosen{nullptr, 0, 0}; chosen.first < x.n; chosen.first += chosen.n) {
    if (chosen.first > 0) check_interrupt(interrupt);
    chosen.n = std::min(most, x.n - chosen.first);
    const AnyFinish<T> finish = [&](Pass<T>& pass, Index at, Index, Index first, Index rows) {
      visit(pass, at, chosen.first + static_cast<std::size_t>(first), rows);
    };
    for_blocks(network_, x, nullptr, chosen, n_threads, standards_.get(), rule, finish, buffers, passes);
  }
}

template <class T>
void OutputDerivatives<T>::pull_back(Pass<T>& pass, Index begin, Index end) const {
  pass.output_delta(begin, end);
  for (Index r = begin; standards_ && r < end; ++r) standards_->chain(pass.delta(pass.layers() - 1, r));
  pass.backward(begin, end);
}

template <class T>
void OutputDerivatives<T>::copy_inputs(const Pass<T>& pass, Index r, T* out) const {
  std::copy_n(pass.x_delta(r), pass.width(0), out);
  scale_slopes(reading_, pass.width(0), out);
}

#define LOCALGRAD_FOR(T) template class OutputDerivatives<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
