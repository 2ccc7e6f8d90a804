#include <algorithm>
#include <atomic>
#include <vector>

#include "engine/data/examples.hpp"
#include "engine/pass/deltas.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/team.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/lanes.hpp"
#include "localgrad/per_example.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

constexpr Index kSide = 96;  // rows and columns of a block of the result: whole tiles and whole vectors

/// One factor of the gradients of n examples: the gradient of a part of the parameters is the outer product
/// of two of them, left and right of (G1).
template <class T>
struct Factor {
  Factor(Index n, Index width_)
      : width(width_),
        stride(ceil_div(width_, kVirtualLanes) * kVirtualLanes),
        numbers(product(static_cast<std::size_t>(n), static_cast<std::size_t>(stride)),
                "local gradients and activations of all examples") {}
  T* row(Index r) const { return numbers.data() + r * stride; }
  Index width, stride;
  Buffer<T> numbers;
};

/// The factors of the gradients of a set of examples: left and right of each part.
template <class T>
std::vector<Factor<T>> factors_of(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                                  const std::function<bool()>& interrupt) {
  check_examples(network, x, y);
  std::vector<Factor<T>> all;
  const auto add = [&](std::size_t width) {
    all.emplace_back(static_cast<Index>(x.n), static_cast<Index>(width));
  };
  const auto& sizes = network.sizes();
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    add(sizes[i] + 1);  // with the 1 that the bias is multiplied by
    add(sizes[i + 1]);
  }
  if (network.input_scales()) {
    add(1);
    add(sizes.front());
  }
  for_deltas<T>(network, x, y, n_threads, interrupt,
                [&](Pass<T>& pass, Index at, std::size_t first, Index rows) {
                  for (Index i = 0; i < pass.parts(); ++i) {
                    const auto g = pass.gradient_args(i, at, rows, {}, true);
                    const auto& left = all[static_cast<std::size_t>(2 * i)];
                    const auto& right = all[static_cast<std::size_t>(2 * i + 1)];
                    for (Index r = 0; r < rows; ++r) {
                      const Index to = static_cast<Index>(first) + r;
                      std::copy_n(g.left + r * g.left_stride, left.width, left.row(to));
                      std::copy_n(g.right + r * g.right_stride, right.width, right.row(to));
                    }
                  }
                });
  return all;
}

/// The memory in which one thread computes a block of the result.
template <class T>
class Block {
 public:
  Block(const Kernels<T>& kernels, const std::vector<Factor<T>>& factors) : kernels_(kernels) {
    for (const auto& factor : factors)
      packed_.emplace_back(static_cast<std::size_t>(panel_size(factor.width + 1, kSide, kernels.lanes)),
                           kWhat);
  }

  /// Packs factors of the examples column.. column + columns - 1.
  void pack(const std::vector<Factor<T>>& factors, Index column, Index columns) {
    if (columns != columns_)  // the row of zeros is then elsewhere
      for (const auto& packed : packed_) std::fill_n(packed.data(), packed.size(), T(0));
    columns_ = columns;
    for (std::size_t f = 0; f < factors.size(); ++f) {
      const auto& from = factors[f];
      const PanelMatrix<T> rows{from.row(column), columns, from.width,
                                panel_count(from.width, kernels_.lanes, kernels_.panel_vectors), from.stride};
      for (Index p = 0; p < rows.panels; ++p) kernels_.transpose(rows, p, 0, columns, panels(f, from.width));
    }
  }

  /// Computes rows row.. row + rows - 1 of the block, from the factors of their examples.
  void compute(const std::vector<Factor<T>>& factors, Index row, Index rows) {
    std::fill_n(sums_.data(), rows * kSide, 0.0);
    for (std::size_t f = 0; f < factors.size(); f += 2) {
      multiply(factors, f, row, rows, left_.data());
      multiply(factors, f + 1, row, rows, right_.data());
      for (Index e = 0; e < rows * kSide; ++e)
        sums_.data()[e] += static_cast<double>(left_.data()[e]) * static_cast<double>(right_.data()[e]);
    }
  }
  double sum(Index r, Index c) const { return sums_.data()[r * kSide + c]; }

 private:
  static constexpr const char* kWhat = "workspace of gradient_dots";
  static constexpr std::size_t kNumbers = static_cast<std::size_t>(kSide * kSide);

  /// The transposed factors, followed by a row of zeros: the biases of (F).
  PanelMatrix<T> panels(std::size_t f, Index width) const {
    return {packed_[f].data(), width + 1, columns_,
            panel_count(columns_, kernels_.lanes, kernels_.panel_vectors), 0};
  }
  /// (F) with phi(z) = z: inner products of some rows of a factor and all packed columns.
  void multiply(const std::vector<Factor<T>>& factors, std::size_t f, Index row, Index rows, T* out) {
    const auto& from = factors[f];
    const PanelMatrix<T> w = panels(f, from.width);
    ForwardArgs<T> args{};
    args.rows = rows;
    args.fan_in = from.width;
    args.fan_out = columns_;
    args.a_prev = from.row(row);
    args.a_prev_stride = from.stride;
    args.w = {w.data, w.rows, w.cols, w.panels, 0};
    args.panel_end = w.panels;
    args.z = args.a = out;
    args.z_stride = args.a_stride = kSide;
    kernels_.forward[static_cast<int>(Activation::identity)](args);
  }

  const Kernels<T>& kernels_;
  Index columns_ = 0;
  std::vector<Buffer<T>> packed_;
  Buffer<T> left_{kNumbers, kWhat}, right_{kNumbers, kWhat};
  Buffer<double> sums_{kNumbers, kWhat};
};

/// Inner products of the gradients of two sets of examples, in blocks that are divided among threads. If they
/// are the same set, only one of each two symmetric elements is computed.
template <class T>
void multiply_all(const std::vector<Factor<T>>& one, Index n, const std::vector<Factor<T>>& other, Index n2,
                  int n_threads, const std::function<bool()>& interrupt, T* out) {
  const auto& kernel = kernels<T>();
  const bool same = &one == &other;
  double widths = 0;
  for (const auto& factor : one) widths += static_cast<double>(factor.width);
  const Index blocks = ceil_div(n2, kSide);
  RowsWork work;
  work.seconds = 2 * widths * static_cast<double>(n) * static_cast<double>(n2) * (same ? 0.5 : 1) /
                 nominal_speed(static_cast<double>(kernel.lanes));
  work.kind = static_cast<std::uint64_t>(widths) * 64 + 63;
  RowsTeam sharing(n_threads, work, blocks);
  const int threads = sharing.threads();
  std::vector<Block<T>> memory;
  for (int m = 0; m < threads; ++m) memory.emplace_back(kernel, one);
  // Between interrupts, each thread computes blocks for about 0.1 s.
  const double each = work.seconds / static_cast<double>(blocks);
  const Index at_once = threads * (1 + static_cast<Index>(std::min(0.1 / each, 1e6)));
  for (Index begin = 0; begin < blocks; begin += at_once) {
    if (begin > 0) check_interrupt(interrupt);
    const Index end = std::min(begin + at_once, blocks);
    std::atomic<Index> next{begin};
    run_members(threads, [&](const Member& member) {
      auto& block = memory[static_cast<std::size_t>(member.index)];
      for (Index b = next++; b < end; b = next++) {
        const Index column = b * kSide, columns = std::min(kSide, n2 - column);
        block.pack(other, column, columns);
        for (Index row = same ? column : 0; row < n; row += kSide) {
          const Index rows = std::min(kSide, n - row);
          block.compute(one, row, rows);
          for (Index r = 0; r < rows; ++r)
            for (Index c = 0; c < columns; ++c)
              out[(row + r) * n2 + column + c] = static_cast<T>(block.sum(r, c));
          for (Index c = 0; same && row > column && c < columns; ++c)
            for (Index r = 0; r < rows; ++r)
              out[(column + c) * n2 + row + r] = static_cast<T>(block.sum(r, c));
        }
      }
    });
  }
  sharing.done();
}

/// Allocates a matrix (n, n2) of inner products.
template <class T>
std::vector<T> make_dots(std::size_t n, std::size_t n2) {
  const std::size_t numbers = product(n, n2);
  check_memory(product(numbers, sizeof(T)), text_of("inner products of ", n, " and ", n2, " gradients"));
  return std::vector<T>(numbers);
}

/// The inner products of two sets of examples, or of one set if x2 and y2 are null.
template <class T>
std::vector<T> dots_of(const Network<T>& network, const Rows& x, const Targets& y, const Rows* x2,
                       const Targets* y2, int n_threads, const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  if (x2) check_examples(network, *x2, *y2);
  const std::size_t n2 = x2 ? x2->n : x.n;
  std::vector<T> dots = make_dots<T>(x.n, n2);
  const auto one = factors_of(network, x, y, n_threads, interrupt);
  std::vector<Factor<T>> second;
  if (x2) second = factors_of(network, *x2, *y2, n_threads, interrupt);
  multiply_all(one, static_cast<Index>(x.n), x2 ? second : one, static_cast<Index>(n2), n_threads, interrupt,
               dots.data());
  return dots;
}

}  // namespace

template <class T>
std::vector<T> gradient_dots(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                             const std::function<bool()>& interrupt) {
  return dots_of<T>(network, x, y, nullptr, nullptr, n_threads, interrupt);
}

template <class T>
std::vector<T> gradient_dots(const Network<T>& network, const Rows& x, const Targets& y, const Rows& x2,
                             const Targets& y2, int n_threads, const std::function<bool()>& interrupt) {
  return dots_of(network, x, y, &x2, &y2, n_threads, interrupt);
}

#define LOCALGRAD_FOR(T)                                                                             \
  template std::vector<T> gradient_dots(const Network<T>&, const Rows&, const Targets&, int,         \
                                        const std::function<bool()>&);                               \
  template std::vector<T> gradient_dots(const Network<T>&, const Rows&, const Targets&, const Rows&, \
                                        const Targets&, int, const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
