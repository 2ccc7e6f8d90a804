#pragma once

#include <vector>

#include "engine/pass/pass.hpp"
#include "engine/team/team.hpp"

namespace localgrad {

/// A unit of work of (G1), (G2) and the update: some rows of some panels of one w, each element summed over
/// the whole mini-batch.
struct GradientUnit {
  Index layer;
  PanelRange panels;
  Index k_begin, k_end;

  template <class T>
  void apply_to(GradientArgs<T>& g) const {
    g.panel_begin = panels.begin;
    g.panel_end = panels.end;
    g.k_begin = k_begin;
    g.k_end = k_end;
  }
};

/// All layers and the input scales, split into units that write disjoint memory, so that dividing them among
/// threads does not change any sum.
template <class T>
class GradientUnits {
 public:
  /// Rows of a unit: whole tiles and whole vectors for every instruction set.
  static constexpr Index kRows = 96;

  struct Span {
    const GradientUnit *first, *last;
    const GradientUnit* begin() const { return first; }
    const GradientUnit* end() const { return last; }
  };

  /// Creates units of the panels of `pass`, or with `dense` of matrices with the layout of the network.
  explicit GradientUnits(Pass<T>& pass, bool dense = false) {
    double cost = 0;
    for (Index i = 0; i < pass.parts(); ++i) {
      const PanelMatrix<T> w = pass.gradient_args(i, 0, 1, {}, dense).w;
      for (Index p = 0; p < w.panels; ++p)
        for (Index k = 0; k < w.rows; k += kRows) {
          units_.push_back({i, {p, p + 1}, k, k + kRows < w.rows ? k + kRows : w.rows});
          cost += static_cast<double>((units_.back().k_end - k) * w.cols) / static_cast<double>(w.panels);
          cost_until_.push_back(cost);
        }
    }
  }

  /// The units of one member of a team: about equal work for each member, the same in every step.
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

 private:
  std::vector<GradientUnit> units_;  // ordered by layer, panel and rows
  std::vector<double> cost_until_;   // total cost of the units up to and including each
};

}  // namespace localgrad
