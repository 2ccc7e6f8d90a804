#pragma once

#include <utility>
#include <vector>

#include "engine/pass.hpp"
#include "engine/team.hpp"

namespace localgrad {

/// (G1), (G2) and the update of all layers cut into pieces that write disjoint memory: some rows of one panel of one w,
/// each piece the sum over the whole mini-batch, so that sharing them out changes no sum.
struct GradientUnit {
  Index layer, panel, k_begin, k_end;
};

template <class T>
class GradientUnits {
 public:
  GradientUnits(const Pass<T>& pass, const Kernels<T>& kernels) {
    // 96 rows are whole tiles and whole vectors on every path, and their panel stays in L1 for its transposition.
    constexpr Index kRows = 96;
    double cost = 0;
    for (Index i = 0; i < pass.layers(); ++i) {
      const auto& w = pass.panels(i);
      for (Index p = 0; p < panel_count(w.cols, kernels.lanes, kernels.panel_vectors); ++p)
        for (Index k = 0; k < w.rows; k += kRows) {
          const Index end = k + kRows < w.rows ? k + kRows : w.rows;
          units_.push_back({i, p, k, end});
          cost +=
              static_cast<double>((end - k) * panel_of(w, p, kernels.lanes, kernels.panel_vectors).vectors);
          cost_until_.push_back(cost);
        }
    }
  }

  /// The units of one member of a team: about equal work for each, the same every step.
  std::pair<const GradientUnit*, const GradientUnit*> share(const Member& member) const {
    const auto boundary = [&](int index) {
      const double until = cost_until_.back() * index / member.count;
      std::size_t u = 0;
      while (u < units_.size() && cost_until_[u] <= until + 0.5) ++u;
      return units_.data() + u;
    };
    return {member.index == 0 ? units_.data() : boundary(member.index),
            member.index + 1 == member.count ? units_.data() + units_.size() : boundary(member.index + 1)};
  }

 private:
  std::vector<GradientUnit> units_;
  std::vector<double> cost_until_;  // of the units up to and including each
};

}  // namespace localgrad
