#pragma once

#include <vector>

#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Everything backpropagation computes for n examples, in the notation of the README. Index i runs over the
/// layers that have weights; each matrix is (n, width) row-major, one example a row.
template <class T>
struct Trace {
  std::size_t n = 0;
  double cost = 0;                              ///< (C), the mean over the examples, with weights 1/n sum w c
  std::vector<std::vector<T>> weighted_inputs;  ///< [i]: z of layer i+2
  std::vector<std::vector<T>> activations;      ///< [i]: a of layer i+1; [0] is x
  std::vector<std::vector<T>> local_gradients;  ///< [i]: delta of layer i+2, of each example's own cost
  std::vector<T> gradient;                      ///< (G1), (G2) of that, in the order of Network::parameters
};

/// Runs (F), (D1), (D2), (G1), (G2) and (C) on the rows of x; the network is not changed. Throws
/// std::invalid_argument as Network::evaluate does, but takes weights that are all 0.
template <class T>
Trace<T> backprop(const Network<T>& network, const Rows& x, const Targets& y, int n_threads = 0);

/// phi'(z) of layer i+2 for n rows of z and a = phi(z): (n, width), or for softmax the Jacobian of each row,
/// (n, width, width) with [r][j][k] = da_j/dz_k. The second factor of (D1).
template <class T>
void activation_derivative(const Network<T>& network, std::size_t i, std::size_t n, const T* z, const T* a,
                           T* out);

/// The first factor of (D1), dc/da^L, for the y.n rows of a^L (n, m_L): (n, m_L). Infinite where the cost's
/// slope is. Throws std::invalid_argument for targets that Network::evaluate would not take.
template <class T>
void cost_gradient(const Network<T>& network, const T* a, const Targets& y, T* out);

}  // namespace localgrad
