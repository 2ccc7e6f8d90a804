#pragma once

#include "localgrad/c/network.h"

/// @file
/// Prediction and evaluation.

#ifdef __cplusplus
extern "C" {
#endif

/// Compute the outputs a^L of each row of x, written to `out` (x.rows, m_L), which has the type of the
/// network.
///
/// At most n_threads threads are used; 0 chooses their number. After an error, the contents of `out` are
/// unspecified. Thread-safe for one network.
LOCALGRAD_API localgrad_status localgrad_predict(const localgrad_network* network, const localgrad_rows* x,
                                                 const localgrad_matrix* out, int n_threads);

/// Compute the mean cost and the accuracy of all rows of x; see localgrad::evaluate.
///
/// `weights` are sample weights (n, 1), or `NULL`. `cost` and `accuracy` may be `NULL`; the accuracy is -1 if
/// the network is not a classifier. Thread-safe for one network.
LOCALGRAD_API localgrad_status localgrad_evaluate(const localgrad_network* network, const localgrad_rows* x,
                                                  const localgrad_rows* y, const localgrad_rows* weights,
                                                  int n_threads, double* cost, double* accuracy);

#ifdef __cplusplus
}
#endif
