#include "engine/least_squares/normal_equations.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "engine/least_squares/cholesky.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/pass/deltas.hpp"
#include "kernels/dispatch.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

constexpr Index kSide = 96;  // rows and columns of a block of A^T A

/// Number of rows of A in a chunk, if there are as many: about a million numbers. It must not depend on the
/// number of threads, because chunks are added in order.
Index chunk_height(Index stride) { return std::clamp<Index>((Index{1} << 20) / stride, 256, 2048); }

}  // namespace

std::vector<TrainedRows> trained_rows(const std::vector<std::size_t>& sizes, const LayerRates& rates,
                                      bool learns_scale) {
  std::vector<TrainedRows> rows;
  std::size_t begin = 0;
  const auto add = [&](Index part, Index k_begin, Index k_end, std::size_t columns, bool biases,
                       bool trains) {
    const TrainedRows next{part, k_begin, k_end, static_cast<Index>(columns), begin, biases};
    begin += next.size();
    if (trains) rows.push_back(next);
  };
  const Index layers = static_cast<Index>(sizes.size()) - 1;
  for (Index i = 0; i < layers; ++i) {
    const std::size_t l = static_cast<std::size_t>(i);
    const Index fan_in = static_cast<Index>(sizes[l]);
    add(i, 0, fan_in, sizes[l + 1], false, rates.trains_weights(i));
    add(i, fan_in, fan_in + 1, sizes[l + 1], true, rates.trains_biases(i));
  }
  if (learns_scale) add(layers, 0, 1, sizes.front(), true, rates.trains_biases(layers));
  return rows;
}

NormalEquations::NormalEquations(const Network<double>& network, std::vector<TrainedRows> rows)
    : rows_(std::move(rows)), outputs_(static_cast<Index>(network.sizes().back())) {
  for (const TrainedRows& one : rows_) parameters_ += static_cast<Index>(one.size());
  stride_ = ceil_div(parameters_ + 1, kMatrixLanes) * kMatrixLanes;
  examples_ = std::max<Index>(chunk_height(stride_) / outputs_, 1);
  const auto numbers = [&](Index height) {
    return product(static_cast<std::size_t>(height), static_cast<std::size_t>(stride_));
  };
  const std::string what = text_of("normal equations of ", parameters_, " parameters");
  const std::size_t of_chunk = numbers(examples_ * outputs_);
  check_memory(product(2 * numbers(parameters_ + 1) + of_chunk, sizeof(double)), what);
  sums_ = Buffer<double>(numbers(parameters_ + 1), what);
  chunk_ = Buffer<double>(of_chunk, what, Fill::nothing);
}

double* NormalEquations::write_row(Pass<double>& pass, Index r, Index output, double factor,
                                   double* to) const {
  for (const TrainedRows& one : rows_) {
    const auto g = pass.gradient_args(one.part, r, 1, {}, true);
    to = append_product(one.k_end - one.k_begin, g.left + one.k_begin, one.columns, g.right, factor, to);
  }
  *to = factor * (pass.a(pass.layers(), r)[output] - pass.y(r)[output]);
  return to + 1;
}

void NormalEquations::compute(const Network<double>& network, const Rows& x, const Targets& y,
                              const Chosen& chosen, int n_threads, const std::function<bool()>& interrupt) {
  const auto& kernel = kernels<double>();
  const auto standards = standards_of(network);
  const TargetRule<double> rule(network, standards.get());
  std::fill_n(sums_.data(), sums_.size(), 0.0);
  Chosen chunk{chosen.order, chosen.first, 0};
  // Of each output, delta is that of a cost whose derivative is 1 for this output and 0 for the others.
  const AnyFinish<double> write = [&](Pass<double>& pass, Index at, Index, Index first, Index rows) {
    const Index head = pass.layers() - 1;
    for (Index output = 0; output < outputs_; ++output) {
      for (Index r = at; r < at + rows; ++r) {
        std::fill_n(pass.delta(head, r), outputs_, 0.0);
        pass.delta(head, r)[output] = 1;
      }
      pass.output_delta(at, at + rows);
      pass.backward(at, at + rows);
      for (Index r = 0; r < rows; ++r) {
        double weight = 1;
        weight_of(y, chunk.row(static_cast<std::size_t>(first + r)), &weight);
        double* to = chunk_.data() + ((first + r) * outputs_ + output) * stride_;
        double* end = write_row(pass, at + r, output, std::sqrt(weight), to);
        std::fill(end, to + stride_, 0.0);
      }
    }
  };
  const std::size_t last = chosen.first + chosen.n;
  for (; chunk.first < last; chunk.first += chunk.n) {
    if (chunk.first > chosen.first) check_interrupt(interrupt);
    chunk.n = std::min(static_cast<std::size_t>(examples_), last - chunk.first);
    for_blocks(network, x, &y, chunk, n_threads, standards.get(), rule, write, Buffers::everything);
    const Index count = static_cast<Index>(chunk.n) * outputs_;
    RowsWork work;
    work.seconds = static_cast<double>(count) * static_cast<double>(parameters_ + 1) *
                   static_cast<double>(parameters_ + 1) / nominal_speed(kernel.lanes);
    work.kind = static_cast<std::uint64_t>(parameters_) * 64 + 62;
    const Index blocks = ceil_div(parameters_ + 1, kSide);
    RowsTeam team(n_threads, work, blocks * (blocks + 1) / 2);
    add_chunk(count, team.threads());
    team.done();
  }
}

/// Adds `count` rows of A to the upper triangle of A^T A, in blocks that are divided among threads.
void NormalEquations::add_chunk(Index count, int n_threads) {
  const Index size = parameters_ + 1, blocks = ceil_div(size, kSide);
  std::atomic<Index> next{0};
  run_members(n_threads, [&](const Member&) {
    for (Index b = next++; b < blocks * blocks; b = next++) {
      const Index row = b / blocks * kSide, column = b % blocks * kSide;
      if (column < row) continue;
      const Index rows = std::min(kSide, size - row), columns = std::min(kSide, size - column);
      alignas(64) double sums[kSide * kSide];
      transposed_product(count, chunk_.data() + row, chunk_.data() + column, stride_, rows, columns, sums,
                         kSide);
      for (Index k = 0; k < rows; ++k) {
        double* to = sums_.data() + (row + k) * stride_ + column;
        for (Index j = 0; j < columns; ++j) to[j] += sums[k * kSide + j];
      }
    }
  });
}

}  // namespace localgrad
