#pragma once

#include <stddef.h>
#include <stdint.h>

#include "localgrad/c/network.h"

/// @file
/// Training in mini-batches.

#ifdef __cplusplus
extern "C" {
#endif

/// Mini-batch training of one network; see localgrad::Trainer. Use a trainer, and its network, from one
/// thread at a time.
///
/// After #LOCALGRAD_INVALID_ARGUMENT and #LOCALGRAD_BAD_EXAMPLE, nothing has changed. After
/// #LOCALGRAD_NOT_FINITE, the network has its last finite parameters; after #LOCALGRAD_INTERRUPTED and errors
/// of a custom cost, those after the last completed mini-batch.
typedef struct localgrad_trainer localgrad_trainer;

/// Create a trainer with an optimizer, for example "SGD" or "Adam", for mini-batches of `batch_size`
/// examples.
///
/// `settings` are those of the optimizer ("learning_rate", "momentum" and so on), those of
/// localgrad::Regularization ("l2", "weight_decay", "clip_norm" and so on), and three more; `NULL` for
/// defaults:
/// - "threads", their number, or 0, the default, to let the library choose;
/// - "weighted", which must be 1 if the targets have sample weights;
/// - "online", 1 if localgrad_trainer_try_step() leaves the parameters in the trainer until
///   localgrad_trainer_sync().
///
/// The trainer keeps the network alive. Its buffers are in `bytes` bytes of `memory` of the caller, which
/// must outlive the trainer and needs no alignment, or are allocated if `memory` is `NULL`.
LOCALGRAD_API localgrad_status localgrad_trainer_create(localgrad_network* network, const char* optimizer,
                                                        const localgrad_settings* settings, size_t batch_size,
                                                        void* memory, size_t bytes,
                                                        localgrad_trainer** trainer);

/// Return the number of bytes of memory that a trainer with these arguments needs.
LOCALGRAD_API localgrad_status localgrad_trainer_bytes(const localgrad_network* network,
                                                       const char* optimizer,
                                                       const localgrad_settings* settings, size_t batch_size,
                                                       size_t* bytes);

/// Free a trainer; `NULL` has no effect. The network keeps its parameters.
LOCALGRAD_API void localgrad_trainer_free(localgrad_trainer* trainer);

/// Train on one mini-batch, which consists of all rows of x, at most batch_size.
///
/// `weights` are sample weights (n, 1), or `NULL`. The mean cost of the examples before the update is
/// returned in `cost`, which may be `NULL`.
LOCALGRAD_API localgrad_status localgrad_trainer_step(localgrad_trainer* trainer, const localgrad_rows* x,
                                                      const localgrad_rows* y, const localgrad_rows* weights,
                                                      double* cost);

/// Train on one mini-batch without allocating memory, waiting for locks or calling the operating system, with
/// one thread and unless the call fails; see localgrad::Trainer::try_step.
///
/// Any error leaves parameters and optimizer as they were. With the setting "online", the network keeps its
/// parameters until localgrad_trainer_sync(), and #LOCALGRAD_NOT_FINITE is reported there.
LOCALGRAD_API localgrad_status localgrad_trainer_try_step(localgrad_trainer* trainer, const localgrad_rows* x,
                                                          const localgrad_rows* y,
                                                          const localgrad_rows* weights, double* cost);

/// Copy the parameters to the network after online training. After #LOCALGRAD_NOT_FINITE, the network has not
/// changed.
LOCALGRAD_API localgrad_status localgrad_trainer_sync(localgrad_trainer* trainer);

/// Discard all steps of online training since the last localgrad_trainer_sync().
LOCALGRAD_API localgrad_status localgrad_trainer_undo(localgrad_trainer* trainer);

/// Progress of localgrad_trainer_epoch() or localgrad_trainer_part().
typedef struct localgrad_progress {
  size_t size;                  ///< sizeof(localgrad_progress) in the library
  uint64_t epoch;               ///< completed epochs of the network
  size_t mini_batches;          ///< completed mini-batches of this call
  size_t mini_batches_in_call;  ///< all mini-batches of this call
  double cost;                  ///< mean cost of the completed mini-batches
} localgrad_progress;

/// Function that is called during training, about every 20 ms, by the thread that called the library. A
/// result other than 0 stops training after the current mini-batch, with #LOCALGRAD_INTERRUPTED. It must not
/// use the trainer or its network.
typedef int (*localgrad_progress_function)(void* user, const localgrad_progress* progress);

/// Train for one epoch: one pass over all rows of x in mini-batches.
///
/// The order of the rows depends on the seed and the number of epochs; if `shuffle` is 0, rows are not
/// shuffled. `progress` may be `NULL`; `user` is passed to it. The mean cost of the examples, each before the
/// update of its mini-batch, is returned in `cost`, which may be `NULL`.
LOCALGRAD_API localgrad_status localgrad_trainer_epoch(localgrad_trainer* trainer, const localgrad_rows* x,
                                                       const localgrad_rows* y, const localgrad_rows* weights,
                                                       int shuffle, localgrad_progress_function progress,
                                                       void* user, double* cost);

/// Train on the rows order[0..n-1] of x, a part of an epoch; see localgrad::Trainer::part.
LOCALGRAD_API localgrad_status localgrad_trainer_part(localgrad_trainer* trainer, const localgrad_rows* x,
                                                      const localgrad_rows* y, const localgrad_rows* weights,
                                                      const uint32_t* order, size_t n,
                                                      localgrad_progress_function progress, void* user,
                                                      double* cost);

/// End an epoch of localgrad_trainer_part() or localgrad_trainer_step() calls.
LOCALGRAD_API localgrad_status localgrad_trainer_end_epoch(localgrad_trainer* trainer);

/// Return the number of rows of the current epoch that were trained on, or 0 for `NULL`.
LOCALGRAD_API size_t localgrad_trainer_position(const localgrad_trainer* trainer);

/// Function that returns the factor of a setting for mini-batch `step`, counted from 0.
typedef double (*localgrad_schedule_function)(void* user, size_t step);

/// Set the schedule of "learning_rate", "dropout", "weight_decay" or "label_smoothing": the setting is
/// multiplied by a factor for each mini-batch. A `NULL` function removes it.
///
/// The steps of all schedules are counted from 0 again, beginning with the next mini-batch.
LOCALGRAD_API localgrad_status localgrad_trainer_set_schedule(localgrad_trainer* trainer, const char* setting,
                                                              localgrad_schedule_function function,
                                                              void* user);

/// Save a checkpoint, the network and the state of training, to a file, which is replaced atomically.
LOCALGRAD_API localgrad_status localgrad_trainer_save(const localgrad_trainer* trainer, const char* path);

/// Write the contents of the file of a checkpoint to `bytes` bytes of memory.
///
/// `memory`, `bytes` and `needed` are used as by localgrad_network_save_memory().
LOCALGRAD_API localgrad_status localgrad_trainer_save_memory(const localgrad_trainer* trainer, void* memory,
                                                             size_t bytes, size_t* needed);

/// Restore a checkpoint: the parameters of the network, its seed, epochs, names and standardization, and the
/// state of training. Training then continues as if it had not been interrupted, bit for bit.
///
/// The network must have the architecture of the checkpoint, and the trainer the same optimizer. After an
/// error, neither has changed. The position in schedules is not part of a checkpoint.
LOCALGRAD_API localgrad_status localgrad_trainer_restore(localgrad_trainer* trainer, const char* path);

/// Restore a checkpoint from the contents of a file in memory, which needs no alignment.
LOCALGRAD_API localgrad_status localgrad_trainer_restore_memory(localgrad_trainer* trainer, const void* data,
                                                                size_t bytes);

#ifdef __cplusplus
}
#endif
