// Trains a network with a library that contains only tanh, mse and Adam, and no saving and loading. Prints
// its outputs, and checks that other functions raise errors.

#include <cstring>
#include <stdexcept>

#include "train.hpp"

namespace {

template <class F>
bool is_refused(const F& f, const char* expected) {
  try {
    f();
  } catch (const std::invalid_argument& error) {
    if (std::strcmp(error.what(), expected) == 0) return true;
    std::fprintf(stderr, "expected \"%s\", got \"%s\"\n", expected, error.what());
    return false;
  }
  std::fprintf(stderr, "expected \"%s\", got no error\n", expected);
  return false;
}

#define NOT_BUILT ", which this build does not contain: add it to LOCALGRAD_FUNCTIONS"

}  // namespace

int main() {
  using namespace localgrad;
  static_assert(!LOCALGRAD_HAS_FILES && !LOCALGRAD_HAS_MEMORY_IO);
  auto net = train();
  const auto network = [](const char* activation, const char* output, const char* cost) {
    Options options;
    options.activation = {activation};
    options.output = output;
    options.cost = cost;
    Network<float>({1, 4, 1}, options);
  };
  bool good =
      is_refused([&] { network("relu", "identity", "mse"); }, "activation must not be 'relu'" NOT_BUILT);
  good &= is_refused([&] { network("tanh", "sigmoid", "mse"); }, "output must not be 'sigmoid'" NOT_BUILT);
  good &= is_refused([&] { network("tanh", "identity", "mae"); }, "cost must not be 'mae'" NOT_BUILT);
  good &= is_refused([&] { Trainer<float>(net, SGD{0.1}, 16); }, "optimizer must not be SGD" NOT_BUILT);
  return good ? 0 : 1;
}
