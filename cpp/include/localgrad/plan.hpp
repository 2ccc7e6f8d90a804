#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// How one layer's weights are computed: cut into panels of columns, in tiles of at most these rows and
/// columns.
struct LayerPlan {
  std::size_t fan_in, fan_out, panels, tile_rows, tile_columns;
  bool transposed;  ///< an output layer of one or two units, whose columns are its inputs
};

/// How a Trainer computes a mini-batch on this machine.
struct TrainingPlan {
  int threads = 1;      ///< the team; unless their number was given, one thread goes on where that is faster
  bool fixed = false;   ///< whether their number was given
  std::string split;    ///< what is shared out: "units" (columns), "rows", or "chunks" of the mini-batch
  bool staged = false;  ///< whether gradients are written to memory before the update, not fused with it
  std::size_t chunks = 1;  ///< into which the mini-batch is cut
  std::vector<LayerPlan> layers;
  std::size_t workspace = 0;  ///< bytes beside the network
  double operations = 0;  ///< floating-point: 2 a weight and row for each of (F), (G1), from layer 3 on (D2)
  double seconds = 0;     ///< predicted from what the machine was measured to do
  std::string bound;      ///< what limits it: "arithmetic", "bandwidth" or "handover" between threads
};

/// The plan for mini-batches of batch_size rows. n_threads 0 chooses. Measures the machine when first called,
/// which takes less than 5 ms on an idle one; makes a workspace to count its bytes. Throws as Trainer's
/// constructor does.
template <class T>
TrainingPlan plan(const Network<T>& network, const Optimizer& optimizer, std::size_t batch_size,
                  int n_threads = 0, const Regularization& regularization = {});

}  // namespace localgrad
