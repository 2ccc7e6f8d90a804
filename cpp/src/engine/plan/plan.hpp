#pragma once

#include "engine/pass/pass.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// How the members of a team share a step; no way changes the order of a sum.
enum class Split {
  rows,    ///< each takes its rows of the mini-batch through all layers: weights travel between the cores
  units,   ///< each owns columns of every hidden layer and all that belongs to them: activations travel
  chunks,  ///< each takes whole chunks of a large mini-batch; gradients are added in the chunks' order
};

/// How the mini-batches of one fit are computed.
struct Plan {
  int threads = 1;     ///< of the team, at most
  bool fixed = false;  ///< exactly so many; otherwise one thread may do it where that turns out to be faster
  Split split = Split::units;
  bool staged = false;     ///< gradients are written to memory before the update
  bool private_x = false;  ///< by units: each member gathers all rows of x for itself
  Index chunk_rows = 0;    ///< by chunks: rows of one
  Index chunks = 1;
  Copies copies;
  double operations = 0;                       ///< floating-point operations of one mini-batch
  double alone_seconds = 0, team_seconds = 0;  ///< predicted for one mini-batch, where that was asked for
  bool bandwidth_bound = false;                ///< whether memory rather than arithmetic sets alone_seconds
};

/// The plan for mini-batches of `batch` rows. n_threads 0 chooses; throws as check_threads.
template <class T>
Plan make_plan(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch, int n_threads,
               const Regularization& regularization = {});

/// Fills in the predictions of a plan, from calibration(). make_plan does so where it has to choose.
template <class T>
void predict_time(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch, Plan& plan);

/// Whether a Trainer of this batch_size computes mini-batches of `rows` rows with the same bits as one of
/// that size: they must not be more, and both be cut into chunks or neither.
template <class T>
bool has_room(const Network<T>& network, std::size_t batch_size, std::size_t rows);

}  // namespace localgrad
