#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/args.hpp"
#include "localgrad/network.hpp"
#include "model/buffer.hpp"

namespace localgrad {

/// Whether the output layer has so few units that narrow.hpp computes it.
template <class T>
bool is_narrow(const Network<T>& network);

enum class Buffers {
  outputs,    ///< inference: (F), (D1) of the output layer
  gradients,  ///< training: what (D2) and (G1) need
  everything  ///< and every z, for a trace
};

/// How many copies a Pass has of what the members of a team may want for themselves, or twice.
struct Copies {
  int x = 1;            ///< of the input rows
  int heads = 1;        ///< of the output layer: its weights, its activations, the targets
  int activations = 1;  ///< of the hidden layers' activations
  int transposed =
      1;           ///< of the hidden layers' transposed weights: (D2) reads one, the update writes the next
  int shares = 1;  ///< owners of whole panels, among whom the columns of each layer should divide evenly
};

/// Which copies a call works on.
struct Place {
  int x = 0;
  int head = 0;
  int turn = 0;                ///< 0, 1, 0, .. from step to step, where there are two of a thing
  std::uint64_t position = 0;  ///< in the epoch, of row 0: for random numbers
};

/// Of 65536 numbers so many drop a unit, and what keeps the mean of those that stay.
inline std::uint32_t drop_threshold(double rate) {
  return static_cast<std::uint32_t>(std::min(65535.0, std::floor(rate * 65536 + 0.5)));
}
template <class T>
T drop_scale(std::uint32_t threshold) {
  return static_cast<T>(65536.0 / (65536.0 - threshold));
}

/// Some columns of a layer, by panels.
struct PanelRange {
  Index begin, end;
};

/// The buffers of one mini-batch and the walk through the layers. Row r of every buffer belongs to example r;
/// a thread may take any rows through any panels of a layer, and nothing here waits.
///
/// Rows are padded to whole vectors; after a layer's columns of activations comes a column of ones, which
/// makes the bias one more row of (G1). An output layer of one or two units is transposed and without padding
/// (narrow.hpp).
template <class T>
class Pass {
 public:
  /// For up to `capacity` examples, which may be `weighted`. Weights are read from the network's buffer until
  /// prepare().
  Pass(const Network<T>& network, const Kernels<T>& kernels, std::size_t capacity, Buffers buffers,
       Copies copies = {}, bool weighted = false);

  /// Makes room for the network's parameters in panels (with a transposed copy for (D2), if gradients are
  /// kept), which are read from now on. load() also copies them there, in units that several threads may
  /// share; store() copies them back.
  void prepare();
  void load();
  Index load_units() const;
  void load_unit(Index unit);
  void store(Network<T>& network) const;
  /// The same for other numbers of each parameter, dense in the order of Network::parameters of layer index
  /// i: to panels laid out as w(i), with padding 0, and back.
  void pack(Index i, const T* dense, T* panels) const;
  void unpack(Index i, const T* panels, T* dense) const;
  /// Copies the weights of the first copy of the output layer to the others, which a smaller team did not
  /// update.
  void share_head();
  /// Whether every parameter in the panels is finite.
  bool finite() const;

  void forward_layer(Index i, Index begin, Index end, PanelRange panels, Place place,
                     Prefetch* prefetch = nullptr);  ///< (F)
  void backward_layer(Index i, Index begin, Index end, PanelRange panels, Place place,
                      Prefetch* prefetch = nullptr);      ///< (D2), from layer index i to i - 1
  void output(Index begin, Index end, Place place = {});  ///< (D1) and (C)
  /// The second factor of (D1): turns dc/da, in delta, into the delta of the output layer.
  void output_delta(Index begin, Index end, Place place = {});

  /// Multiplies delta of the output layer by a power of 2, which then is a factor of all that (D2) and (G1)
  /// make of it.
  void scale_delta(Index begin, Index end, T factor, Place place = {});

  void forward(Index begin, Index end, Place place = {});   ///< (F), all layers
  void backward(Index begin, Index end, Place place = {});  ///< (D2), all layers
  /// Puts noise and dropout on rows of x, as training does; hidden layers are dropped by forward_layer.
  void disturb_x(Index begin, Index end, Place place);
  void set_epoch(std::uint64_t epoch) { epoch_ = static_cast<std::uint32_t>(epoch); }  ///< for random numbers
  /// What (G1) of layer index i reads, `batch` rows from `first` on; the caller sets the panel and its rows.
  /// With `dense`, for a w laid out as in the network, whose data the caller sets too.
  GradientArgs<T> gradient_args(Index i, Index first, Index batch, Place place = {}, bool dense = false);

  Index layers() const { return static_cast<Index>(sizes_.size()) - 1; }  ///< those that have weights: L-1
  Index width(Index l) const { return sizes_[static_cast<std::size_t>(l)]; }
  T* a(Index l, Index row, Place place = {}) { return matrix_a(l, place).row(row); }   ///< [0] is x
  Index stride(Index l) const { return (l == 0 ? x_[0] : layer(l - 1).a[0]).stride; }  ///< of a
  T* z(Index i, Index row) { return layer(i).z.row(row); }
  T* delta(Index i, Index row) { return layer(i).delta.row(row); }
  T* weight(Index row, Place place = {}) { return head(place).weight.data() + row; }
  T* y(Index row, Place place = {}) { return head(place).y.row(row); }
  Index y_stride() const { return heads_[0].y.stride; }
  double* cost(Index row, Place place = {}) { return head(place).cost.data() + row; }
  const PanelMatrix<T>& w(Index i, Place place = {}) const { return layer(i, place).w; }
  /// What (D2) reads, and where the update writes the transposed weights of the next step (data null:
  /// nowhere).
  const PanelMatrix<T>& transposed(Index i, Place place = {}) const;
  PanelMatrix<T> next_transposed(Index i, Place place) const;
  /// Where the biases are in w(i): one of the two, the other is -1.
  Index bias_row(Index i) const { return layer(i).narrow ? -1 : width(i); }
  Index bias_column(Index i) const { return layer(i).narrow ? width(i) : -1; }
  PanelRange all_panels(Index i) const { return {0, w(i).panels}; }
  std::size_t w_elements(Index i) const { return layer(i).w_buffer.size(); }
  std::size_t bytes() const { return bytes_; }
  bool weighted() const { return !heads_[0].weight.empty(); }

 private:
  struct Matrix {
    Buffer<T> buffer;
    Index stride = 0;  // 0: not kept
    T* row(Index r) const { return buffer.data() + r * stride; }
  };
  /// Layer l = i + 2 of the README's notation and the weights that lead to it.
  struct Layer {
    Activation activation;
    bool narrow;
    PanelMatrix<T> w{}, transposed[2] = {};
    Buffer<T> w_buffer, transposed_buffer[2];
    Matrix a[2], z, delta;
    // With dropout: what phi gave, of which phi' is taken, and the factors that made a of it.
    Matrix undropped, mask;
    std::uint32_t drop_threshold = 0;
  };
  struct Head {
    Layer layer;
    Matrix y;
    std::vector<double> cost;
    std::vector<T> weight;  // of each example; empty for all 1
  };
  bool is_head(Index i) const { return i + 1 == layers(); }
  const Head& head(Place place) const { return heads_[static_cast<std::size_t>(place.head)]; }
  Head& head(Place place) { return heads_[static_cast<std::size_t>(place.head)]; }
  const Layer& layer(Index i, Place place = {}) const {
    return is_head(i) ? head(place).layer : hidden_[static_cast<std::size_t>(i)];
  }
  const Matrix& matrix_a(Index l, Place place) const;
  Buffer<T> make_buffer(std::size_t rows, std::size_t columns, const char* what);
  Matrix make_matrix(Index width, bool ones, bool narrow = false);
  Layer make_layer(Index i);
  void drop(Index i, Index begin, Index end, PanelRange panels, Place place);
  void undrop(Index i, Index begin, Index end, PanelRange panels);
  void weigh(Index begin, Index end, Place place);
  RandomArgs<T> random_args(Index l, Index begin, Index end, Place place) const;
  OutputArgs<T> output_args(Index begin, Index end, Place place);
  void make_weights(Index i, Layer& layer);
  void pack_panel(Index i, const PanelMatrix<T>& w, Index p, const T* dense) const;
  void load_panel(Index i, Layer& layer, Index p);

  const Network<T>& network_;
  const Kernels<T>& kernels_;
  std::size_t capacity_;
  Buffers buffers_;
  Copies copies_;
  bool loaded_ = false;
  std::uint32_t epoch_ = 0;
  std::uint32_t x_drop_threshold_ = 0;
  T x_noise_ = 0;
  std::size_t bytes_ = 0;
  Cost cost_function_;
  Buffer<T> cost_parameters_;  // one for each output unit
  std::vector<Index> sizes_;
  std::vector<Matrix> x_;
  std::vector<Layer> hidden_;
  std::vector<Head> heads_;
};

extern template class Pass<float>;
extern template class Pass<double>;

}  // namespace localgrad
