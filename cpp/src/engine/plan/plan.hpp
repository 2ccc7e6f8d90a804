#pragma once

#include "engine/pass/pass.hpp"
#include "localgrad/export.h"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// How the members of a team divide a step. None of them changes the order of a sum.
enum class Split {
  rows,   ///< each computes its rows of the mini-batch in all layers: weights are exchanged between cores
  units,  ///< each owns columns of every hidden layer and their parameters: activations are exchanged
  /// Each computes whole chunks of a large mini-batch; gradients are added in the order of the chunks.
  chunks,
};

/// How the mini-batches of one training run are computed.
struct Plan {
  int threads = 1;     ///< largest size of the team
  bool fixed = false;  ///< whether to always use `threads`; otherwise one thread is used where that is faster
  Split split = Split::units;
  bool staged = false;     ///< whether gradients are written to memory before the update
  bool private_x = false;  ///< split by units: whether each member gathers all rows of x
  Index chunk_rows = 0;    ///< split by chunks: rows of a chunk
  Index chunks = 1;
  Copies copies;
  double operations = 0;                       ///< floating-point operations of one mini-batch
  double alone_seconds = 0, team_seconds = 0;  ///< predicted time of one mini-batch; 0 if not predicted
  bool bandwidth_bound = false;  ///< whether memory instead of arithmetic determines alone_seconds
};

/// Returns the plan for mini-batches of `batch` rows. n_threads 0 chooses the number of threads. `whole`: the
/// whole gradient must be known before the update. `tangents`: how many each row has. Throws the exceptions
/// of check_threads.
template <class T>
Plan make_plan(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch, int n_threads,
               const Regularization& regularization = {}, bool whole = false, std::size_t tangents = 0);

/// Adds the predicted times to a plan, based on calibration(). make_plan only does this if it has to choose.
template <class T>
void predict_time(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch,
                  const Regularization& regularization, Plan& plan);

/// Whether a Trainer for mini-batches of batch_size rows computes mini-batches of `rows` rows with the same
/// bits as a Trainer of that size. There must not be more rows, and either both sizes or neither must be
/// split into chunks.
template <class T>
LOCALGRAD_API bool has_room(const Network<T>& network, std::size_t batch_size, std::size_t rows);

}  // namespace localgrad
