#include "engine/curvature/diagonals.hpp"
#include "engine/data/examples.hpp"
#include "engine/team/threads.hpp"

namespace localgrad {

template <class T>
std::vector<T> curvature_diagonal(const Network<T>& network, const Rows& x, const Targets& y,
                                  Curvature matrix, int n_threads, const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  check_threads(n_threads);
  if (matrix == Curvature::hessian) return HessianDiagonal<T>(network).mean(x, y, n_threads, interrupt);
  return GaussNewtonDiagonal<T>(network).mean(x, y, n_threads, interrupt);
}

#define LOCALGRAD_FOR(T)                                                                                     \
  template std::vector<T> curvature_diagonal(const Network<T>&, const Rows&, const Targets&, Curvature, int, \
                                             const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
