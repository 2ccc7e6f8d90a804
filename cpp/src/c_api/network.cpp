#include <stdexcept>

#include "c_api/objects.hpp"
#include "c_api/settings.hpp"
#include "localgrad/options.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

namespace {

AnyNetwork make_network(localgrad_type type, std::vector<std::size_t> sizes, const Options& options) {
  if (type == LOCALGRAD_FLOAT32) return Network<float>(std::move(sizes), options);
  if (type == LOCALGRAD_FLOAT64) return Network<double>(std::move(sizes), options);
  refuse("type must be LOCALGRAD_FLOAT32 (0) or LOCALGRAD_FLOAT64 (1), got ", type);
}

}  // namespace

localgrad_status localgrad_network_create(localgrad_type type, const size_t* sizes, size_t count,
                                          const localgrad_settings* options, localgrad_network** network) {
  return guarded([&] {
    auto& result = given(network, "network");
    const std::size_t* first = &given(sizes, "sizes");
    Options o;
    ReadSettings read(options);
    each_option(o, [&](const char* name, auto& option, auto...) { read(name, option); });
    read.finish("a network");
    result = handle_of(make_network(type, {first, first + count}, o));
  });
}

localgrad_status localgrad_network_copy(const localgrad_network* network, localgrad_network** copy) {
  return guarded([&] {
    auto& result = given(copy, "copy");
    result = handle_of(AnyNetwork(*given(network, "network").any));
  });
}

void localgrad_network_free(localgrad_network* network) { delete network; }

localgrad_status localgrad_network_set_epochs(localgrad_network* network, uint64_t epochs) {
  return guarded([&] { with_network(network, [&](auto& net) { net.set_epochs(epochs); }); });
}

localgrad_status localgrad_network_set_seed(localgrad_network* network, uint64_t seed) {
  return guarded([&] { with_network(network, [&](auto& net) { net.set_seed(seed); }); });
}

localgrad_status localgrad_network_set_feature_names(localgrad_network* network, const char* const* names,
                                                     size_t count) {
  return guarded([&] {
    with_network(network, [&](auto& net) {
      std::vector<std::string> all;
      for (std::size_t i = 0; i < count; ++i)
        all.emplace_back(&given((&given(names, "names"))[i], "names[i]"));
      net.set_feature_names(std::move(all));
    });
  });
}

localgrad_status localgrad_network_set_cost_function(localgrad_network* network,
                                                     localgrad_cost_function function, void* user) {
  return guarded([&] {
    with_network(network, [&](auto& net) {
      using T = Element<decltype(net)>;
      if (!function) return net.set_cost_function(nullptr);
      net.set_cost_function([function, user](std::size_t n, std::size_t width, const T* a, const T* y,
                                             double* cost, T* gradient) {
        const int result = function(user, n, width, a, y, cost, gradient);
        if (result != 0) throw std::runtime_error("the cost function returned " + std::to_string(result));
      });
    });
  });
}

localgrad_status localgrad_network_initialize(localgrad_network* network, localgrad_random_function function,
                                              void* user) {
  return guarded([&] {
    auto& bits = given(function, "function");
    with_network(network, [&](auto& net) { net.initialize([&bits, user] { return bits(user); }); });
  });
}
