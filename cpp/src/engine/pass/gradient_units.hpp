#pragma once

#include <vector>

#include "engine/pass/layer_rates.hpp"
#include "engine/pass/pass.hpp"
#include "engine/team/team.hpp"

namespace localgrad {

/// Rows k_begin..k_end-1 of one w that are updated with one learning rate.
struct UpdatedRows {
  Index k_begin, k_end;
  bool only_biases = false;
};

/// A unit of work of (G1), (G2) and the update: some rows of some panels of one w, each element summed over
/// the whole mini-batch.
struct GradientUnit {
  Index layer;
  PanelRange panels;
  UpdatedRows rows;

  template <class T>
  void apply_to(GradientArgs<T>& g) const {
    g.panel_begin = panels.begin;
    g.panel_end = panels.end;
    g.k_begin = rows.k_begin;
    g.k_end = rows.k_end;
  }
};

/// All layers that are trained, and the input scales, split into units that write disjoint memory, so that
/// dividing them among threads does not change any sum.
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
  GradientUnits(Pass<T>& pass, const LayerRates& rates, bool dense = false) {
    double cost = 0;
    for (Index i = 0; i < pass.parts(); ++i) {
      const PanelMatrix<T> w = pass.gradient_args(i, 0, 1, {}, dense).w;
      const bool narrow = !dense && pass.bias_column(i) >= 0;
      rows_.push_back(updated_rows(rates, i, w.rows, narrow));
      PanelRange panels{0, w.panels};
      if (narrow && !rates.trains_weights(i)) panels = {pass.bias_panel(i), pass.bias_panel(i) + 1};
      for (Index p = panels.begin; p < panels.end; ++p)
        for (const UpdatedRows& all : rows_.back())
          for (Index k = all.k_begin; k < all.k_end; k += kRows) {
            const Index end = k + kRows < all.k_end ? k + kRows : all.k_end;
            units_.push_back({i, {p, p + 1}, {k, end, all.only_biases}});
            cost += static_cast<double>((end - k) * w.cols) / static_cast<double>(w.panels);
            cost_until_.push_back(cost);
          }
    }
  }

  /// The rows of w of layer index i, divided by learning rate; none if the layer is frozen.
  const std::vector<UpdatedRows>& rows(Index i) const { return rows_[static_cast<std::size_t>(i)]; }

  /// The units of one member of a team: about equal work for each member, the same in every step.
  Span share(const Member& member) const {
    const auto boundary = [&](int index) {
      if (index == member.count || units_.empty()) return units_.data() + units_.size();
      const double until = cost_until_.back() * index / member.count;
      std::size_t u = 0;
      while (u < units_.size() && cost_until_[u] <= until) ++u;
      return units_.data() + u;
    };
    return {boundary(member.index), boundary(member.index + 1)};
  }

 private:
  /// The biases of a narrow layer are a column, so that they are in the same rows as the weights.
  static std::vector<UpdatedRows> updated_rows(const LayerRates& rates, Index i, Index rows, bool narrow) {
    if (!rates.trains(i)) return {};
    if (narrow || rates.alike(i)) return {{0, rows}};
    std::vector<UpdatedRows> parts;
    if (rates.trains_weights(i)) parts.push_back({0, rows - 1});
    if (rates.trains_biases(i)) parts.push_back({rows - 1, rows, true});
    return parts;
  }

  std::vector<std::vector<UpdatedRows>> rows_;
  std::vector<GradientUnit> units_;  // ordered by layer, panel and rows
  std::vector<double> cost_until_;   // total cost of the units up to and including each
};

}  // namespace localgrad
