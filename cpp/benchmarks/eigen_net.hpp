#pragma once

// The network in Eigen, with all sizes known to the compiler: as written by hand.

#include <Eigen/Core>

namespace bench {

template <int in, int hidden, int out>
struct EigenNet {
  template <int rows, int columns>
  using Matrix = Eigen::Matrix<float, rows, columns>;
  Matrix<hidden, in> w1;
  Matrix<hidden, hidden> w2;
  Matrix<out, hidden> w3;
  Matrix<hidden, 1> b1, b2;
  Matrix<out, 1> b3;

  /// Read the parameters of a localgrad network: for each layer the weights, one row per input, and the
  /// biases.
  explicit EigenNet(const float* p) { p = read(read(read(p, w1, b1), w2, b2), w3, b3); }
  void predict(const float* x, float* y) const {
    const Matrix<hidden, 1> a1 = (w1 * Eigen::Map<const Matrix<in, 1>>(x) + b1).array().tanh();
    const Matrix<hidden, 1> a2 = (w2 * a1 + b2).array().tanh();
    Eigen::Map<Matrix<out, 1>>(y).noalias() = w3 * a2 + b3;
  }

 private:
  template <class W, class B>
  static const float* read(const float* p, W& w, B& b) {
    w = Eigen::Map<const W>(p);
    b = Eigen::Map<const B>(p + w.size());
    return p + w.size() + b.size();
  }
};

}  // namespace bench
