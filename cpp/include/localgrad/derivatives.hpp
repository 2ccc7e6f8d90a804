#pragma once

#include <cstddef>
#include <functional>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Compute the Jacobian of the outputs with respect to the inputs, (J), for each row of x.
///
/// Element (r, j, k) of `out`, (x.n, m_L, m_1) row-major, is the derivative of output j with respect to input
/// k for row r. Outputs and inputs are in the units of the caller: derivatives include the input scale, input
/// scales and standardization. Dropout and noise are not applied, and no cost is involved. If m_L <= m_1,
/// derivatives are computed from the outputs to the inputs, by (D2) for each output; otherwise from the
/// inputs to the outputs. A row of the result only depends on the same row of x.
///
/// `out` must not overlap x or the parameters; its contents are unspecified after an error. At most n_threads
/// threads are used; if it is 0, their number is chosen automatically. `interrupt` is called about every 0.1
/// s; if it returns true, Interrupted is thrown. Throws std::invalid_argument if x has the wrong width or
/// contains a number that is not finite, and OutOfMemory.
template <class T>
LOCALGRAD_API void jacobian(const Network<T>& network, const Rows& x, T* out, int n_threads = 0,
                            const std::function<bool()>& interrupt = nullptr);

/// Return the number of elements of the Jacobians of `rows` rows. Throws OutOfMemory, which names both
/// numbers, if they do not fit into the machine's memory.
template <class T>
LOCALGRAD_API std::size_t jacobian_size(const Network<T>& network, std::size_t rows);

/// Compute products of the Jacobian and a vector: the derivatives of the outputs along a direction.
///
/// Row r of `out`, (x.n, m_L) row-major, is J u for row r of x and of u, (x.n, m_1). Otherwise it behaves
/// like jacobian(), but takes about the time of two forward passes.
template <class T>
LOCALGRAD_API void jvp(const Network<T>& network, const Rows& x, const Rows& u, T* out, int n_threads = 0,
                       const std::function<bool()>& interrupt = nullptr);

/// Compute products of a vector and the Jacobian: the derivatives of a combination of the outputs.
///
/// Row r of `out`, (x.n, m_1) row-major, is v^T J for row r of x and of v, (x.n, m_L): (D1) with v in place
/// of the gradient of the cost, then (D2). Otherwise it behaves like jvp().
template <class T>
LOCALGRAD_API void vjp(const Network<T>& network, const Rows& x, const Rows& v, T* out, int n_threads = 0,
                       const std::function<bool()>& interrupt = nullptr);

/// Compute the derivatives of one output, which is row `output` of the Jacobian: (x.n, m_1) row-major.
///
/// Otherwise it behaves like jvp(). Throws std::invalid_argument if there is no such output.
template <class T>
LOCALGRAD_API void input_gradient(const Network<T>& network, const Rows& x, std::size_t output, T* out,
                                  int n_threads = 0, const std::function<bool()>& interrupt = nullptr);

}  // namespace localgrad
