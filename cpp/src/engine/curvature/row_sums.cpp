#include "engine/curvature/row_sums.hpp"

#include <algorithm>

#include "engine/pass/by_blocks.hpp"
#include "engine/pass/deltas.hpp"
#include "engine/team/threads.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

/// Number of rows whose sums are computed at once; it must not depend on the number of threads.
template <class T>
Index rows_of_chunk(const Network<T>& network, double work) {
  constexpr double most_work = 2e9;  // a few tenths of a second, after which signals are handled
  Index widths = 0;
  for (const std::size_t width : network.sizes()) widths += static_cast<Index>(width);
  const Index fit = static_cast<Index>(std::min(most_work / std::max(work, 1.0), 1024.0));
  return std::clamp<Index>(std::min((Index{1} << 22) / widths, fit), 32, 1024);
}

}  // namespace

template <class T>
void multiply(const Kernels<T>& kernels, Index rows, Index depth, const T* a, Index a_stride, const T* b,
              Index cols, Index b_stride, T* out, Index out_stride) {
  BackwardArgs<T> d{};  // (D2) with phi' = 1
  d.rows = rows;
  d.fan_in = cols;
  d.fan_out = depth;
  d.delta = a;
  d.delta_stride = a_stride;
  d.w_transposed = {b, depth, cols, panel_count(cols, kernels.lanes, kernels.panel_vectors), b_stride};
  d.panel_end = d.w_transposed.panels;
  d.a_prev = d.delta_prev = out;
  d.a_prev_stride = d.delta_prev_stride = out_stride;
  kernels.backward[static_cast<int>(Activation::identity)](d);
}

template <class T>
Index row_stride(Index width) {
  Index stride = ceil_div(width, kVirtualLanes) * kVirtualLanes;
  // Rows whose distance is a multiple of 512 bytes would share cache sets.
  if (stride * static_cast<Index>(sizeof(T)) % 512 == 0) stride += kVirtualLanes;
  return stride;
}

template <class T>
RowSums<T>::RowSums(const Network<T>& network, double work)
    : network_(network),
      kernels_(kernels<T>()),
      chunk_(rows_of_chunk(network, work)),
      standards_(standards_of(network)),
      shape_(network, kernels_, 1, Buffers::everything),
      units_(shape_, LayerRates({}, network), true) {}

template <class T>
std::vector<T> RowSums<T>::mean(const Rows& x, const Targets& y, int n_threads,
                                const std::function<bool()>& interrupt) {
  const TargetRule<T> rule(network_);
  const std::size_t most = static_cast<std::size_t>(chunk_), size = network_.num_parameters();
  const Buffer<T> weights = make(1, chunk_);
  std::vector<T> mean(size);
  std::vector<double> sums(x.n > most ? size : 0);
  const T scale = T(1) / static_cast<T>(x.n);
  for (Chosen chosen{nullptr, 0, 0}; chosen.first < x.n; chosen.first += chosen.n) {
    if (chosen.first > 0) check_interrupt(interrupt);
    chosen.n = std::min(most, x.n - chosen.first);
    const Index n = static_cast<Index>(chosen.n), capacity = ceil_div(n, block_count(n));
    RowsTeam team(n_threads, rows_work(network_, kernels_, chosen.n, 5), ceil_div(n, Index{8}));
    prepare(team.threads());
    if (chosen.first == 0) run_members(team.threads(), [&](const Member& member) { load(member); });
    const AnyFinish<T> finish = [&](Pass<T>& pass, Index at, Index, Index first, Index rows) {
      for (Index r = first; r < first + rows; ++r)
        weight_of(y, chosen.row(static_cast<std::size_t>(r)), weights.data() + r);
      compute(pass, static_cast<int>(at / capacity), at, first, rows, weights.data() + first);
    };
    for_blocks(network_, x, &y, chosen, team.threads(), standards_.get(), rule, finish, Buffers::everything);
    run_members(team.threads(), [&](const Member& member) { add_chunk(member, n, scale, mean.data()); });
    team.done();
    for (std::size_t p = 0; p < sums.size(); ++p) sums[p] += static_cast<double>(mean[p]);
  }
  for (std::size_t p = 0; p < sums.size(); ++p) mean[p] = static_cast<T>(sums[p]);
  return mean;
}

template <class T>
void RowSums<T>::add_chunk(const Member& member, Index rows, T scale, T* out) const {
  for (const GradientUnit& unit : units_.share(member)) {
    const Index i = unit.layer, cols = width(i == layers() ? 0 : i + 1);
    const Factors f = factors(i, rows);
    GradientArgs<T> g{};
    unit.apply_to(g);
    g.batch = f.count;
    g.left = f.left;
    g.left_stride = f.left_stride;
    g.right = f.right;
    g.right_stride = f.right_stride;
    g.scale = scale;
    g.w = {out + (weights(i) - network_.parameters()), i == layers() ? 1 : width(i) + 1, cols,
           panel_count(cols, kernels_.lanes, kernels_.panel_vectors), cols};
    kernels_.gradient(g);
  }
}

template <class T>
void RowSums<T>::output(Pass<T>& pass, Index at, Index rows) const {
  for (Index r = at; standards_ && r < at + rows; ++r) standards_->restore(pass.a(layers(), r));
  pass.output(at, at + rows);
  for (Index r = at; standards_ && r < at + rows; ++r) standards_->chain(pass.delta(layers() - 1, r));
}

template <class T>
void RowSums<T>::slopes(Pass<T>& pass, Index i, Index at, Index rows) const {
  const auto slope = kernels_.activation_derivative[static_cast<int>(phi(i))];
  const T parameter = activation_parameter(network_, static_cast<std::size_t>(i));
  for (Index r = at; r < at + rows; ++r)
    slope(width(i + 1), pass.z(i, r), pass.a(i + 1, r), parameter, pass.a(i + 1, r));
}

/// 16 columns are read at a time, which are written to a cache line.
template <class T>
void RowSums<T>::transpose(const Member& member, Index in, Index out, const T* from, T* to, Index stride) {
  const Index begin = share_begin(out, member.index, member.count);
  const Index end = share_begin(out, member.index + 1, member.count);
  for (Index k = 0; k < in; k += kVirtualLanes)
    for (Index j = begin; j < end; ++j)
      for (Index c = k; c < std::min<Index>(in, k + kVirtualLanes); ++c)
        to[j * stride + c] = from[c * out + j];
}

template <class T>
Buffer<T> RowSums<T>::make(Index rows, Index columns) const {
  return Buffer<T>(product(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)),
                   "workspace of second derivatives");
}

#define LOCALGRAD_FOR(T)                                                                               \
  template void multiply(const Kernels<T>&, Index, Index, const T*, Index, const T*, Index, Index, T*, \
                         Index);                                                                       \
  template Index row_stride<T>(Index);                                                                 \
  template class RowSums<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
