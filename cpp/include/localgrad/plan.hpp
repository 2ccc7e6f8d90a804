#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// How the weights of one layer are computed, as part of a TrainingPlan.
///
/// The columns of a weight matrix are split into panels, and each panel is computed in tiles.
struct LOCALGRAD_API LayerPlan {
  /// Number of inputs of the layer.
  std::size_t fan_in;
  /// Number of units of the layer.
  std::size_t fan_out;
  /// Number of panels.
  std::size_t panels;
  /// Largest number of rows of a tile.
  std::size_t tile_rows;
  /// Largest number of columns of a tile.
  std::size_t tile_columns;
  /// Whether the columns are the inputs of the layer instead of its units: true for output layers of one or
  /// two units.
  bool transposed;
};

/// How a Trainer computes a mini-batch on this machine, as returned by plan().
struct LOCALGRAD_API TrainingPlan {
  /// Number of threads. Unless `fixed` is true, a single thread is used where that is faster.
  int threads = 1;
  /// Whether the number of threads was set by the caller.
  bool fixed = false;
  /// How the threads divide a mini-batch: by "units" (columns of the layers), "rows" or "chunks" (blocks of
  /// rows).
  std::string split;
  /// Whether gradients are written to memory before the update instead of being fused with it.
  bool staged = false;
  /// Number of chunks of a mini-batch.
  std::size_t chunks = 1;
  /// One entry per layer of weights.
  std::vector<LayerPlan> layers;
  /// Working memory in bytes, without the network.
  std::size_t workspace = 0;
  /// Floating-point operations per mini-batch: 2 per weight and row for each of (F), (G1) and, from layer 3
  /// on, (D2), as far as they are computed.
  double operations = 0;
  /// Predicted time per mini-batch in seconds, based on measurements of this machine.
  double seconds = 0;
  /// What limits the speed: "arithmetic", "bandwidth" (memory) or "handover" (data exchange between
  /// threads).
  std::string bound;
};

/// Return how a Trainer with these arguments computes mini-batches of `batch_size` rows on this machine.
///
/// If n_threads is 0, the number of threads is chosen automatically. The first call measures the machine,
/// which takes less than 5 ms if it is idle. The working memory is allocated temporarily to determine its
/// size. Throws the same exceptions as the constructor of Trainer.
template <class T>
LOCALGRAD_API TrainingPlan plan(const Network<T>& network, const Optimizer& optimizer, std::size_t batch_size,
                                int n_threads = 0, const Regularization& regularization = {});

}  // namespace localgrad
