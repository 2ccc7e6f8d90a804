#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// a^L of each row into out, (x.n, m_L) row-major. A row's result does not depend on the other rows.
/// n_threads 0 chooses. Throws std::invalid_argument for a wrong width or a non-finite number; what `out`
/// holds then means nothing. Up to three rows are computed without allocating.
template <class T>
void predict(const Network<T>& network, const Rows& x, T* out, int n_threads = 0);

/// Cost (C) of some examples, and the share of them classified correctly (-1 for networks that do not
/// classify).
struct Evaluation {
  double cost = 0;
  double accuracy = -1;
};

/// (C), with weights 1/n sum w c, and the share of correct answers, sum w correct / sum w: of a row's
/// largest output with the target's largest; of a single unit with 1/2 for threshold (0 for hinge); of
/// every unit for binary_cross_entropy. Throws std::invalid_argument as predict does, and for no rows,
/// lengths that differ, labels out of range, and weights that are negative, not finite or all 0. With
/// `outputs` the same pass writes a^L there too, as predict does.
template <class T>
Evaluation evaluate(const Network<T>& network, const Rows& x, const Targets& y, int n_threads = 0,
                    std::common_type_t<T>* outputs = nullptr);

/// The same of rows order[0..n-1] of x and y, or of all with null; row r of `outputs` belongs to order[r].
/// `interrupt` is called every 0.1 s or so; if it returns true, the call throws Interrupted (error.hpp).
template <class T>
Evaluation evaluate(const Network<T>& network, const Rows& x, const Targets& y, const std::uint32_t* order,
                    std::size_t n, int n_threads = 0, std::common_type_t<T>* outputs = nullptr,
                    const std::function<bool()>& interrupt = nullptr);

}  // namespace localgrad
