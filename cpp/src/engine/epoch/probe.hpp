#pragma once

#include <algorithm>
#include <vector>

#include "engine/pass/pass.hpp"
#include "localgrad/diagnostics.hpp"

namespace localgrad {

/// The sums over the sampled mini-batches of an epoch from which Diagnostics are computed, and the buffers to
/// measure one mini-batch.
template <class T>
class Probe {
 public:
  /// Counts and sums of the epoch. A step that failed has no update, and a single row no variance.
  enum Total { examples, mini_batches, updates, variance, squared_norm, estimates, kTotals };
  /// Sums of each layer: of squares, of units, and of ratios and norms of mini-batches.
  enum OfLayer { delta, z, a, saturated, update_ratio, gradient_norm, kOfLayer };

  static constexpr Index kMostRows = 256;  ///< sampled of a mini-batch

  /// For mini-batches in `groups` groups of rows that are measured one by one, by up to `members` threads.
  Probe(const Network<T>& network, Index groups, int members, Arena* arena);

  /// Whether mini-batch `index` of an epoch is sampled, and the number of mini-batches until the next
  /// sampled one otherwise. Small mini-batches are sampled in groups.
  static bool samples(std::size_t index, std::size_t batch_size) {
    return index % period(batch_size) < (8 + batch_size - 1) / batch_size;
  }
  static std::size_t until_next(std::size_t index, std::size_t batch_size) {
    return period(batch_size) - index % period(batch_size);
  }
  /// Number of sampled rows of a mini-batch, and one of them.
  static Index rows(Index batch) { return std::min(batch, std::clamp<Index>(batch / 4, 16, kMostRows)); }
  static Index row(Index s, Index batch) { return s * batch / rows(batch); }

  double& total(Total what) { return sums_.data()[what]; }
  double& of_layer(Index i, OfLayer what) { return sums_.data()[kTotals + kOfLayer * i + what]; }
  /// For each unit of layer index i, 1 if it was found to be alive and 0 otherwise.
  double* alive(Index i) { return sums_.data() + kTotals + kOfLayer * layers() + unit_[i]; }

  void clear() { std::fill_n(sums_.data(), sums_.size(), 0.0); }
  void save() { std::copy_n(sums_.data(), sums_.size(), before_.data()); }
  void restore() { std::copy_n(before_.data(), sums_.size(), sums_.data()); }
  std::size_t size() const { return sums_.size(); }
  std::vector<double> state() const { return {sums_.data(), sums_.data() + sums_.size()}; }
  void set_state(const std::vector<double>& state) { std::copy(state.begin(), state.end(), sums_.data()); }
  Diagnostics means() const;

  // Of the current mini-batch.
  /// The first sums of a layer over the sampled rows of one group.
  double* group_sums(Index group, Index i) { return groups_.data() + (group * layers() + i) * kOfGroup; }
  double sum_of_groups(Index count, Index i, OfLayer what);
  /// Whether the norm of the gradient of sampled row s is computed, and its square.
  static bool has_norm(Index s, Index batch) { return s % std::max<Index>(1, rows(batch) / 8) == 0; }
  double& squared_norm_of(Index s) { return norms_.data()[s]; }
  Index* chosen(int member) { return chosen_.data() + member * 2 * kMostRows; }
  T* derivatives(int member) { return derivatives_.data() + member * widest_; }
  /// As alive(), of the rows that a member has measured.
  T* alive_of(int member, Index i) { return alive_.data() + member * unit_.back() + unit_[i]; }
  void begin() { std::fill_n(alive_.data(), alive_.size(), T(0)); }
  /// Sets `alive` of each unit whose phi' is not negligible. Returns the number of those below `saturated`.
  static double count_saturated(Index n, const T* derivatives, T saturated, T* alive);
  /// Weights of layer index i, of every every(i)-th unit of the layer before.
  T* weights_before(Index i) { return weights_.data() + weight_[i]; }
  T* weights_after() { return weights_.data() + weight_.back(); }
  Index every(Index i) const { return every_[static_cast<std::size_t>(i)]; }
  Index weights(Index i) const { return weight_[i + 1] - weight_[i]; }
  /// Adds the groups of a mini-batch, of `rows` sampled rows in total, to the sums.
  void add_groups(Index count, Index rows);

 private:
  static constexpr Index kOfGroup = saturated + 1;
  static std::size_t period(std::size_t batch_size) { return std::max<std::size_t>(32, 4096 / batch_size); }
  /// Positions at which the data of each layer begins, and where the last one ends.
  struct Positions {
    std::vector<Index> at{0};
    Index operator[](Index i) const { return at[static_cast<std::size_t>(i)]; }
    Index back() const { return at.back(); }
  };
  Index layers() const { return static_cast<Index>(every_.size()); }

  std::vector<Index> every_;
  Positions unit_, weight_;
  Index widest_ = 0;
  int members_;
  Buffer<double> sums_, before_, groups_, norms_;
  Buffer<Index> chosen_;
  Buffer<T> derivatives_, alive_, weights_;
};

#define LOCALGRAD_FOR(T) extern template class Probe<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
