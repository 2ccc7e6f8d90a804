#pragma once

// Training in Eigen, with all sizes known to the compiler: as written by hand.

#include <Eigen/Core>
#include <cmath>

namespace bench {

/// Two hidden tanh layers, identity outputs, the quadratic cost and Adam, for mini-batches of `batch`
/// examples.
template <int in, int hidden, int out, int batch>
class EigenTrainer {
 public:
  /// Read the parameters of a localgrad network: for each layer the weights, one row per input, and the
  /// biases.
  explicit EigenTrainer(const float* p) { third_.read(second_.read(first_.read(p))); }

  /// One step; x and y have one example after the other.
  float step(const float* x_begin, const float* y_begin) {
    const Eigen::Map<const Matrix<in, batch>> x(x_begin);
    const Eigen::Map<const Matrix<out, batch>> y(y_begin);
    const Matrix<hidden, batch> a1 = first_.forward(x).array().tanh(),
                                a2 = second_.forward(a1).array().tanh();
    const Matrix<out, batch> d3 = third_.forward(a2) - y;
    Matrix<hidden, batch> d2, d1;
    d2.noalias() = third_.w.transpose() * d3;
    d2.array() *= 1 - a2.array().square();
    d1.noalias() = second_.w.transpose() * d2;
    d1.array() *= 1 - a1.array().square();
    ++t_;
    const float rate = static_cast<float>(1e-3 / (1 - std::pow(0.9, t_)));
    const float root = static_cast<float>(1 / std::sqrt(1 - std::pow(0.999, t_)));
    third_.update(d3, a2, rate, root);
    second_.update(d2, a1, rate, root);
    first_.update(d1, x, rate, root);
    return d3.squaredNorm() / (2 * batch);
  }

 private:
  template <int rows, int columns>
  using Matrix = Eigen::Matrix<float, rows, columns>;

  template <int from, int to>
  struct Layer {
    Matrix<to, from> w, m = Matrix<to, from>::Zero(), v = m;
    Matrix<to, 1> b, mb = Matrix<to, 1>::Zero(), vb = mb;

    const float* read(const float* p) {
      w = Eigen::Map<const Matrix<to, from>>(p);
      b = Eigen::Map<const Matrix<to, 1>>(p + w.size());
      return p + w.size() + b.size();
    }
    template <class A>
    Matrix<to, batch> forward(const A& a) const {
      Matrix<to, batch> z;
      z.noalias() = w * a;
      z.colwise() += b;
      return z;
    }
    template <class D, class A>
    void update(const D& delta, const A& a, float rate, float root) {
      Matrix<to, from> g;
      g.noalias() = (1.0f / batch) * delta * a.transpose();
      const Matrix<to, 1> gb = delta.rowwise().mean();
      adam(w, m, v, g, rate, root);
      adam(b, mb, vb, gb, rate, root);
    }
  };

  /// Eight numbers at a time, so that each array is read and written once.
  template <class M, class G>
  static void adam(M& w_all, M& m_all, M& v_all, const G& g_all, float rate, float root) {
    using Eight = Eigen::Array<float, 8, 1>;
    static_assert(M::SizeAtCompileTime % 8 == 0, "the parameters of a layer are whole vectors");
    for (int i = 0; i < M::SizeAtCompileTime; i += 8) {
      Eigen::Map<Eight> w(w_all.data() + i), m(m_all.data() + i), v(v_all.data() + i);
      const Eigen::Map<const Eight> g(g_all.data() + i);
      const Eight next_m = 0.9f * m + 0.1f * g, next_v = 0.999f * v + 0.001f * g * g;
      m = next_m;
      v = next_v;
      w -= rate * next_m / (root * next_v.sqrt() + 1e-8f);
    }
  }

  Layer<in, hidden> first_;
  Layer<hidden, hidden> second_;
  Layer<hidden, out> third_;
  double t_ = 0;
};

}  // namespace bench
