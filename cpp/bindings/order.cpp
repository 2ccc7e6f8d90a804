#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "engine/data/shuffle.hpp"
#include "gil.hpp"
#include "register.hpp"
#include "text/message.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

constexpr std::size_t kMostRows = 0xffffffffu;  // largest number of rows that a Trainer supports
constexpr std::size_t kBrief = 10000;           // rows that take as long as releasing and acquiring the GIL

/// Returns an order of n rows, written by `write`.
template <class Write>
py::array order_of(std::size_t n, const Write& write) {
  if (n > kMostRows) throw py::value_error(text_of("n must be at most ", kMostRows, ", got ", n));
  std::vector<std::uint32_t> order;
  {
    std::optional<WithoutGil> without_gil;
    if (n > kBrief) without_gil.emplace();
    order.resize(n);
    write(order);
  }
  return array_from(std::move(order), {static_cast<py::ssize_t>(n)});
}

}  // namespace

void register_orders(py::module_& m) {
  using Order = std::vector<std::uint32_t>;
  m.def(
      "epoch_order",
      [](std::size_t n, std::size_t batch_size, bool shuffle, std::uint64_t seed, std::uint64_t epoch) {
        return order_of(n, [&](Order& order) { epoch_order(seed, epoch, batch_size, shuffle, order); });
      },
      py::arg("n"), py::arg("batch_size"), py::arg("shuffle"), py::arg("seed"), py::arg("epoch"));
  m.def(
      "importance_order",
      [](const std::vector<double>& chances, std::uint64_t seed, std::uint64_t epoch) {
        return order_of(chances.size(), [&](Order& order) { importance_order(seed, epoch, chances, order); });
      },
      py::arg("chances"), py::arg("seed"), py::arg("epoch"));
  m.def(
      "split_order",
      [](std::size_t n, std::uint64_t seed) {
        return order_of(n, [&](Order& order) { permute(seed, Purpose::split, 0, 0, order); });
      },
      py::arg("n"), py::arg("seed"));
  m.def(
      "buffer_order",
      [](std::size_t n, std::uint64_t seed, std::uint64_t epoch, std::uint32_t draw) {
        return order_of(n, [&](Order& order) { permute(seed, Purpose::buffer, epoch, draw, order); });
      },
      py::arg("n"), py::arg("seed"), py::arg("epoch"), py::arg("draw"));
}

}  // namespace localgrad::python
