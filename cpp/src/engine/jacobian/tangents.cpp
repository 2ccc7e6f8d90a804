#include "engine/jacobian/tangents.hpp"

#include <algorithm>

namespace localgrad {

template <class T>
Tangents<T>::Tangents(const OutputDerivatives<T>& of) : of_(of) {
  const auto& network = of.network();
  const auto& kernels = of.kernels();
  for (std::size_t i = 0; i + 1 < network.sizes().size(); ++i) {
    const Index in = static_cast<Index>(network.sizes()[i]), out = static_cast<Index>(network.sizes()[i + 1]);
    weights_.emplace_back(static_cast<std::size_t>(panel_size(in + 1, out, kernels.lanes)),
                          "workspace of the weights");
    const Index panels = panel_count(out, kernels.lanes, kernels.panel_vectors);
    panels_.push_back({weights_.back().data(), in + 1, out, panels, 0});
    for (Index p = 0; p < panels; ++p) {
      kernels.pack(network.weights(i), panels_.back(), p);
      const auto panel = panel_of(panels_.back(), p, kernels.lanes);
      std::fill_n(panel.data + in * panel.stride, panel.stride, T(-0.0));
    }
  }
}

template <class T>
void Tangents<T>::prepare(Pass<T>& pass, Index begin, Index end) const {
  for (Index i = 0; i < pass.layers(); ++i) {
    const auto layer = static_cast<std::size_t>(i);
    const Activation phi = activation_of(of_.network(), layer);
    if (!is_unitwise(phi)) continue;
    for (Index r = begin; r < end; ++r)
      of_.kernels().activation_derivative[static_cast<int>(phi)](
          pass.width(i + 1), pass.z(i, r), pass.a(i + 1, r), activation_parameter(of_.network(), layer),
          pass.z(i, r));
  }
}

template <class T>
void Tangents<T>::read(Pass<T>& pass, Index row) const {
  T* const tangent = pass.x_delta(row);
  scale_slopes(of_.reading(), pass.width(0), tangent);
  const T* const s = of_.network().input_scales();
  for (Index k = 0; s && k < pass.width(0); ++k) tangent[k] *= s[k];
}

template <class T>
void Tangents<T>::push_forward(Pass<T>& pass, Index from, Index rows, Index of, Index step) const {
  for (Index i = 0; i < pass.layers(); ++i) {
    const auto& w = panels_[static_cast<std::size_t>(i)];
    ForwardArgs<T> f{};
    f.rows = rows;
    f.fan_in = pass.width(i);
    f.fan_out = w.cols;
    f.a_prev = i == 0 ? pass.x_delta(from) : pass.delta(i - 1, from);
    f.a_prev_stride = i == 0 ? pass.x_delta_stride() : pass.delta_stride(i - 1);
    f.w = {w.data, w.rows, w.cols, w.panels, 0};
    f.panel_end = w.panels;
    f.z = f.a = pass.delta(i, from);
    f.z_stride = f.a_stride = pass.delta_stride(i);
    of_.kernels().forward[static_cast<int>(Activation::identity)](f);
    const bool last = i + 1 == pass.layers();
    const bool unitwise = !last || is_unitwise(output_of(of_.network()));
    for (Index r = 0; r < rows; ++r) {
      T* const tangent = pass.delta(i, from + r);
      if (unitwise) {
        const T* const slopes = pass.z(i, of + step * r);
        for (Index j = 0; j < w.cols; ++j) tangent[j] *= slopes[j];
      } else {  // the Jacobian of softmax is symmetric
        OutputArgs<T> o{};
        o.rows = 1;
        o.width = w.cols;
        o.a = pass.a(i + 1, of + step * r);
        o.delta = tangent;
        of_.kernels().output_delta[static_cast<int>(output_of(of_.network()))](o);
      }
      if (last && of_.standards()) of_.standards()->chain(tangent);
    }
  }
}

#define LOCALGRAD_FOR(T) template class Tangents<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
