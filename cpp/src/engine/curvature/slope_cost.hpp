#pragma once

#include <algorithm>
#include <vector>

#include "engine/pass/pass.hpp"
#include "engine/team/team.hpp"
#include "localgrad/rows.hpp"
#include "model/standards.hpp"

namespace localgrad {

/// The part of the cost of an example that compares slopes (Sobolev training, Czarnecki et al. 2017):
///
///     1/2 weight sum_jk (da_j/dx_k - S_jk)^2
///
/// The slopes are those of R-operators in the directions of the inputs, k = 1..m_1, whose numbers are marked
/// by ' and called tangents. The backward pass of the sum of both parts of the cost follows; e = dc/dz'.
///
///     z'^l = w^l a'^(l-1)              a'^l = phi'(z^l) z'^l             a'^1 = the direction
///     e^L = phi' weight (a'^L - S)     d^L = delta^L + sum_k phi'' z' weight (a'^L - S)
///     e^l = phi' w^T e^(l+1)           d^l = phi' w^T d^(l+1) + sum_k phi'' z' w^T e^(l+1)
///     dc/dw^l = d^l a^T + sum_k e^l a'^T          dc/db^l = d^l
///
/// Both sums of outer products are computed as one, over rows d and e, and a and a'. In the first layer, a'
/// has a single number that is not 0, and the same one for all examples: the sum over k has m_1 rows.
template <class T>
class SlopeCost {
 public:
  /// The rows of a pass whose gradients are summed together, and how many such frames are before them.
  struct Frame {
    Index first, rows, index;
  };

  /// Creates buffers for `capacity` examples in `frames` frames of the same size, from `arena` unless it is
  /// null.
  SlopeCost(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, std::size_t frames,
            double weight, Arena* arena);
  /// Reads how the network scales inputs and targets.
  void read(const Network<T>& network, const Standards<T>* standards);
  /// Copies the parameters of the pass; each member copies some layers.
  void load(const Pass<T>& pass, const Member& member);
  /// Where the slopes S of a row of the pass are, and the distance between rows.
  T* target(Index row) const { return target_.data() + row * target_stride(); }
  Index target_stride() const { return outputs_ * inputs_; }
  /// Adds to the costs of rows begin..end-1, whose (F) and (D1) are done in a pass with Buffers::everything,
  /// and replaces (D2), down to layer index `lowest`. Activations are overwritten. If the deltas have been
  /// multiplied by a power of 2, `factor` is that number.
  void compute(Pass<T>& pass, Index begin, Index end, Frame frame, T factor, Index lowest);
  /// Number of rows that compute() is called for at once, so that it does not take long.
  Index block() const { return std::max<Index>(1, kTangents / inputs_); }
  /// Sums e of the first layer over the rows of a frame, for inputs begin..end-1, after compute() and before
  /// replace(), unless `lowest` is above 0.
  void add_inputs(Frame frame, Index begin, Index end);
  Index inputs() const { return inputs_; }
  /// Replaces the factors of the gradient of layer index i.
  void replace(GradientArgs<T>& g, Index i, Frame frame, bool narrow) const;

 private:
  struct Layer {
    Activation phi;
    T parameter;
    Index in, out, left_stride, right_stride;
    Buffer<T> down, up;  // w, as (in, out) and transposed
    // a and 1, then a' and 0; d, then e. First layer: a' of length 1, then a and 1; sums of e, then d.
    Buffer<T> left, right;
    Buffer<T> bent;  // z', then phi'' z'
  };
  const Layer& layer(Index i) const { return layers_[static_cast<std::size_t>(i)]; }
  Index layers() const { return static_cast<Index>(layers_.size()); }
  /// Rows of left and right: of an example, and of its first tangent (not in the first layer).
  Index row_of(Index i, Frame frame, Index r) const {
    return i > 0 ? frame.first * inputs_ + r : (frame.index + 1) * inputs_ + r;
  }
  Index tangent_of(Frame frame, Index r) const {
    return frame.first * (1 + inputs_) + frame.rows + (r - frame.first) * inputs_;
  }
  Index first_of_inputs(Frame frame) const { return frame.first + frame.index * inputs_; }
  /// e of the first tangent of a row.
  T* e_of(Index i, Frame frame, Index r) const {
    const Layer& l = layer(i);
    return i > 0 ? l.right.data() + tangent_of(frame, r) * l.right_stride
                 : e_.data() + r * inputs_ * l.right_stride;
  }
  /// The number of a' of direction k that is not 0.
  T length_of(Index k) const {
    return learns_scale_ ? scale_.data()[k] * direction_.data()[k] : direction_.data()[k];
  }
  void put_directions(Index row);
  void put_inputs(Pass<T>& pass, Index begin, Index end, Frame frame);
  void put_activations(Pass<T>& pass, Index i, Index begin, Index end, Frame frame);
  void put_output(Pass<T>& pass, Index begin, Index end, Frame frame, T factor);
  void bend(const Layer& l, Index row, const T* z, const T* a, const T* slope);
  void backward_layer(Pass<T>& pass, Index i, Index begin, Index end, Frame frame);
  void scale_inputs(Pass<T>& pass, Index begin, Index end, Frame frame);

  static constexpr Index kTangents = 512;  // in a block of rows

  const Kernels<T>& kernels_;
  const T weight_;
  const bool learns_scale_;
  Index inputs_, outputs_;
  std::vector<Layer> layers_;
  Buffer<T> target_, units_;     // S of each row; factors that convert it to the network's units
  Buffer<T> direction_, scale_;  // length of each direction; input scales
  Buffer<T> e_;                  // of the first layer
  Buffer<T> slope_;              // phi' of the output layer
  Buffer<T> dense_;              // the parameters in the layout of the network
  Buffer<T> scale_right_;        // dc/ds of each example
};

#define LOCALGRAD_FOR(T) extern template class SlopeCost<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
