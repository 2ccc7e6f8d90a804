#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/args.hpp"
#include "localgrad/network.hpp"
#include "model/buffer.hpp"

namespace localgrad {

/// Whether the output layer is computed by narrow.hpp because it has few units.
template <class T>
bool is_narrow(const Network<T>& network);

enum class Buffers {
  outputs,     ///< inference: (F), (D1) of the output layer
  gradients,   ///< training: also for (D2) and (G1)
  watched,     ///< the same, and every z while keep_z() asks for it
  everything,  ///< for a Trace: also every z
  inputs,      ///< everything, and (D2) down to the inputs
  tangents     ///< the same rows, but no (D2): see tangents.hpp
};

/// Number of copies of data in a Pass: several where each member of a team needs a separate one, two where
/// successive steps alternate.
struct Copies {
  int x = 1;            ///< input rows
  int heads = 1;        ///< output layer: its weights and activations, and the targets
  int activations = 1;  ///< activations of the hidden layers
  int transposed = 1;   ///< transposed weights of hidden layers: (D2) reads one, the update writes the next
  int shares = 1;       ///< owners of whole panels; the columns of each layer should divide evenly among them
  /// For one example: rows of the weights are not split into panels, and (D2) reads the weights instead of a
  /// transposed copy.
  bool dense = false;
};

/// The copies that a call works on.
struct Place {
  int x = 0;
  int head = 0;
  int turn = 0;                ///< 0 or 1, alternating from step to step, for data with two copies
  std::uint64_t position = 0;  ///< position of row 0 in the epoch, for random numbers
  double dropout = 1;          ///< factor of the dropout rates
};

/// Dropout drops a unit if its 16-bit random number is below `threshold`, and multiplies the others by
/// drop_scale, which preserves the mean.
inline std::uint32_t drop_threshold(double rate) {
  return static_cast<std::uint32_t>(std::min(65535.0, std::floor(rate * 65536 + 0.5)));
}
template <class T>
T drop_scale(std::uint32_t threshold) {
  return static_cast<T>(65536.0 / (65536.0 - threshold));
}

/// A range of columns of a layer, in panels.
struct PanelRange {
  Index begin, end;
};

/// The buffers of one mini-batch and the computation of its layers.
///
/// Row r of every buffer belongs to example r. A thread may compute any rows of any panels of a layer; no
/// function waits for other threads. Rows are padded to whole vectors. The columns of activations of a layer
/// are followed by a column of ones, which makes the bias one more row of (G1). An output layer of one or
/// two units is stored transposed and without padding (narrow.hpp).
///
/// Input scales s are handled like the biases of a layer without inputs, whose index i is layers(): their
/// w(i) has one row, and its delta is (w^T delta) * x, where w and delta are those of layer index 0.
template <class T>
class Pass {
 public:
  /// Creates buffers for up to `capacity` examples, with sample weights if `weighted`. Weights are read from
  /// the network's buffer until prepare() is called. Buffers are taken from `arena` unless it is null.
  Pass(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, Buffers buffers,
       Copies copies = {}, bool weighted = false, Arena* arena = nullptr);
  /// Refers to the same network at another address.
  void follow(const Network<T>& network) { network_ = &network; }

  /// Allocates panels for the network's parameters, which are read from then on, and a transposed copy for
  /// (D2) if gradients are computed. load() also copies the parameters to the panels; load_unit() copies one
  /// of load_units() units, so that several threads can share the work. store() copies them back.
  void prepare();
  void load();
  Index load_units() const;
  void load_unit(Index unit);
  void store(Network<T>& network) const;
  /// Copies other per-parameter data, such as the optimizer's state, to panels with the layout of w(i), and
  /// back. `dense` is in the order of Network::parameters of layer index i. Padding is set to 0.
  void pack(Index i, const T* dense, T* panels) const;
  void unpack(Index i, const T* panels, T* dense) const;
  /// Copies the weights of the first copy of the output layer to the other copies, which a smaller team did
  /// not update.
  void share_head();
  /// Whether every parameter in the panels is finite.
  bool finite() const;

  void forward_layer(Index i, Index begin, Index end, PanelRange panels, Place place,
                     Prefetch* prefetch = nullptr);  ///< (F)
  void backward_layer(Index i, Index begin, Index end, PanelRange panels, Place place,
                      Prefetch* prefetch = nullptr);      ///< (D2), from layer index i to i - 1 or the inputs
  void output(Index begin, Index end, Place place = {});  ///< (D1) and (C)
  /// The second factor of (D1): replaces dc/da, which is stored in delta, by the delta of the output layer.
  void output_delta(Index begin, Index end, Place place = {});

  /// Multiplies delta of the output layer by a power of 2, and thus all results of (D2) and (G1).
  void scale_delta(Index begin, Index end, T factor, Place place = {});

  void forward(Index begin, Index end, Place place = {});  ///< (F), all layers
  /// (D2), down to layer index `lowest`, below which no delta is needed; -1: to the input scales, if any.
  void backward(Index begin, Index end, Place place = {}, Index lowest = -1);
  /// Applies noise and dropout to rows of x, as in training. forward_layer applies dropout to hidden layers.
  void disturb_x(Index begin, Index end, Place place);
  /// Whether to keep every z, with Buffers::watched.
  void keep_z(bool keeps) { keeps_z_ = keeps; }
  /// Epoch, for random numbers.
  void set_epoch(std::uint64_t epoch) { epoch_ = static_cast<std::uint32_t>(epoch); }
  /// Arguments of (G1) for layer index i and `batch` rows from `first` on. The caller sets the panels and
  /// their rows. With `dense`, w has the layout of the network, and the caller also sets its data.
  GradientArgs<T> gradient_args(Index i, Index first, Index batch, Place place = {}, bool dense = false);

  /// Number of layers with weights, L-1.
  Index layers() const { return static_cast<Index>(sizes_.size()) - 1; }
  /// Number of parts of the parameter buffer: the layers with weights, and the input scales, if any.
  Index parts() const { return layers() + (learns_scale() ? 1 : 0); }
  bool differentiates_x() const { return learns_scale() || has_x_delta(); }
  bool learns_scale() const { return network_->options().learn_input_scale; }
  /// Number of parameters in part i.
  Index parameters(Index i) const { return i == layers() ? width(0) : (width(i) + 1) * width(i + 1); }
  Index width(Index l) const { return sizes_[static_cast<std::size_t>(l)]; }
  T* a(Index l, Index row, Place place = {}) { return matrix_a(l, place).row(row); }  ///< l = 0 is x
  /// Distance between rows of a.
  Index stride(Index l) const { return (l == 0 ? x_[0] : layer(l - 1).a[0]).stride; }
  /// phi(z) of layer index i, before dropout; null without dropout.
  const T* undropped(Index i, Index row) const {
    return layer(i).drop_rate > 0 ? layer(i).undropped.row(row) : nullptr;
  }
  T* z(Index i, Index row) { return layer(i).z.row(row); }
  Index z_stride(Index i) const { return layer(i).z.stride; }
  T* delta(Index i, Index row) { return layer(i).delta.row(row); }
  /// Distance between rows of delta.
  Index delta_stride(Index i) const { return layer(i).delta.stride; }
  /// Derivatives with respect to x, before input scales, with Buffers::inputs or tangents.
  T* x_delta(Index row) const { return x_deltas().row(row); }
  Index x_delta_stride() const { return x_deltas().stride; }
  T* weight(Index row, Place place = {}) { return head(place).weight.data() + row; }
  T* y(Index row, Place place = {}) { return head(place).y.row(row); }
  Index y_stride() const { return heads_[0].y.stride; }
  double* cost(Index row, Place place = {}) { return head(place).cost.data() + row; }
  const PanelMatrix<T>& w(Index i, Place place = {}) const { return layer(i, place).w; }
  /// The transposed weights that (D2) reads, and those that the update writes for the next step (null data
  /// if there are none).
  const PanelMatrix<T>& transposed(Index i, Place place = {}) const;
  PanelMatrix<T> next_transposed(Index i, Place place) const;
  /// Row or column of the biases in w(i); the other one is -1.
  Index bias_row(Index i) const { return layer(i).narrow ? -1 : w(i).rows - 1; }
  Index bias_column(Index i) const { return layer(i).narrow ? width(i) : -1; }
  /// The panel with the column of the biases.
  Index bias_panel(Index i) const {
    return panel_with(w(i), bias_column(i) / kernels_.lanes, kernels_.lanes);
  }
  PanelRange all_panels(Index i) const { return {0, w(i).panels}; }
  std::size_t w_elements(Index i) const { return layer(i).w_buffer.size(); }
  bool weighted() const { return heads_[0].weight.size() > 0; }

 private:
  struct Matrix {
    Buffer<T> buffer;
    Index stride = 0;  // 0 if it is not stored
    T* row(Index r) const { return buffer.data() + r * stride; }
  };
  /// Layer l = i + 2 and the weights that lead to it.
  struct Layer {
    Activation activation;
    bool narrow;
    PanelMatrix<T> w{}, transposed[2] = {};
    Buffer<T> w_buffer, transposed_buffer[2];
    Matrix a[2], z, delta;
    bool watched_z = false;  // whether z is only kept while keep_z() asks for it
    // With dropout: the result of phi, of which phi' is computed, and the factors that it is multiplied by.
    Matrix undropped, mask;
    double drop_rate = 0;
  };
  struct Head {
    Layer layer;
    Matrix y;
    Buffer<double> cost;
    Buffer<T> weight;  // sample weights; empty if all are 1
  };
  bool is_head(Index i) const { return i + 1 == layers(); }
  bool trains() const { return buffers_ == Buffers::gradients || buffers_ == Buffers::watched; }
  bool has_x_delta() const { return buffers_ == Buffers::inputs || buffers_ == Buffers::tangents; }
  const Matrix& x_deltas() const { return learns_scale() ? x_delta_ : scale_.delta; }
  const Head& head(Place place) const { return heads_[static_cast<std::size_t>(place.head)]; }
  Head& head(Place place) { return heads_[static_cast<std::size_t>(place.head)]; }
  const Layer& layer(Index i, Place place = {}) const {
    if (i == layers()) return scale_;
    return is_head(i) ? head(place).layer : hidden_[static_cast<std::size_t>(i)];
  }
  const Matrix& matrix_a(Index l, Place place) const;
  /// The inputs of the weights of layer index i: a, multiplied by the input scales if i is 0.
  const Matrix& inputs(Index i, Place place) const {
    return i == 0 && scale_.a[0].stride ? scale_.a[0] : matrix_a(i, place);
  }
  Buffer<T> make_buffer(std::size_t rows, std::size_t columns, const char* what);
  Matrix make_matrix(Index width, bool ones, bool narrow = false);
  Layer make_layer(Index i);
  void make_scale();
  void scale_x(Index begin, Index end, Place place);
  void unscale_delta(Index begin, Index end, Place place);
  void drop(Index i, Index begin, Index end, PanelRange panels, Place place);
  void undrop(Index i, Index begin, Index end, PanelRange panels);
  void weigh(Index begin, Index end, Place place);
  RandomArgs<T> random_args(Index l, Index begin, Index end, Place place) const;
  OutputArgs<T> output_args(Index begin, Index end, Place place);
  void make_weights(Index i, Layer& layer);
  void pack_panel(Index i, const PanelMatrix<T>& w, Index p, const T* dense) const;
  void load_panel(Index i, Layer& layer, Index p);

  const Network<T>* network_;
  const Kernels<T>& kernels_;
  Arena* arena_;
  std::size_t capacity_;
  Buffers buffers_;
  Copies copies_;
  bool loaded_ = false, keeps_z_ = false;
  std::uint32_t epoch_ = 0;
  double x_drop_rate_ = 0;
  T x_noise_ = 0;
  Cost cost_function_;
  Buffer<T> cost_parameters_;  // one per output unit
  std::vector<Index> sizes_;
  std::vector<Matrix> x_;
  std::vector<Layer> hidden_;
  Layer scale_;  // a[0]: x times the input scales, if x itself is kept
  Matrix x_delta_;
  std::vector<Head> heads_;
};

#define LOCALGRAD_FOR(T) extern template class Pass<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
