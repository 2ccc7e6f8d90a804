#pragma once

#include "engine/pass.hpp"

namespace localgrad {

/// How the members of a team share a step; neither way changes the order of a sum.
enum class Split {
  rows,  ///< each takes its rows of the mini-batch through all layers: weights travel between the cores
  units  ///< each owns columns of every hidden layer and all that belongs to them: activations travel
};

struct Plan {
  int threads = 1;
  Split split = Split::rows;
  bool private_x = false;  ///< by units: each member gathers all rows of x for itself
  double operations = 0;   ///< floating-point operations of one mini-batch
  Copies copies() const {
    if (split == Split::rows) return {};
    return {private_x ? threads : 2, threads, threads};
  }
};

/// The plan for mini-batches of `batch` rows. n_threads 0 chooses; throws std::invalid_argument below 0.
template <class T>
Plan make_plan(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch, int n_threads);

}  // namespace localgrad
