// The weights of a Pass: copying them from the network to panels and back.

#include <algorithm>

#include "engine/pass/pass.hpp"

namespace localgrad {
template <class T>
void Pass<T>::make_weights(Index i, Layer& layer) {
  const Index lanes = kernels_.lanes;
  auto& w = layer.w;
  const Index elements = layer.narrow ? w.rows * w.cols : panel_size(w.rows, w.cols, lanes);
  layer.w_buffer = make_buffer(1, static_cast<std::size_t>(elements), "workspace of the weights");
  w.data = layer.w_buffer.data();
  if (layer.narrow) layer.transposed[0].data = w.data;
  if (!layer.transposed[0].rows || buffers_ == Buffers::outputs || layer.narrow || copies_.dense) return;
  for (int c = 0; c < (is_head(i) ? 1 : copies_.transposed); ++c) {
    auto& transposed = layer.transposed[c];
    layer.transposed_buffer[c] =
        make_buffer(1, static_cast<std::size_t>(panel_size(transposed.rows, transposed.cols, lanes)),
                    "workspace of the weights");
    transposed.data = layer.transposed_buffer[c].data();
  }
}

/// Padding is written too, because a step that diverged may have changed it.
template <class T>
void Pass<T>::pack_panel(Index i, const PanelMatrix<T>& w, Index p, const T* dense) const {
  if (!layer(i).narrow) return kernels_.pack(dense, w, p);
  const auto panel = panel_of(w, p, kernels_.lanes);
  for (Index j = 0; j < w.rows; ++j)  // row j has the weights of unit j, then its bias
    for (Index c = 0; c < panel.width; ++c) {
      const Index k = panel.column + c;
      panel.data[j * panel.stride + c] = k <= width(i) ? dense[k * w.rows + j] : T(0);
    }
}

template <class T>
void Pass<T>::load_panel(Index i, Layer& layer, Index p) {
  const auto& w = layer.w;
  pack_panel(i, w, p, network_->weights(static_cast<std::size_t>(i)));  // of index L-1: the input scales
  if (layer.narrow) return;
  for (const auto& transposed : layer.transposed)
    if (transposed.data) kernels_.transpose(w, p, 0, w.rows, transposed);
}

template <class T>
void Pass<T>::prepare() {
  if (loaded_) return;
  for (Index i = 0; i + 1 < layers(); ++i) make_weights(i, hidden_[static_cast<std::size_t>(i)]);
  for (auto& head : heads_)
    if (!head.layer.w.data) make_weights(layers() - 1, head.layer);
  if (scale_.w.rows) make_weights(layers(), scale_);
  loaded_ = true;
}

template <class T>
Index Pass<T>::load_units() const {
  Index units = 0;
  for (Index i = 0; i + 1 < layers(); ++i) units += w(i).panels;
  return units + static_cast<Index>(heads_.size()) * w(layers() - 1).panels + scale_.w.panels;
}

template <class T>
void Pass<T>::load_unit(Index unit) {
  for (Index i = 0; i + 1 < layers(); unit -= w(i).panels, ++i)
    if (unit < w(i).panels) return load_panel(i, hidden_[static_cast<std::size_t>(i)], unit);
  const Index each = w(layers() - 1).panels, heads = static_cast<Index>(heads_.size()) * each;
  if (unit >= heads) return load_panel(layers(), scale_, unit - heads);
  load_panel(layers() - 1, heads_[static_cast<std::size_t>(unit / each)].layer, unit % each);
}

template <class T>
void Pass<T>::load() {
  prepare();
  for (Index unit = 0; unit < load_units(); ++unit) load_unit(unit);
}

template <class T>
void Pass<T>::store(Network<T>& network) const {
  for (Index i = 0; i < parts(); ++i)
    unpack(i, layer(i).w.data, network.weights(static_cast<std::size_t>(i)));
}

template <class T>
void Pass<T>::pack(Index i, const T* dense, T* panels) const {
  PanelMatrix<T> w = this->w(i);
  w.data = panels;
  for (Index p = 0; p < w.panels; ++p) pack_panel(i, w, p, dense);
}

template <class T>
void Pass<T>::unpack(Index i, const T* panels, T* dense) const {
  PanelMatrix<T> w = this->w(i);
  if (layer(i).narrow) {
    for (Index j = 0; j < w.rows; ++j)
      for (Index k = 0; k <= width(i); ++k) dense[k * w.rows + j] = panels[j * w.cols + k];
    return;
  }
  w.data = const_cast<T*>(panels);  // unpack only reads it
  for (Index p = 0; p < w.panels; ++p) kernels_.unpack(w, p, dense);
}

template <class T>
void Pass<T>::share_head() {
  const auto copy = [](const Buffer<T>& from, const Buffer<T>& to) {
    std::copy_n(from.data(), from.size(), to.data());
  };
  const Layer& first = heads_[0].layer;
  for (std::size_t h = 1; h < heads_.size(); ++h) {
    copy(first.w_buffer, heads_[h].layer.w_buffer);
    copy(first.transposed_buffer[0], heads_[h].layer.transposed_buffer[0]);
  }
}

template <class T>
bool Pass<T>::finite() const {
  for (Index i = 0; i < parts(); ++i)
    if (!all_finite(layer(i).w_buffer)) return false;
  return true;
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class Pass<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
