// The parts of a Pass that only training uses: dropout, noise and factors of delta, such as sample weights.

#include "engine/pass/pass.hpp"
#include "model/purpose.hpp"

namespace localgrad {
namespace {

/// Columns of a range of panels.
template <class T>
PanelRange columns_of(const PanelMatrix<T>& m, PanelRange panels, Index lanes) {
  const Index end = panels.end == m.panels ? m.cols : panel_of(m, panels.end, lanes).column;
  return {panels.begin == m.panels ? end : panel_of(m, panels.begin, lanes).column, end};
}

}  // namespace

/// Arguments for activations l of rows begin..end-1. The caller sets the purpose of the random numbers and
/// the operation.
template <class T>
RandomArgs<T> Pass<T>::random_args(Index l, Index begin, Index end, Place place) const {
  RandomArgs<T> r{};
  r.seed = network_->options().seed;
  r.epoch = epoch_;
  r.position = place.position + static_cast<std::uint64_t>(begin);
  r.rows = end - begin;
  r.width = r.column_end = width(l);
  return r;
}

template <class T>
void Pass<T>::disturb_x(Index begin, Index end, Place place) {
  if (begin == end) return;
  auto r = random_args(0, begin, end, place);
  r.to = a(0, begin, place);
  r.from = r.to;
  r.from_stride = r.to_stride = stride(0);
  if (x_noise_ > 0) {
    r.purpose = static_cast<std::uint32_t>(Purpose::noise);
    r.scale = x_noise_;
    kernels_.noise(r);
  }
  if (x_drop_rate_ > 0) {
    r.purpose = dropout_purpose(0);
    r.threshold = drop_threshold(place.dropout * x_drop_rate_);
    r.scale = drop_scale<T>(r.threshold);
    kernels_.dropout(r);
  }
}

/// Applies dropout to the result of phi of layer index i.
template <class T>
void Pass<T>::drop(Index i, Index begin, Index end, PanelRange panels, Place place) {
  auto& layer = hidden_[static_cast<std::size_t>(i)];
  auto r = random_args(i + 1, begin, end, place);
  const PanelRange columns = columns_of(layer.w, panels, kernels_.lanes);
  const Matrix& to = matrix_a(i + 1, place);
  r.column_begin = columns.begin;
  r.column_end = columns.end;
  if (columns.begin == columns.end || begin == end) return;
  r.purpose = dropout_purpose(static_cast<std::uint32_t>(i + 1));
  r.threshold = drop_threshold(place.dropout * layer.drop_rate);
  r.scale = drop_scale<T>(r.threshold);
  r.from = layer.undropped.row(begin);
  r.from_stride = layer.undropped.stride;
  r.mask = layer.mask.row(begin);
  r.mask_stride = layer.mask.stride;
  r.to = to.row(begin);
  r.to_stride = to.stride;
  kernels_.dropout(r);
}

/// Multiplies delta of layer index i by the same factors as the activations.
template <class T>
void Pass<T>::undrop(Index i, Index begin, Index end, PanelRange panels) {
  const auto& layer = hidden_[static_cast<std::size_t>(i)];
  const PanelRange columns = columns_of(layer.w, panels, kernels_.lanes);
  for (Index row = begin; row < end; ++row) {
    T* delta = layer.delta.row(row);
    const T* mask = layer.mask.row(row);
    for (Index c = columns.begin; c < columns.end; ++c) delta[c] *= mask[c];
  }
}

/// Multiplies delta and the cost of each example by its weight.
template <class T>
void Pass<T>::weigh(Index begin, Index end, Place place) {
  const auto& from = head(place);
  for (Index row = begin; row < end; ++row) {
    const T weight = from.weight.data()[row];
    T* delta = from.layer.delta.row(row);
    for (Index j = 0; j < width(layers()); ++j) delta[j] *= weight;
    *cost(row, place) *= static_cast<double>(weight);
  }
}

template <class T>
void Pass<T>::scale_delta(Index begin, Index end, T factor, Place place) {
  const auto& delta = head(place).layer.delta;
  for (Index row = begin; row < end; ++row)
    for (Index j = 0; j < width(layers()); ++j) delta.row(row)[j] *= factor;
}

template class Pass<float>;  // the members defined in this file
template class Pass<double>;

}  // namespace localgrad
