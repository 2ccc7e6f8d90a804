#include "localgrad/predict.hpp"

#include <algorithm>

#include "engine/data/examples.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/pass/few_rows.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"

namespace localgrad {
namespace {

/// Predicts a few rows, one after the other, without allocating memory.
template <class T>
void predict_few(const Network<T>& network, const Rows& x, T* out) {
  const auto& kernel = kernels<T>();
  FewRows<T> rows(network, kernel);
  const std::size_t width = network.sizes().back();
  const auto standards = standards_of(network);
  const Reading<T> reading = input_reading(network, standards.get());
  for (std::size_t r = 0; r < x.n; ++r, out += width) {
    if (!gather_row(kernel, x, r, rows.x(), reading)) refuse_example<T>(network, kernel, &x, nullptr, r);
    std::copy_n(rows.forward(), width, out);
    if (standards) standards->restore(out);
  }
}

}  // namespace

template <class T>
void predict(const Network<T>& network, const Rows& x, T* out, int n_threads) {
  const BriefFloatMode mode;
  check_rows(network, x);
  check_threads(n_threads);
  if (x.n < FewRows<T>::kMost && FewRows<T>::fits(network)) return predict_few(network, x, out);
  // Checking all rows first would read x twice. Instead, `out` is written block by block, and its contents
  // are unspecified after an error.
  const auto standards = standards_of(network);
  for_blocks(network, x, nullptr, {nullptr, 0, x.n}, n_threads, standards.get(), TargetRule<T>(network),
             [&](Pass<T>& pass, Index from, Index, Index first, Index rows) {
               restore_outputs(standards.get(), pass, from, rows);
               copy_outputs(pass, from, first, rows, out);
             });
}

#define LOCALGRAD_FOR(T) template void predict(const Network<T>&, const Rows&, T*, int);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
