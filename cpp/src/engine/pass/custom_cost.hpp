#pragma once

#include "engine/data/examples.hpp"
#include "engine/pass/pass.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

/// The arguments of a custom cost: arrays without padding.
template <class T>
class CustomCost {
 public:
  CustomCost() = default;
  /// Allocates nothing for other costs. Throws std::invalid_argument if the custom cost of the network has
  /// no function.
  CustomCost(const Network<T>& network, std::size_t rows, Arena* arena = nullptr) {
    if (cost_of(network) != Cost::custom) return;
    cost_function_of(network);
    for (auto* buffer : {&a_, &y_, &slope_})
      *buffer = Buffer<T>(product(rows, network.sizes().back()), "arrays for a custom cost", arena);
  }
  bool given() const { return a_.size() > 0; }

  /// Computes (C) of rows 0..rows-1 of the pass, and dc/da, which is stored in delta. Throws the exceptions
  /// of the function.
  void call(const Network<T>& network, Pass<T>& pass, Index rows) {
    const Index head = pass.layers() - 1, width = pass.width(head + 1);
    for (Index r = 0; r < rows; ++r) {
      std::copy_n(pass.a(head + 1, r), width, a_.data() + r * width);
      std::copy_n(pass.y(r), width, y_.data() + r * width);
    }
    call_cost_function(network, static_cast<std::size_t>(rows), static_cast<std::size_t>(width), a_.data(),
                       y_.data(), pass.cost(0), slope_.data());
    for (Index r = 0; r < rows; ++r) std::copy_n(slope_.data() + r * width, width, pass.delta(head, r));
  }

 private:
  Buffer<T> a_, y_, slope_;
};

}  // namespace localgrad
