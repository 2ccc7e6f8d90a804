#include "localgrad/predict.hpp"

#include <algorithm>

#include "engine/data/examples.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/pass/few_rows.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"

namespace localgrad {
namespace {

constexpr Index kTile = 6;  // rows that are computed together efficiently

/// Number of rows to compute at a time on the stack of the calling thread. 0 if there are so many rows that
/// packing the weights or starting other threads is worthwhile, or if a row does not fit.
template <class T>
Index rows_on_stack(const Network<T>& network, std::size_t n) {
  constexpr std::size_t always = 3, most = 32, products = 1 << 17;
  if (n > most) return 0;
  const auto rows = static_cast<Index>(n);
  if (n <= always) return FewRows<T>::fits(network, rows) ? rows : FewRows<T>::fits(network, 1) ? 1 : 0;
  if (n * network.num_parameters() > products) return 0;
  return FewRows<T>::fits(network, rows) ? rows : FewRows<T>::fits(network, kTile) ? kTile : 0;
}

/// Predicts a few rows without allocating memory.
template <class T>
void predict_few(const Network<T>& network, const Rows& x, Index at_a_time, T* out) {
  const auto& kernel = kernels<T>();
  FewRows<T> few(network, kernel);
  const std::size_t width = network.sizes().back();
  const auto standards = standards_of(network);
  const Reading<T> reading = input_reading(network, standards.get());
  for (std::size_t first = 0; first < x.n;) {
    const Index rows = std::min(at_a_time, static_cast<Index>(x.n - first));
    for (Index r = 0; r < rows; ++r) {
      const std::size_t row = first + static_cast<std::size_t>(r);
      if (!gather_row(kernel, x, row, few.x(r), reading))
        refuse_example<T>(network, kernel, &x, nullptr, row);
    }
    few.forward(rows);
    for (Index r = 0; r < rows; ++r, out += width) {
      std::copy_n(few.a(r), width, out);
      if (standards) standards->restore(out);
    }
    first += static_cast<std::size_t>(rows);
  }
}

}  // namespace

template <class T>
void predict(const Network<T>& network, const Rows& x, T* out, int n_threads) {
  const BriefFloatMode mode;
  check_rows(network, x);
  check_threads(n_threads);
  if (const Index rows = rows_on_stack(network, x.n)) return predict_few(network, x, rows, out);
  // Checking all rows first would read x twice. Instead, `out` is written block by block, and its contents
  // are unspecified after an error.
  const auto standards = standards_of(network);
  for_blocks(network, x, nullptr, {nullptr, 0, x.n}, n_threads, standards.get(), TargetRule<T>(network),
             [&](Pass<T>& pass, Index from, Index, Index first, Index rows) {
               restore_outputs(standards.get(), pass, from, rows);
               copy_outputs(pass, from, first, rows, out);
             });
}

template void predict(const Network<float>&, const Rows&, float*, int);
template void predict(const Network<double>&, const Rows&, double*, int);

}  // namespace localgrad
