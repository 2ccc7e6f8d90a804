#include "engine/pass/deltas.hpp"
#include "engine/pass/norm.hpp"
#include "localgrad/per_example.hpp"
#include "model/float_mode.hpp"

namespace localgrad {

template <class T>
GradientNorms gradient_norms(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                             const std::function<bool()>& interrupt) {
  const DefaultFloatMode mode;
  GradientNorms norms;
  norms.n = x.n;
  norms.parts = network.sizes().size() - 1 + (network.input_scales() ? 1 : 0);
  norms.layers.resize(product(x.n, norms.parts));
  norms.total.resize(x.n);
  for_deltas<T>(network, x, y, n_threads, interrupt,
                [&](Pass<T>& pass, Index at, std::size_t first, Index rows) {
                  const Index parts = pass.parts();
                  for (Index r = 0; r < rows; ++r) {
                    const std::size_t row = first + static_cast<std::size_t>(r);
                    double* own = norms.layers.data() + row * norms.parts;
                    for (Index i = 0; i < parts; ++i) own[i] = gradient_norm(pass, i, at + r);
                    norms.total[row] = norm_of(parts, own);
                  }
                });
  return norms;
}

#define LOCALGRAD_FOR(T)                                                                     \
  template GradientNorms gradient_norms(const Network<T>&, const Rows&, const Targets&, int, \
                                        const std::function<bool()>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
