#include "localgrad/predictor.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "engine/pass/layer_call.hpp"
#include "engine/pass/pass.hpp"
#include "kernels/dispatch.hpp"
#include "kernels/lanes.hpp"
#include "localgrad/error.hpp"
#include "model/buffer.hpp"
#include "model/float_mode.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

constexpr std::size_t kLine = 64;

/// Divides memory into aligned arrays; counts the bytes if `first` is null.
class Divider {
 public:
  explicit Divider(char* first = nullptr) : first_(first) {}
  template <class U>
  U* take(std::size_t n) {
    char* const begin = first_ ? first_ + used_ : nullptr;
    const std::size_t bytes = product(n, sizeof(U)), most = ~std::size_t{0} - 2 * kLine;
    used_ = bytes > most - used_ ? most : used_ + (bytes + kLine - 1) / kLine * kLine;
    return reinterpret_cast<U*>(begin);
  }
  std::size_t used() const { return used_; }

 private:
  char* first_;
  std::size_t used_ = 0;
};

template <class T>
bool is_finite(const T* row, Index n) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr T infinity = std::numeric_limits<T>::infinity();
  Bits exponent, bad = 0;  // adding the lowest bit of an exponent with all bits set carries into the sign
  std::memcpy(&exponent, &infinity, sizeof exponent);
  const Bits lowest = exponent & (~exponent + 1);
  for (Index k = 0; k < n; ++k) {
    Bits bits;
    std::memcpy(&bits, row + k, sizeof bits);
    bad |= (bits & exponent) + lowest;
  }
  return bad <= exponent;
}

/// Number of rows before the first one with a number that is not finite.
template <class T>
Index finite_rows(const MatrixView<const T>& in, Index rows) {
  Index r = 0;
  while (r < rows && is_finite(in.row(static_cast<std::size_t>(r)), static_cast<Index>(in.columns))) ++r;
  return r;
}

/// Distance between rows of activations: with padding, and no multiple of 512 bytes, for which rows would
/// share cache sets.
template <class T>
Index stride_for(const Network<T>& network) {
  const auto& sizes = network.sizes();
  const auto widest = static_cast<Index>(*std::max_element(sizes.begin(), sizes.end()));
  const Index stride = ceil_div(widest + 1, kVirtualLanes) * kVirtualLanes;
  return stride * static_cast<Index>(sizeof(T)) % 512 ? stride : stride + kVirtualLanes;
}

/// Largest number of vectors of a panel. For many rows, a wide layer is read in panels of the micro-kernel.
template <class T>
Index panel_vectors(const Network<T>& network, const Kernels<T>& kernels, std::size_t i,
                    std::size_t max_rows) {
  const Index out = static_cast<Index>(network.sizes()[i + 1]);
  return max_rows > 8 && out > kRowVectors * kernels.lanes ? Index{kernels.panel_vectors} : kRowVectors;
}

}  // namespace

template <class T>
struct Predictor<T>::State {
  const Kernels<T>* kernels = nullptr;
  void* owned = nullptr;  // memory to free; null for a workspace
  Index layers = 0, max_rows = 0, stride = 0;
  LayerCall<T>* calls = nullptr;
  T* scales = nullptr;                                   // input scales, if any
  T *even = nullptr, *odd = nullptr, *narrow = nullptr;  // activations; the inputs of narrow.hpp, if any
  T input_scale = 1;
  bool direct = false;  // the output layer does not touch numbers after a row of outputs
  std::shared_ptr<const Standards<T>> standards;

  /// Divides `memory`, or only counts its bytes if it is null.
  static State* create(const Network<T>& network, std::size_t rows, char* memory, std::size_t* bytes);
  /// Copies everything that can change from a network that matches.
  void load(const Network<T>& network);
  bool matches(const Network<T>& network) const;

  LayerCall<T>& last() const { return calls[layers - 1]; }
  /// The buffer for the inputs of layer index i.
  T* inputs_of(Index i) const { return i + 1 == layers && narrow ? narrow : i % 2 ? odd : even; }
  Reading<T> reading() const { return {input_scale, standards ? standards->inputs() : nullptr}; }
  /// Whether the first layer can read the rows of the caller.
  bool reads_in_place() const {
    return !standards && input_scale == T(1) && !scales && inputs_of(0) != narrow;
  }
  Index read(const MatrixView<const T>& in, Index rows);
  void forward(Index rows, const T* x, Index x_stride, const MatrixView<T>& out);
  void head(Index rows, const T* a, Index a_stride, const MatrixView<T>& out);
};

template <class T>
typename Predictor<T>::State* Predictor<T>::State::create(const Network<T>& network, std::size_t rows,
                                                          char* memory, std::size_t* bytes) {
  constexpr auto lanes = static_cast<Index>(kLine / sizeof(T));  // of the widest vectors
  const std::size_t layers = network.sizes().size() - 1;
  const auto numbers = product(rows, static_cast<std::size_t>(stride_for(network)));
  Divider divider(memory);
  void* const place = divider.take<State>(1);
  State* const s = memory ? new (place) State : nullptr;
  auto* const calls = divider.take<LayerCall<T>>(layers);
  // Read once, because set_isa may change it meanwhile.
  const Kernels<T>* const kernel = s ? &localgrad::kernels<T>() : nullptr;
  if (s) s->kernels = kernel;
  for (std::size_t i = 0; i < layers; ++i) {
    T* const w = divider.take<T>(static_cast<std::size_t>(LayerCall<T>::packed_size(network, i, lanes)));
    if (!s) continue;
    new (calls + i) LayerCall<T>(network, *kernel, i, w, panel_vectors(network, *kernel, i, rows));
  }
  T* const scales = divider.take<T>(network.input_scales() ? network.sizes()[0] : 0);
  T* const even = divider.take<T>(numbers);
  T* const odd = divider.take<T>(numbers);
  T* const narrow = divider.take<T>(is_narrow(network) ? numbers : 0);
  *bytes = divider.used();
  if (!s) return nullptr;
  s->layers = static_cast<Index>(layers);
  s->max_rows = static_cast<Index>(rows);
  s->stride = stride_for(network);
  s->calls = calls;
  s->even = even;
  s->odd = odd;
  s->direct = is_narrow(network) || s->last().fan_out() % s->kernels->lanes == 0;
  if (network.input_scales()) s->scales = scales;
  std::fill(even, even + numbers, T(0));
  std::fill(odd, odd + numbers, T(0));
  if (is_narrow(network)) {
    s->narrow = narrow;
    std::fill(narrow, narrow + numbers, T(0));
    for (std::size_t r = 0; r < rows; ++r) narrow[static_cast<Index>(r) * s->stride + s->last().fan_in()] = 1;
  }
  s->load(network);
  return s;
}

template <class T>
void Predictor<T>::State::load(const Network<T>& network) {
  for (Index i = 0; i < layers; ++i) calls[i].pack(*kernels, network.weights(static_cast<std::size_t>(i)));
  if (scales) std::copy_n(network.input_scales(), network.sizes()[0], scales);
  input_scale = static_cast<T>(network.options().input_scale);
  standards = standards_of(network);
}

template <class T>
bool Predictor<T>::State::matches(const Network<T>& network) const {
  if (network.sizes().size() != static_cast<std::size_t>(layers) + 1) return false;
  if ((network.input_scales() != nullptr) != (scales != nullptr) || is_narrow(network) != (narrow != nullptr))
    return false;
  for (Index i = 0; i < layers; ++i)
    if (!calls[i].matches(LayerCall<T>(network, *kernels, static_cast<std::size_t>(i), nullptr)))
      return false;
  return true;
}

/// Copies rows to the buffer of the inputs. Returns the number of rows before the first invalid one.
template <class T>
Index Predictor<T>::State::read(const MatrixView<const T>& in, Index rows) {
  constexpr int source = sizeof(T) == sizeof(float) ? 0 : 1;  // kSourceSizes
  const auto width = static_cast<Index>(in.columns);
  T* to = inputs_of(0);
  for (Index r = 0; r < rows; ++r, to += stride) {
    const auto* from = reinterpret_cast<const char*>(in.row(static_cast<std::size_t>(r)));
    const Reading<T> as = reading();
    if (!kernels->gather[source]({from, 0, nullptr, 1, width, to, 0, as.scale, as.shift})) return r;
    if (scales)
      for (Index k = 0; k < width; ++k) to[k] *= scales[k];
  }
  return rows;
}

/// The output layer, which writes to the memory of the caller if it can.
template <class T>
void Predictor<T>::State::head(Index rows, const T* a, Index a_stride, const MatrixView<T>& out) {
  const Index width = last().fan_out(), out_stride = static_cast<Index>(out.stride);
  if (direct && (rows == 1 || out_stride == width || !narrow))
    return last()(rows, a, a_stride, out.data, out_stride);
  T* const to = inputs_of(layers);
  const Index to_stride = last().narrow() ? width : stride;
  last()(rows, a, a_stride, to, to_stride);
  for (Index r = 0; r < rows; ++r)
    std::copy_n(to + r * to_stride, width, out.row(static_cast<std::size_t>(r)));
}

template <class T>
void Predictor<T>::State::forward(Index rows, const T* x, Index x_stride, const MatrixView<T>& out) {
  for (Index i = 0; i + 1 < layers; ++i) {
    T* const a = inputs_of(i + 1);
    calls[i](rows, x, x_stride, a, stride);
    x = a;
    x_stride = stride;
  }
  head(rows, x, x_stride, out);
  for (Index r = 0; standards && r < rows; ++r) standards->restore(out.row(static_cast<std::size_t>(r)));
}

template <class T>
std::size_t Predictor<T>::bytes(const Network<T>& network, std::size_t max_rows) {
  if (max_rows == 0) throw std::invalid_argument("max_rows must be at least 1, got 0");
  std::size_t bytes = 0;
  State::create(network, max_rows, nullptr, &bytes);
  const std::size_t most = ~std::size_t{0} / 2;
  if (bytes > most)
    throw OutOfMemory("max_rows must give a size that fits into memory, got " + std::to_string(max_rows));
  return bytes + kLine - 1;  // a workspace needs no alignment
}

template <class T>
Predictor<T>::Predictor(const Network<T>& network, std::size_t max_rows, Workspace workspace) {
  const std::size_t needed = bytes(network, max_rows);
  const bool given = workspace.data != nullptr || workspace.bytes > 0;
  if (given && (!workspace.data || workspace.bytes < needed))
    refuse("workspace must have at least ", needed, " bytes, got ", workspace.data ? workspace.bytes : 0);
  kernels<T>();  // may throw
  void* const memory = given ? workspace.data : allocate(needed, "workspace of a Predictor", Fill::nothing);
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  std::size_t used = 0;
  state_ =
      State::create(network, max_rows, static_cast<char*>(memory) + (kLine - address % kLine) % kLine, &used);
  if (!given) state_->owned = memory;
}

template <class T>
Predictor<T>::~Predictor() {
  if (!state_) return;
  void* const owned = state_->owned;
  state_->~State();
  FreeAligned()(owned);
}

template <class T>
Predictor<T>& Predictor<T>::operator=(Predictor&& other) noexcept {
  Predictor moved(std::move(other));
  std::swap(state_, moved.state_);
  return *this;
}

template <class T>
Status Predictor<T>::predict(MatrixView<const T> in, MatrixView<T> out) noexcept {
  if (!state_ || in.columns != inputs() || out.columns != outputs() || in.rows != out.rows ||
      in.stride < in.columns || out.stride < out.columns)
    return Status::invalid_argument;
  if (in.rows == 0) return Status::ok;
  if (!in.data || !out.data) return Status::invalid_argument;
  State& s = *state_;
  const ControlMode mode;
  const bool in_place = s.reads_in_place();
  while (in.rows > 0) {
    const Index rows = std::min(s.max_rows, static_cast<Index>(in.rows));
    const Index good = in_place ? finite_rows(in, rows) : s.read(in, rows);
    if (good > 0 && in_place) s.forward(good, in.data, static_cast<Index>(in.stride), out);
    if (good > 0 && !in_place) s.forward(good, s.inputs_of(0), s.stride, out);
    if (good < rows) return Status::bad_example;
    const auto done = static_cast<std::size_t>(rows);
    in = {in.data + done * in.stride, in.rows - done, in.columns, in.stride};
    out = {out.data + done * out.stride, out.rows - done, out.columns, out.stride};
  }
  return Status::ok;
}

template <class T>
Status Predictor<T>::update(const Network<T>& network) noexcept {
  if (!state_ || !state_->matches(network)) return Status::invalid_argument;
  state_->load(network);
  return Status::ok;
}

template <class T>
std::size_t Predictor<T>::max_rows() const noexcept {
  return state_ ? static_cast<std::size_t>(state_->max_rows) : 0;
}

template <class T>
std::size_t Predictor<T>::inputs() const noexcept {
  return state_ ? static_cast<std::size_t>(state_->calls[0].fan_in()) : 0;
}

template <class T>
std::size_t Predictor<T>::outputs() const noexcept {
  return state_ ? static_cast<std::size_t>(state_->last().fan_out()) : 0;
}

#define LOCALGRAD_FOR(T) template class Predictor<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
