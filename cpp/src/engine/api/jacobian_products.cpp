#include <algorithm>

#include "engine/pass/by_blocks.hpp"
#include "engine/pass/layer_product.hpp"
#include "engine/pass/tangents.hpp"
#include "engine/team/threads.hpp"
#include "localgrad/derivatives.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

constexpr std::size_t kFew = 4;  // rows for which packing the weights takes longer

/// Checks the shape of the vectors that belong to the rows of x.
void check_vectors(const Rows& x, const Rows& vectors, std::size_t width) {
  if (vectors.n != x.n)
    refuse(x.name, " and ", vectors.name, " must have the same length, got ", x.n, " and ", vectors.n);
  if (vectors.width != width)
    refuse(vectors.name, " must have rows of ", width, " numbers, got ", vectors.width);
}

/// Computes vjp, or the derivatives of one output if v is null.
template <class T>
void pull_back_all(const Network<T>& network, const Rows& x, const Rows* v, std::size_t output, T* out,
                   int n_threads, const std::function<bool()>& interrupt) {
  const OutputDerivatives<T> of(network);
  const std::size_t inputs = network.sizes().front(), outputs = network.sizes().back();
  const auto seed = [&](std::size_t row, T* to) {
    if (v) return gather_row(of.kernels(), *v, row, to);
    std::fill_n(to, outputs, T(0));
    to[output] = 1;
    return true;
  };
  if (x.n <= kFew) {
    LayerProduct<T> product(of, 1);
    for (std::size_t row = 0; row < x.n; ++row, out += inputs) {
      if (!product.forward(x, row)) refuse_example<T>(network, of.kernels(), &x, nullptr, row);
      if (!seed(row, product.seed())) refuse_row(of.kernels(), *v, row);
      product.set(0);
      product.pull_back();
      product.copy_inputs(0, out);
    }
    return;
  }
  FirstBad bad;
  of.for_rows(x, Buffers::inputs, 2, n_threads, interrupt,
              [&](Pass<T>& pass, Index at, std::size_t first, Index rows) {
                for (Index r = 0; r < rows; ++r) {
                  const std::size_t row = first + static_cast<std::size_t>(r);
                  if (!seed(row, pass.delta(pass.layers() - 1, at + r))) bad.note(row);
                }
                if (bad.any()) return;
                of.pull_back(pass, at, at + rows);
                for (Index r = 0; r < rows; ++r)
                  of.copy_inputs(pass, at + r, out + (first + static_cast<std::size_t>(r)) * inputs);
              });
  if (bad.any()) refuse_row(of.kernels(), *v, bad.row());
}

}  // namespace

template <class T>
void vjp(const Network<T>& network, const Rows& x, const Rows& v, T* out, int n_threads,
         const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_rows(network, x);
  check_vectors(x, v, network.sizes().back());
  check_threads(n_threads);
  pull_back_all(network, x, &v, 0, out, n_threads, interrupt);
}

template <class T>
void input_gradient(const Network<T>& network, const Rows& x, std::size_t output, T* out, int n_threads,
                    const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_rows(network, x);
  check_threads(n_threads);
  if (const std::size_t outputs = network.sizes().back(); output >= outputs)
    refuse("output must be an integer between 0 and ", outputs - 1, ", got ", output);
  pull_back_all<T>(network, x, nullptr, output, out, n_threads, interrupt);
}

template <class T>
void jvp(const Network<T>& network, const Rows& x, const Rows& u, T* out, int n_threads,
         const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_rows(network, x);
  check_vectors(x, u, network.sizes().front());
  check_threads(n_threads);
  if (x.n == 0) return;
  const OutputDerivatives<T> of(network);
  const Tangents<T> tangents(of);
  FirstBad bad;
  of.for_rows(x, Buffers::tangents, 2, n_threads, interrupt,
              [&](Pass<T>& pass, Index at, std::size_t first, Index rows) {
                for (Index r = 0; r < rows; ++r) {
                  const std::size_t row = first + static_cast<std::size_t>(r);
                  if (!gather_row(of.kernels(), u, row, pass.x_delta(at + r))) bad.note(row);
                  tangents.read(pass, at + r);
                }
                if (bad.any()) return;
                tangents.prepare(pass, at, at + rows);
                tangents.push_forward(pass, at, rows, at, 1);
                const Index head = pass.layers() - 1, outputs = pass.width(head + 1);
                for (Index r = 0; r < rows; ++r)
                  std::copy_n(
                      pass.delta(head, at + r), outputs,
                      out + (first + static_cast<std::size_t>(r)) * static_cast<std::size_t>(outputs));
              });
  if (bad.any()) refuse_row(of.kernels(), u, bad.row());
}

#define LOCALGRAD_FOR(T)                                                                                 \
  template void vjp(const Network<T>&, const Rows&, const Rows&, T*, int, const std::function<bool()>&); \
  template void jvp(const Network<T>&, const Rows&, const Rows&, T*, int, const std::function<bool()>&); \
  template void input_gradient(const Network<T>&, const Rows&, std::size_t, T*, int,                     \
                               const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
