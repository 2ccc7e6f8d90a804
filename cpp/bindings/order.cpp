#include <pybind11/pybind11.h>

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

constexpr std::size_t kMostRows = 0xffffffffu;  // that a Trainer can number
constexpr std::size_t kBrief = 10000;  // rows; to release the GIL and wait for it again takes as long

py::array permutation(std::size_t n, std::uint64_t seed, Purpose purpose, std::uint64_t which,
                      std::uint32_t draw) {
  if (n > kMostRows) throw py::value_error(text_of("n must be at most ", kMostRows, ", got ", n));
  std::vector<std::uint32_t> order;
  {
    std::optional<WithoutGil> without_gil;
    if (n > kBrief) without_gil.emplace();
    order.resize(n);
    permute(seed, purpose, which, draw, order);
  }
  return array_from(std::move(order), {static_cast<py::ssize_t>(n)});
}

}  // namespace

void register_orders(py::module_& m) {
  m.def(
      "shuffled",
      [](std::size_t n, std::uint64_t seed, std::uint64_t epoch) {
        return permutation(n, seed, Purpose::shuffle, epoch, 0);
      },
      py::arg("n"), py::arg("seed"), py::arg("epoch"));
  m.def(
      "split_order",
      [](std::size_t n, std::uint64_t seed) { return permutation(n, seed, Purpose::split, 0, 0); },
      py::arg("n"), py::arg("seed"));
  m.def(
      "buffer_order",
      [](std::size_t n, std::uint64_t seed, std::uint64_t epoch, std::uint32_t draw) {
        return permutation(n, seed, Purpose::buffer, epoch, draw);
      },
      py::arg("n"), py::arg("seed"), py::arg("epoch"), py::arg("draw"));
}

}  // namespace localgrad::python
