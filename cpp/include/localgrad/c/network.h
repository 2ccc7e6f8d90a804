#pragma once

#include <stddef.h>
#include <stdint.h>

#include "localgrad/c/arrays.h"
#include "localgrad/c/settings.h"
#include "localgrad/c/status.h"

/// @file
/// Networks: creation, files, parameters.

#ifdef __cplusplus
extern "C" {
#endif

/// A feedforward network of layers 1..L with parameters of type float or double; see localgrad::Network.
///
/// Functions that take a `const localgrad_network*` can run concurrently on one network. No other function
/// may run on it at the same time as one that takes a `localgrad_network*`, or a trainer of it.
typedef struct localgrad_network localgrad_network;

/// Create a network of type #LOCALGRAD_FLOAT32 or #LOCALGRAD_FLOAT64 with these layer sizes m_1..m_L and draw
/// its initial parameters.
///
/// `options` are settings with the names of localgrad::Options: "activation", "output", "cost", "init",
/// "seed", "dropout" and so on; `NULL` for defaults.
LOCALGRAD_API localgrad_status localgrad_network_create(localgrad_type type, const size_t* sizes,
                                                        size_t count, const localgrad_settings* options,
                                                        localgrad_network** network);

/// Copy a network with its parameters.
LOCALGRAD_API localgrad_status localgrad_network_copy(const localgrad_network* network,
                                                      localgrad_network** copy);

/// Free a network; `NULL` has no effect. Trainers of the network can still be used.
LOCALGRAD_API void localgrad_network_free(localgrad_network* network);

/// Load a network, of the type in the file, from a file of localgrad. Checkpoints contain a network, too.
/// Thread-safe.
LOCALGRAD_API localgrad_status localgrad_network_load(const char* path, localgrad_network** network);

/// Load a network from the contents of a file in memory, which needs no alignment. Thread-safe.
LOCALGRAD_API localgrad_status localgrad_network_load_memory(const void* data, size_t bytes,
                                                             localgrad_network** network);

/// Save a network to a file, which is replaced atomically: after an error, the old file is unchanged.
LOCALGRAD_API localgrad_status localgrad_network_save(const localgrad_network* network, const char* path);

/// Write the contents of the file of a network to `bytes` bytes of memory.
///
/// The size of the file is returned in `needed`, even if the memory is too small, which is an error. If
/// `memory` is `NULL`, nothing is written.
LOCALGRAD_API localgrad_status localgrad_network_save_memory(const localgrad_network* network, void* memory,
                                                             size_t bytes, size_t* needed);

/// Return the type of the parameters, or -1 for `NULL`.
LOCALGRAD_API localgrad_type localgrad_network_type(const localgrad_network* network);

/// Return the number of layers L, or 0 for `NULL`.
LOCALGRAD_API size_t localgrad_network_num_layers(const localgrad_network* network);

/// Return the size of a layer, counted from 0 for the inputs, or 0 if there is no such layer.
LOCALGRAD_API size_t localgrad_network_layer_size(const localgrad_network* network, size_t layer);

/// Return the number of weights, biases and input scales, or 0 for `NULL`.
LOCALGRAD_API size_t localgrad_network_num_parameters(const localgrad_network* network);

/// Return the width of a row of targets, or 0 for `NULL`.
LOCALGRAD_API size_t localgrad_network_target_width(const localgrad_network* network);

/// Return 1 if the network is a classifier, which accepts labels as targets and has an accuracy; else 0.
LOCALGRAD_API int localgrad_network_classifies(const localgrad_network* network);

/// Write the `index`-th value of an option as text, with a terminating null character, to `bytes` bytes.
///
/// Options with one value per layer have as many values; others have one, of index 0. The number of bytes,
/// with the null character, is returned in `needed`, even if the memory is too small, which is an error. If
/// `text` is `NULL`, nothing is written.
LOCALGRAD_API localgrad_status localgrad_network_option(const localgrad_network* network, const char* name,
                                                        size_t index, char* text, size_t bytes,
                                                        size_t* needed);

/// Return the number of epochs for which the network was trained, or 0 for `NULL`.
LOCALGRAD_API uint64_t localgrad_network_epochs(const localgrad_network* network);

/// Set the number of epochs, which determines the order of the rows of the next epoch; at most 2^53.
LOCALGRAD_API localgrad_status localgrad_network_set_epochs(localgrad_network* network, uint64_t epochs);

/// Set the seed of all later random numbers.
LOCALGRAD_API localgrad_status localgrad_network_set_seed(localgrad_network* network, uint64_t seed);

/// Set the names of the inputs: one per input, in UTF-8, or none. They are part of files.
LOCALGRAD_API localgrad_status localgrad_network_set_feature_names(localgrad_network* network,
                                                                   const char* const* names, size_t count);

/// Write the name of an input as text; "" if it has none. The memory is used as by
/// localgrad_network_option().
LOCALGRAD_API localgrad_status localgrad_network_feature_name(const localgrad_network* network, size_t input,
                                                              char* text, size_t bytes, size_t* needed);

/// Return a view (1, num_parameters) of all parameters, which can be read and changed in place.
///
/// The order is that of localgrad::Network: for each layer of weights the weights, (fan_in, fan_out), then
/// the biases; at the end, the input scales. The memory belongs to the network, and stays where it is until
/// the network and its trainers are freed.
LOCALGRAD_API localgrad_status localgrad_network_parameters(localgrad_network* network,
                                                            localgrad_matrix* parameters);

/// Return a view (fan_in, fan_out) of the weights between layers i and i + 1, counted from 0.
LOCALGRAD_API localgrad_status localgrad_network_weights(localgrad_network* network, size_t i,
                                                         localgrad_matrix* weights);

/// Return a view (1, fan_out) of the biases of layer i + 1, counted from 0.
LOCALGRAD_API localgrad_status localgrad_network_biases(localgrad_network* network, size_t i,
                                                        localgrad_matrix* biases);

/// Return a view (1, m_1) of the input scales, with no rows if the network has none.
LOCALGRAD_API localgrad_status localgrad_network_input_scales(localgrad_network* network,
                                                              localgrad_matrix* scales);

/// Copy all parameters to a matrix (1, num_parameters) of float or double.
LOCALGRAD_API localgrad_status localgrad_network_get_parameters(const localgrad_network* network,
                                                                const localgrad_matrix* parameters);

/// Set all parameters to a row of num_parameters numbers, which must be finite.
LOCALGRAD_API localgrad_status localgrad_network_set_parameters(localgrad_network* network,
                                                                const localgrad_rows* parameters);

/// Function that returns 64 uniformly distributed random bits.
typedef uint64_t (*localgrad_random_function)(void* user);

/// Draw new initial parameters from a source of random numbers of the caller; see
/// localgrad::Network::initialize. `user` is passed to the function.
LOCALGRAD_API localgrad_status localgrad_network_initialize(localgrad_network* network,
                                                            localgrad_random_function function, void* user);

/// Function that computes the cost "custom" of n examples with `width` outputs.
///
/// `a` and `y` are the outputs and targets, (n, width) row-major, of the type of the network. It writes the
/// cost of each example to `cost` and the derivatives by the outputs, (n, width), to `gradient`. A result
/// other than 0 stops the call with #LOCALGRAD_FAILED.
typedef int (*localgrad_cost_function)(void* user, size_t n, size_t width, const void* a, const void* y,
                                       double* cost, void* gradient);

/// Set the function of the cost "custom"; `user` is passed to it. Files do not contain it.
LOCALGRAD_API localgrad_status localgrad_network_set_cost_function(localgrad_network* network,
                                                                   localgrad_cost_function function,
                                                                   void* user);

/// Learn the standardization of a network with the option "standardize" from all rows of x and y.
///
/// `weights` are sample weights (n, 1), or `NULL`. At most n_threads threads are used; 0 chooses their
/// number.
LOCALGRAD_API localgrad_status localgrad_network_standardize(localgrad_network* network,
                                                             const localgrad_rows* x, const localgrad_rows* y,
                                                             const localgrad_rows* weights, int n_threads);

#ifdef __cplusplus
}
#endif
