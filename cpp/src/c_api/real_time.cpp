#include "c_api/arrays.hpp"
#include "c_api/objects.hpp"
#include "localgrad/gradients.hpp"
#include "localgrad/predictor.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

struct localgrad_predictor {
  template <class T>
  localgrad_predictor(const Network<T>& network, std::size_t max_rows, Workspace workspace)
      : any(std::in_place_type<Predictor<T>>, network, max_rows, workspace) {}
  std::variant<Predictor<float>, Predictor<double>> any;
};

struct localgrad_gradients {
  template <class T>
  localgrad_gradients(const localgrad_network& handle, const Network<T>& of, std::size_t max_rows,
                      Workspace workspace)
      : network(handle.any), any(std::in_place_type<Of<T>>, of, max_rows, workspace) {}
  template <class T>
  struct Of {
    Of(const Network<T>& of, std::size_t max_rows, Workspace workspace)
        : network(of), gradients(of, max_rows, workspace) {}
    const Network<T>& network;
    Gradients<T> gradients;
  };
  std::shared_ptr<AnyNetwork> network;
  std::variant<Of<float>, Of<double>> any;
};

namespace {

template <class T>
T element_of(const Predictor<T>&);
template <class Object>
using ElementOf = decltype(element_of(std::declval<const Object&>()));

/// Returns a view of rows of adjacent numbers of type T.
template <class T>
MatrixView<const T> view_of(const localgrad_rows* x, std::size_t columns) {
  const Rows rows = rows_of(x, "x");
  if (rows.type != scalar_of<T>())
    refuse("x.type must be that of the network, ", static_cast<int>(scalar_of<T>()), ", got ", x->type);
  if (rows.width != columns) refuse("x must have rows of ", columns, " numbers, got ", rows.width);
  if (rows.column_stride != sizeof(T))
    refuse("x.column_stride must be ", sizeof(T), ", got ", rows.column_stride);
  constexpr auto size = static_cast<std::ptrdiff_t>(sizeof(T));
  const std::ptrdiff_t least = static_cast<std::ptrdiff_t>(columns) * size;
  if (rows.n > 1 && (rows.row_stride < least || rows.row_stride % size != 0))
    refuse("x.row_stride must be a multiple of ", size, " and at least ", least, ", got ", rows.row_stride);
  check_aligned(rows.data, sizeof(T), "x");
  const auto stride = rows.n > 1 ? static_cast<std::size_t>(rows.row_stride / size) : columns;
  return {static_cast<const T*>(rows.data), rows.n, columns, stride};
}

/// Returns the numbers of a matrix without gaps.
template <class T>
T* numbers_of(const localgrad_matrix* matrix, const char* name, std::size_t rows, std::size_t columns) {
  check_matrix(given(matrix, name), name, scalar_of<T>(), rows, columns);
  if (rows > 1 && matrix->stride != columns)
    refuse(name, ".stride must be ", columns, ", got ", matrix->stride);
  return static_cast<T*>(matrix->data);
}

}  // namespace

localgrad_status localgrad_predictor_bytes(const localgrad_network* network, size_t max_rows, size_t* bytes) {
  return guarded([&] {
    auto& result = given(bytes, "bytes");
    with_network(network,
                 [&](const auto& net) { result = Predictor<Element<decltype(net)>>::bytes(net, max_rows); });
  });
}

localgrad_status localgrad_predictor_create(const localgrad_network* network, size_t max_rows, void* memory,
                                            size_t bytes, localgrad_predictor** predictor) {
  return guarded([&] {
    auto& result = given(predictor, "predictor");
    with_network(network, [&](const auto& net) {
      result = new localgrad_predictor(net, max_rows, workspace_of(memory, bytes));
    });
  });
}

void localgrad_predictor_free(localgrad_predictor* predictor) { delete predictor; }

localgrad_status localgrad_predictor_predict(localgrad_predictor* predictor, const localgrad_rows* x,
                                             const localgrad_matrix* out) {
  return guarded([&] {
    return std::visit(
        [&](auto& of) {
          using T = ElementOf<std::decay_t<decltype(of)>>;
          const auto in = view_of<T>(x, of.inputs());
          check_matrix(given(out, "out"), "out", scalar_of<T>(), in.rows, of.outputs());
          return of.predict(in, {static_cast<T*>(out->data), out->rows, out->columns, out->stride});
        },
        given(predictor, "predictor").any);
  });
}

localgrad_status localgrad_predictor_update(localgrad_predictor* predictor,
                                            const localgrad_network* network) {
  return guarded([&] {
    auto& any = given(predictor, "predictor").any;
    return with_network(network, [&](const auto& net) {
      auto* of = std::get_if<Predictor<Element<decltype(net)>>>(&any);
      if (!of) refuse("network must have the type of the predictor");
      return of->update(net);
    });
  });
}

localgrad_status localgrad_gradients_bytes(const localgrad_network* network, size_t max_rows, size_t* bytes) {
  return guarded([&] {
    auto& result = given(bytes, "bytes");
    with_network(network,
                 [&](const auto& net) { result = Gradients<Element<decltype(net)>>::bytes(net, max_rows); });
  });
}

localgrad_status localgrad_gradients_create(const localgrad_network* network, size_t max_rows, void* memory,
                                            size_t bytes, localgrad_gradients** gradients) {
  return guarded([&] {
    auto& result = given(gradients, "gradients");
    with_network(network, [&](const auto& net) {
      result = new localgrad_gradients(*network, net, max_rows, workspace_of(memory, bytes));
    });
  });
}

void localgrad_gradients_free(localgrad_gradients* gradients) { delete gradients; }

localgrad_status localgrad_gradients_compute(localgrad_gradients* gradients, const localgrad_rows* x,
                                             const localgrad_rows* y, const localgrad_rows* weights,
                                             const localgrad_matrix* gradient, double* cost,
                                             const localgrad_matrix* x_gradient) {
  return guarded([&] {
    return std::visit(
        [&](auto& of) {
          using T = Element<decltype(of.network)>;
          const Rows rows = rows_of(x, "x");
          T* parameters = numbers_of<T>(gradient, "gradient", 1, of.network.num_parameters());
          T* inputs =
              x_gradient ? numbers_of<T>(x_gradient, "x_gradient", rows.n, of.network.sizes()[0]) : nullptr;
          return of.gradients.forward_backward(rows, targets_of(y, weights), parameters, cost, inputs);
        },
        given(gradients, "gradients").any);
  });
}
