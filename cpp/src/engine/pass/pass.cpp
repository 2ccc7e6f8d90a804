#include "engine/pass/pass.hpp"

#include <algorithm>

#include "kernels/lanes.hpp"
#include "model/network_functions.hpp"

namespace localgrad {
namespace {

/// `width`, rounded up to whole vectors and virtual lanes.
Index padded(Index width, Index lanes) {
  const Index multiple = std::max<Index>(lanes, kVirtualLanes);
  return ceil_div(width, multiple) * multiple;
}

}  // namespace

template <class T>
bool is_narrow(const Network<T>& network) {
  return network.sizes().back() <= 2 && is_unitwise(output_of(network)) &&
         !traits_of(cost_of(network)).couples;
}
#define LOCALGRAD_FOR(T) template bool is_narrow(const Network<T>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

template <class T>
Buffer<T> Pass<T>::make_buffer(std::size_t rows, std::size_t columns, const char* what) {
  return Buffer<T>(product(rows, columns), what, arena_, Fill::nothing);  // written by its users
}

template <class T>
typename Pass<T>::Matrix Pass<T>::make_matrix(Index width, bool ones, bool narrow) {
  Matrix m;
  m.stride = narrow ? width : padded(width + 1, kernels_.lanes);
  // Rows whose distance is a multiple of 512 bytes would share cache sets.
  if (m.stride * static_cast<Index>(sizeof(T)) % 512 == 0) m.stride += kernels_.lanes;
  m.buffer = make_buffer(capacity_, static_cast<std::size_t>(m.stride), "workspace of a mini-batch");
  for (std::size_t r = 0; r < capacity_; ++r) {
    T* padding = m.row(static_cast<Index>(r)) + width;
    std::fill(padding, padding + (m.stride - width), T(0));
    if (ones) *padding = 1;
  }
  return m;
}

template <class T>
typename Pass<T>::Layer Pass<T>::make_layer(Index i) {
  const Index lanes = kernels_.lanes, most = kernels_.panel_vectors, in = width(i), out = width(i + 1);
  const bool last = is_head(i), training = buffers_ != Buffers::outputs;
  const bool transposes = training && buffers_ != Buffers::tangents;
  const auto panels = [&](Index cols, Index shares) { return panel_count(cols, lanes, most, shares); };
  const Activation activation = activation_of(*network_, static_cast<std::size_t>(i));
  Layer layer;
  layer.activation = activation;
  layer.narrow = last && is_narrow(*network_);
  if (layer.narrow) {
    const Index cols = padded(in + 1, lanes);
    layer.w = {nullptr, out, cols, panels(cols, 1), cols};
    layer.transposed[0] = {nullptr, out, in, panels(in, copies_.shares), cols};
  } else {
    layer.w = {nullptr, in + 1, out, panels(out, last ? 1 : copies_.shares), 0};
    if (copies_.dense) layer.w.row_stride = ceil_div(out, lanes) * lanes;
    if ((i > 0 || differentiates_x()) && transposes)
      for (auto& transposed : layer.transposed)
        transposed = {nullptr, out, in, panels(in, copies_.shares), 0};
  }
  if (!last && trains()) layer.drop_rate = network_->options().dropout[static_cast<std::size_t>(i)];
  if (layer.drop_rate > 0) {
    layer.undropped = make_matrix(out, false);
    layer.mask = make_matrix(out, false);
  }
  for (int c = 0; c < (last ? 1 : copies_.activations); ++c)
    layer.a[c] = make_matrix(out, !last, layer.narrow);
  const bool keeps_z = buffers_ == Buffers::everything || has_x_delta();
  const bool needs_z = trains() && kernels_.needs_z[static_cast<int>(activation)];
  layer.watched_z = buffers_ == Buffers::watched && !last && !needs_z;
  if (last || needs_z || keeps_z || layer.watched_z) layer.z = make_matrix(out, false, layer.narrow);
  if (last || training) layer.delta = make_matrix(out, false, layer.narrow);
  return layer;
}

template <class T>
Pass<T>::Pass(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, Buffers buffers,
              Copies copies, bool weighted, Arena* arena)
    : network_(&network),
      kernels_(kernels),
      arena_(arena),
      capacity_(capacity),
      buffers_(buffers),
      copies_(copies),
      cost_function_(cost_of(network)),
      cost_parameters_(network.sizes().back(), "parameters of the cost", arena),
      sizes_(network.sizes().begin(), network.sizes().end()) {
  for (Index j = 0; j < width(layers()); ++j)
    cost_parameters_.data()[j] = column_parameter(network, static_cast<std::size_t>(j));
  for (int c = 0; c < copies.x; ++c) x_.push_back(make_matrix(width(0), true));
  for (Index i = 0; i + 1 < layers(); ++i) hidden_.push_back(make_layer(i));
  if (differentiates_x()) make_scale();
  for (int c = 0; c < copies.heads; ++c) {
    auto head = make_layer(layers() - 1);
    const bool narrow = head.narrow;
    heads_.push_back({std::move(head), make_matrix(width(layers()), false, narrow),
                      Buffer<double>(capacity, "costs of a mini-batch", arena),
                      Buffer<T>(weighted ? capacity : 0, "weights of a mini-batch", arena)});
  }
  if (trains()) {
    x_drop_rate_ = network.options().input_dropout;
    x_noise_ = static_cast<T>(network.options().input_noise);
  }
  if (is_narrow(network) && buffers == Buffers::outputs) {  // the network's own layout cannot be used
    make_weights(layers() - 1, heads_[0].layer);
    for (Index p = 0; p < heads_[0].layer.w.panels; ++p) load_panel(layers() - 1, heads_[0].layer, p);
  }
}

template <class T>
const typename Pass<T>::Matrix& Pass<T>::matrix_a(Index l, Place place) const {
  if (l == 0) return x_[static_cast<std::size_t>(place.x)];
  return layer(l - 1, place).a[l < layers() && copies_.activations == 2 ? place.turn : 0];
}

template <class T>
const PanelMatrix<T>& Pass<T>::transposed(Index i, Place place) const {
  return layer(i, place).transposed[!is_head(i) && copies_.transposed == 2 ? place.turn : 0];
}

template <class T>
PanelMatrix<T> Pass<T>::next_transposed(Index i, Place place) const {
  if (layer(i, place).narrow) return {};
  place.turn = 1 - place.turn;
  return transposed(i, place);
}

template <class T>
void Pass<T>::forward_layer(Index i, Index begin, Index end, PanelRange panels, Place place,
                            Prefetch* prefetch) {
  if (i == 0 && learns_scale()) scale_x(begin, end, place);
  const auto& to = layer(i, place);
  const auto &a_prev = inputs(i, place), &a = matrix_a(i + 1, place);
  const bool keep_z = to.z.stride != 0 && (keeps_z_ || !to.watched_z);
  ForwardArgs<T> f;
  f.rows = end - begin;
  f.fan_in = width(i);
  f.fan_out = width(i + 1);
  f.a_prev = a_prev.row(begin);
  f.a_prev_stride = a_prev.stride;
  if (loaded_ || to.narrow)
    f.w = {to.w.data, to.w.rows, to.w.cols, to.w.panels, to.w.row_stride};
  else
    f.w = {network_->weights(static_cast<std::size_t>(i)), to.w.rows, to.w.cols, to.w.panels, to.w.cols};
  f.panel_begin = panels.begin;
  f.panel_end = panels.end;
  const bool drops = to.drop_rate > 0;
  f.a = (drops ? to.undropped : a).row(begin);
  f.a_stride = (drops ? to.undropped : a).stride;
  f.keep_z = keep_z;
  f.z = keep_z ? to.z.row(begin) : f.a;
  f.z_stride = keep_z ? to.z.stride : f.a_stride;
  f.prefetch = prefetch;
  f.phi = activation_parameter(*network_, static_cast<std::size_t>(i));
  const bool row = copies_.dense && !to.narrow;
  if (row) f.w.panels = panel_count(f.w.cols, kernels_.lanes, kRowVectors);
  const auto* kernels = to.narrow ? kernels_.forward_narrow : row ? kernels_.forward_row : kernels_.forward;
  kernels[static_cast<int>(to.activation)](f);
#if LOCALGRAD_HAS_TRAINING
  if (drops) drop(i, begin, end, panels, place);
#endif
}

template <class T>
void Pass<T>::forward(Index begin, Index end, Place place) {
  for (Index i = 0; i < layers(); ++i) forward_layer(i, begin, end, all_panels(i), place);
}

#define LOCALGRAD_FOR(T) template class Pass<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
