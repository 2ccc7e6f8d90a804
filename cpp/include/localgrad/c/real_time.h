#pragma once

#include "localgrad/c/network.h"

/// @file
/// Prediction and gradients in real time: after an object has been created, calls that succeed neither
/// allocate memory nor wait for locks nor call the operating system.
///
/// An object uses `bytes` bytes of `memory` of the caller, which must outlive it and needs no alignment, or
/// allocates its memory if `memory` is `NULL`. The functions ending in `_bytes` return the size that is
/// needed; creating an object also allocates some small structures.

#ifdef __cplusplus
extern "C" {
#endif

/// A copy of a network for fast predictions; see localgrad::Predictor. Use a predictor from one thread at a
/// time. It does not refer to the network, which can be trained further or freed.
typedef struct localgrad_predictor localgrad_predictor;

/// Return the number of bytes that a predictor of a network needs.
LOCALGRAD_API localgrad_status localgrad_predictor_bytes(const localgrad_network* network, size_t max_rows,
                                                         size_t* bytes);

/// Create a predictor that computes at most `max_rows` rows together: 1, or more to be faster for many rows.
LOCALGRAD_API localgrad_status localgrad_predictor_create(const localgrad_network* network, size_t max_rows,
                                                          void* memory, size_t bytes,
                                                          localgrad_predictor** predictor);

/// Free a predictor; `NULL` has no effect.
LOCALGRAD_API void localgrad_predictor_free(localgrad_predictor* predictor);

/// Compute the outputs of each row of x, any number of them, and write them to `out`.
///
/// x and `out` have the type of the network, and aligned, adjacent numbers in each row. They must not
/// overlap. If a number is not finite, the rows before it are computed.
LOCALGRAD_API localgrad_status localgrad_predictor_predict(localgrad_predictor* predictor,
                                                           const localgrad_rows* x,
                                                           const localgrad_matrix* out);

/// Copy the parameters of the network again, after they changed. It must have the type, sizes and options of
/// the network of which the predictor was created.
LOCALGRAD_API localgrad_status localgrad_predictor_update(localgrad_predictor* predictor,
                                                          const localgrad_network* network);

/// Gradients of the cost of a network, for optimizers of the caller; see localgrad::Gradients. Use an object
/// from one thread at a time. It keeps the network alive.
typedef struct localgrad_gradients localgrad_gradients;

/// Return the number of bytes that gradients of a network need.
LOCALGRAD_API localgrad_status localgrad_gradients_bytes(const localgrad_network* network, size_t max_rows,
                                                         size_t* bytes);

/// Create an object for gradients of at most `max_rows` examples.
LOCALGRAD_API localgrad_status localgrad_gradients_create(const localgrad_network* network, size_t max_rows,
                                                          void* memory, size_t bytes,
                                                          localgrad_gradients** gradients);

/// Free gradients; `NULL` has no effect.
LOCALGRAD_API void localgrad_gradients_free(localgrad_gradients* gradients);

/// Compute the mean cost of all rows of x and its gradient, without changing the network.
///
/// `weights` are sample weights (n, 1), or `NULL`. `gradient` is (1, num_parameters), in the order of the
/// parameters. `x_gradient` is (n, m_1), the derivative of each example's own cost by its inputs, or `NULL`.
/// Both have the type of the network and a stride equal to their columns. `cost` may be `NULL`. After an
/// error, the results are unspecified.
LOCALGRAD_API localgrad_status localgrad_gradients_compute(localgrad_gradients* gradients,
                                                           const localgrad_rows* x, const localgrad_rows* y,
                                                           const localgrad_rows* weights,
                                                           const localgrad_matrix* gradient, double* cost,
                                                           const localgrad_matrix* x_gradient);

#ifdef __cplusplus
}
#endif
