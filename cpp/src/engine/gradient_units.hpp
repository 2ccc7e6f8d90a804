#pragma once

#include <vector>

#include "engine/pass.hpp"
#include "engine/team.hpp"

namespace localgrad {

/// A piece of (G1), (G2) and the update: some rows of one panel of one w, each number the sum over the whole mini-batch.
struct GradientUnit {
  Index layer, panel, k_begin, k_end;
};

/// All layers cut into units that write disjoint memory, so that sharing them out changes no sum.
template <class T>
class GradientUnits {
 public:
  struct Span {
    const GradientUnit *first, *last;
    const GradientUnit* begin() const { return first; }
    const GradientUnit* end() const { return last; }
  };

  /// Of the panels of `pass`, or with `dense` of matrices laid out as in the network.
  explicit GradientUnits(Pass<T>& pass, bool dense = false) {
    double cost = 0;
    for (Index i = 0; i < pass.layers(); ++i) {
      const PanelMatrix<T> w = pass.gradient_args(i, 0, 1, {}, dense).w;
      layer_begin_.push_back(units_.size());
      for (Index p = 0; p < w.panels; ++p)
        for (Index k = 0; k < w.rows; k += kRows) {
          units_.push_back({i, p, k, k + kRows < w.rows ? k + kRows : w.rows});
          cost += static_cast<double>((units_.back().k_end - k) * w.cols) / static_cast<double>(w.panels);
          cost_until_.push_back(cost);
        }
    }
    layer_begin_.push_back(units_.size());
  }

  /// The units of one member of a team: about equal work for each, the same every step.
  Span share(const Member& member) const {
    const auto boundary = [&](int index) {
      if (index == member.count) return units_.data() + units_.size();
      const double until = cost_until_.back() * index / member.count;
      std::size_t u = 0;
      while (u < units_.size() && cost_until_[u] <= until) ++u;
      return units_.data() + u;
    };
    return {boundary(member.index), boundary(member.index + 1)};
  }

  /// The units of some panels of one layer.
  Span of_panels(Index layer, Index panels, PanelRange range) const {
    const auto l = static_cast<std::size_t>(layer);
    const auto* all = units_.data() + layer_begin_[l];
    const auto each = static_cast<Index>(layer_begin_[l + 1] - layer_begin_[l]) / panels;
    return {all + range.begin * each, all + range.end * each};
  }

 private:
  // 96 rows are whole tiles and whole vectors on every path, and their panel stays in L1 for its transposition.
  static constexpr Index kRows = 96;
  std::vector<GradientUnit> units_;  // by layer, panel, rows
  std::vector<double> cost_until_;   // of the units up to and including each
  std::vector<std::size_t> layer_begin_;
};

}  // namespace localgrad
