#include "engine/curvature/diagonals.hpp"

#include <algorithm>
#include <utility>

#include "text/message.hpp"

namespace localgrad {
namespace {

/// The largest width of a layer whose Hessian is computed.
template <class T>
Index widest(const Network<T>& network) {
  const auto& sizes = network.sizes();
  return static_cast<Index>(*std::max_element(sizes.begin() + (network.input_scales() ? 0 : 1), sizes.end()));
}

/// Two matrices of a Hessian, and the scratch rows of OutputCurvature.
template <class T>
std::size_t hessian_numbers(const Network<T>& network) {
  const std::size_t most = static_cast<std::size_t>(widest(network)), stride = most + 32;
  const std::size_t numbers = product(2 * most + 3, stride);
  check_memory(product(numbers, sizeof(T)), text_of("Hessians of a layer of width ", most));
  return numbers;
}

/// Number of multiplications per example, without those of a gradient.
template <class T>
double work_of(const Network<T>& network, Curvature matrix) {
  const auto& sizes = network.sizes();
  double work = 0;
  for (std::size_t i = 1; i + 1 < sizes.size(); ++i) {
    const double in = static_cast<double>(sizes[i]), out = static_cast<double>(sizes[i + 1]);
    const double rows = matrix == Curvature::hessian ? in + out : static_cast<double>(sizes.back());
    work += in * out * rows;
  }
  return work;
}

}  // namespace

template <class T>
Diagonal<T>::Diagonal(const Network<T>& network, Curvature matrix, std::size_t numbers)
    : Base(network, work_of(network, matrix)),
      hessian_(matrix == Curvature::hessian),
      curvature_(network, kernels_, matrix),
      numbers_(numbers) {
  for (Index i = 0; i < layers(); ++i) {
    left_.push_back(this->make(this->chunk_, width(i) + 1));
    right_.push_back(this->make(this->chunk_, row_stride<T>(width(i + 1))));
    up_.push_back(this->make(i < lowest() ? 0 : width(i + 1), up_stride(i)));
  }
  if (learns_scale()) scale_right_ = this->make(this->chunk_, row_stride<T>(width(0)));
}

template <class T>
void Diagonal<T>::prepare(int threads) {
  while (workspaces_.size() < static_cast<std::size_t>(threads))
    workspaces_.push_back(this->make(1, static_cast<Index>(numbers_)));
}

template <class T>
void Diagonal<T>::load(const Member& member) {
  for (Index i = lowest(); i < layers(); ++i)
    Base::transpose(member, width(i), width(i + 1), this->weights(i), up_[static_cast<std::size_t>(i)].data(),
                    up_stride(i));
}

template <class T>
void Diagonal<T>::compute(Pass<T>& pass, int member, Index at, Index first, Index rows, const T* weights) {
  this->output(pass, at, rows);
  put_left(pass, at, first, rows);
  put_bends(pass, at, first, rows);
  diagonals(pass, at, first, rows, workspaces_[static_cast<std::size_t>(member)].data());
  for (Index i = learns_scale() ? -1 : 0; i < layers(); ++i)
    for (Index r = 0; r < rows; ++r) {
      T* to = diagonal(i, first + r);
      const T* x = i < 0 ? pass.a(0, at + r) : nullptr;
      for (Index j = 0; j < width(i + 1); ++j) to[j] *= x ? weights[r] * (x[j] * x[j]) : weights[r];
    }
}

/// Writes the squares of a, followed by 1, to left.
template <class T>
void Diagonal<T>::put_left(Pass<T>& pass, Index at, Index first, Index rows) {
  for (Index i = 0; i < layers(); ++i) {
    const T* s = i == 0 ? network_.input_scales() : nullptr;
    for (Index r = 0; r < rows; ++r) {
      const T* a = pass.a(i, at + r);
      T* left = left_[static_cast<std::size_t>(i)].data() + (first + r) * (width(i) + 1);
      for (Index k = 0; k < width(i); ++k) {
        const T input = s ? s[k] * a[k] : a[k];
        left[k] = input * input;
      }
      left[width(i)] = 1;
    }
  }
}

/// In the pass, a of the hidden layers becomes phi', and z, for the Hessian, phi'' w^T delta.
template <class T>
void Diagonal<T>::put_bends(Pass<T>& pass, Index at, Index first, Index rows) {
  const auto stride = [&](Index i) { return pass.delta(i, 1) - pass.delta(i, 0); };
  for (Index i = layers() - 2; i >= 0; --i) {
    if (!hessian_) {
      this->slopes(pass, i, at, rows);
      continue;
    }
    const Index n = width(i + 1);
    multiply(kernels_, rows, width(i + 2), pass.delta(i + 1, at), stride(i + 1), up(i + 1), n,
             up_stride(i + 1), pass.delta(i, at), stride(i));
    for (Index r = 0; r < rows; ++r)  // a is needed until phi'' is known
      std::copy_n(pass.a(i + 1, at + r), n, diagonal(i, first + r));
    this->slopes(pass, i, at, rows);
    for (Index r = 0; r < rows; ++r) {
      T *z = pass.z(i, at + r), *delta = pass.delta(i, at + r), *slope = pass.a(i + 1, at + r);
      if (!times_second_derivative(this->phi(i), n, z, diagonal(i, first + r), slope, delta, z))
        std::fill_n(z, n, T(0));
      for (Index j = 0; j < n; ++j) delta[j] *= slope[j];
    }
  }
}

template <class T>
typename Diagonal<T>::Factors Diagonal<T>::factors(Index i, Index rows) const {
  const bool scale = i == layers();  // the left factor is the column of ones
  const auto l = static_cast<std::size_t>(scale ? 0 : i);
  const Index in = width(scale ? 0 : i);
  return {left_[l].data() + (scale ? in : 0), in + 1, diagonal(scale ? -1 : i, 0),
          row_stride<T>(width(scale ? 0 : i + 1)), rows};
}

template <class T>
HessianDiagonal<T>::HessianDiagonal(const Network<T>& network)
    : Diagonal<T>(network, Curvature::hessian, hessian_numbers(network)) {}

template <class T>
void HessianDiagonal<T>::diagonals(Pass<T>& pass, Index at, Index first, Index rows, T* workspace) {
  const Index head = this->layers() - 1, outputs = this->width(head + 1);
  const Index most = widest(this->network_), stride = row_stride<T>(most);
  T *const h = workspace, *const product = h + most * stride, *const scratch = product + most * stride;
  for (Index r = 0; r < rows; ++r) {
    std::fill_n(h, outputs * stride, T(0));
    for (Index k = 0; k < outputs; ++k) {
      h[k * stride + k] = 1;
      this->curvature_.multiply(this->output_row(pass, at + r, scratch), h + k * stride);
    }
    for (Index i = head;; --i) {
      const Index out = this->width(i + 1), in = this->width(i);
      for (Index j = 0; j < out; ++j) this->diagonal(i, first + r)[j] = h[j * stride + j];
      if (i < this->lowest()) break;
      multiply(this->kernels_, out, out, h, stride, this->up(i), in, this->up_stride(i), product, stride);
      const T* w = this->weights(i);
      if (i == 0) {  // of the inputs, only the diagonal is needed
        T* to = this->diagonal(-1, first + r);
        for (Index k = 0; k < in; ++k) {
          to[k] = 0;
          for (Index j = 0; j < out; ++j) to[k] += w[k * out + j] * product[j * stride + k];
        }
        break;
      }
      multiply(this->kernels_, in, out, w, out, product, in, stride, h, stride);
      const T *slope = pass.a(i, at + r), *bend = pass.z(i - 1, at + r);
      for (Index j = 0; j < in; ++j) {
        for (Index k = 0; k < in; ++k) h[j * stride + k] *= slope[j] * slope[k];
        h[j * stride + j] += bend[j];
      }
    }
  }
}

template <class T>
Index GaussNewtonDiagonal<T>::together(const Network<T>& network) {
  return std::max<Index>(1, 64 / static_cast<Index>(network.sizes().back()));
}

template <class T>
GaussNewtonDiagonal<T>::GaussNewtonDiagonal(const Network<T>& network)
    : Diagonal<T>(network, Curvature::gauss_newton,
                  product(2 * static_cast<std::size_t>(together(network)) * network.sizes().back() + 3,
                          static_cast<std::size_t>(widest(network)) + 32)) {}

template <class T>
void GaussNewtonDiagonal<T>::diagonals(Pass<T>& pass, Index at, Index first, Index rows, T* workspace) {
  const Index head = this->layers() - 1, outputs = this->width(head + 1), most = together(this->network_);
  const Index stride = row_stride<T>(widest(this->network_));
  T *s = workspace, *next = s + most * outputs * stride, *const scratch = next + most * outputs * stride;
  for (Index begin = 0; begin < rows; begin += most) {
    const Index count = std::min(most, rows - begin);
    for (Index r = 0; r < count; ++r)
      for (Index k = 0; k < outputs; ++k)
        this->curvature_.factor(this->output_row(pass, at + begin + r, scratch), k,
                                s + (r * outputs + k) * stride);
    for (Index i = head;; --i) {
      const Index n = this->width(i + 1);
      for (Index r = 0; r < count; ++r) {
        T* to = this->diagonal(i, first + begin + r);
        const T* slope = i < 0 || i == head ? nullptr : pass.a(i + 1, at + begin + r);
        std::fill_n(to, n, T(0));
        for (T *row = s + r * outputs * stride, *end = row + outputs * stride; row < end; row += stride)
          for (Index j = 0; j < n; ++j) {
            if (slope) row[j] *= slope[j];
            to[j] += row[j] * row[j];
          }
      }
      if (i < this->lowest()) break;
      multiply(this->kernels_, count * outputs, n, s, stride, this->up(i), this->width(i), this->up_stride(i),
               next, stride);
      std::swap(s, next);
    }
  }
}

#define LOCALGRAD_FOR(T)             \
  template class Diagonal<T>;        \
  template class HessianDiagonal<T>; \
  template class GaussNewtonDiagonal<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
