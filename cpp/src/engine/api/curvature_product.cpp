#include <cmath>

#include "engine/curvature/r_operator.hpp"
#include "engine/data/examples.hpp"
#include "engine/team/threads.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {

template <class T>
std::vector<T> curvature_product(const Network<T>& network, const Rows& x, const Targets& y, const T* v,
                                 Curvature matrix, int n_threads, const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  check_threads(n_threads);
  for (std::size_t p = 0; p < network.num_parameters(); ++p)
    if (!std::isfinite(v[p])) refuse("v must be finite, got ", to_text(v[p]), " at index ", p);
  return ROperator<T>(network, matrix, v).mean(x, y, n_threads, interrupt);
}

#define LOCALGRAD_FOR(T)                                                                              \
  template std::vector<T> curvature_product(const Network<T>&, const Rows&, const Targets&, const T*, \
                                            Curvature, int, const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
