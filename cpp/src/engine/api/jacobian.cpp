#include <algorithm>

#include "engine/jacobian/layer_product.hpp"
#include "engine/jacobian/tangents.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/pass/deltas.hpp"
#include "engine/team/threads.hpp"
#include "localgrad/derivatives.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

/// The Jacobians of x: from the outputs to the inputs, or from the inputs to the outputs.
template <class T>
class Jacobians {
 public:
  Jacobians(const OutputDerivatives<T>& of, const Rows& x, T* out, int n_threads,
            const std::function<bool()>& interrupt)
      : of_(of),
        x_(x),
        out_(out),
        inputs_(static_cast<Index>(of.network().sizes().front())),
        outputs_(static_cast<Index>(of.network().sizes().back())),
        n_threads_(n_threads),
        interrupt_(interrupt) {}

  void compute() const {
    const bool backward = outputs_ <= inputs_;
    // For few rows, the matrices of single examples have more rows than a batch of examples.
    const auto few = static_cast<std::size_t>(std::clamp<Index>(std::min(inputs_, outputs_), 4, kBlock));
    if (x_.n <= few) return backward ? each_backward() : each_forward();
    backward ? all_backward() : all_forward();
  }

 private:
  int passes() const { return 1 + static_cast<int>(std::min<Index>(std::min(inputs_, outputs_), 1 << 20)); }
  T* jacobian(std::size_t row) const { return out_ + row * static_cast<std::size_t>(inputs_ * outputs_); }
  void refuse(std::size_t row) const { refuse_example<T>(of_.network(), of_.kernels(), &x_, nullptr, row); }
  /// Calls f(row) for every row, and interrupt about every 0.1 s.
  template <class F>
  void each_row(const F& f) const {
    const std::size_t most = of_.rows_at_once(passes());
    for (std::size_t row = 0; row < x_.n; ++row) {
      if (row > 0 && row % most == 0) check_interrupt(interrupt_);
      f(row);
    }
  }

  void each_backward() const {
    LayerProduct<T> product(of_, outputs_);
    each_row([&](std::size_t row) {
      if (!product.forward(x_, row)) refuse(row);
      product.set_units();
      product.pull_back();
      for (Index j = 0; j < outputs_; ++j) product.copy_inputs(j, jacobian(row) + j * inputs_);
    });
  }

  void all_backward() const {
    of_.for_rows(x_, Buffers::inputs, passes(), n_threads_, interrupt_,
                 [this](Pass<T>& pass, Index at, std::size_t first, Index rows) {
                   for (Index j = 0; j < outputs_; ++j) {
                     for (Index r = at; r < at + rows; ++r) {
                       T* const delta = pass.delta(pass.layers() - 1, r);
                       std::fill_n(delta, outputs_, T(0));
                       delta[j] = 1;
                     }
                     of_.pull_back(pass, at, at + rows);
                     for (Index r = 0; r < rows; ++r)
                       of_.copy_inputs(pass, at + r,
                                       jacobian(first + static_cast<std::size_t>(r)) + j * inputs_);
                   }
                 });
  }

  /// Sets the tangent of row r to that of input k.
  void set_unit(const Tangents<T>& tangents, Pass<T>& pass, Index r, Index k) const {
    std::fill_n(pass.x_delta(r), inputs_, T(0));
    pass.x_delta(r)[k] = 1;
    tangents.read(pass, r);
  }
  /// Writes column k of a Jacobian, from row r of a pass.
  void copy_column(Pass<T>& pass, Index r, std::size_t row, Index k) const {
    const T* const tangent = pass.delta(pass.layers() - 1, r);
    for (Index j = 0; j < outputs_; ++j) jacobian(row)[j * inputs_ + k] = tangent[j];
  }

  /// Row k of the pass has the tangents of input k; row 0 also the example.
  void each_forward() const {
    const Tangents<T> tangents(of_);
    Pass<T> pass(of_.network(), of_.kernels(), static_cast<std::size_t>(inputs_), Buffers::tangents);
    pass.load();
    each_row([&](std::size_t row) {
      if (!gather_row(of_.kernels(), x_, row, pass.a(0, 0), of_.reading())) refuse(row);
      pass.forward(0, 1);
      tangents.prepare(pass, 0, 1);
      for (Index k = 0; k < inputs_; ++k) set_unit(tangents, pass, k, k);
      tangents.push_forward(pass, 0, inputs_, 0, 0);
      for (Index k = 0; k < inputs_; ++k) copy_column(pass, k, row, k);
    });
  }

  void all_forward() const {
    const Tangents<T> tangents(of_);
    of_.for_rows(x_, Buffers::tangents, passes(), n_threads_, interrupt_,
                 [&](Pass<T>& pass, Index at, std::size_t first, Index rows) {
                   tangents.prepare(pass, at, at + rows);
                   for (Index k = 0; k < inputs_; ++k) {
                     for (Index r = at; r < at + rows; ++r) set_unit(tangents, pass, r, k);
                     tangents.push_forward(pass, at, rows, at, 1);
                     for (Index r = 0; r < rows; ++r)
                       copy_column(pass, at + r, first + static_cast<std::size_t>(r), k);
                   }
                 });
  }

  const OutputDerivatives<T>& of_;
  const Rows& x_;
  T* const out_;
  const Index inputs_, outputs_;
  const int n_threads_;
  const std::function<bool()>& interrupt_;
};

}  // namespace

template <class T>
void jacobian(const Network<T>& network, const Rows& x, T* out, int n_threads,
              const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_rows(network, x);
  check_threads(n_threads);
  if (x.n == 0) return;
  const OutputDerivatives<T> of(network);
  Jacobians<T>(of, x, out, n_threads, interrupt).compute();
}

template <class T>
std::size_t jacobian_size(const Network<T>& network, std::size_t rows) {
  const std::size_t inputs = network.sizes().front(), outputs = network.sizes().back();
  const std::size_t numbers = product(rows, product(outputs, inputs));
  check_memory(product(numbers, sizeof(T)),
               text_of("Jacobians of ", rows, rows == 1 ? " row with " : " rows with ", outputs,
                       " outputs and ", inputs, " inputs"));
  return numbers;
}

#define LOCALGRAD_FOR(T)                                              \
  template std::size_t jacobian_size(const Network<T>&, std::size_t); \
  template void jacobian(const Network<T>&, const Rows&, T*, int, const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
