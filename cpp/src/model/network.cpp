#include "localgrad/network.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "localgrad/error.hpp"
#include "model/buffer.hpp"
#include "model/initialise.hpp"
#include "model/names.hpp"

namespace localgrad {
namespace {

std::string product(std::size_t a, std::size_t b) { return std::to_string(a) + " by " + std::to_string(b); }

/// sum (fan_in + 1) fan_out, or OutOfMemory where no machine could hold it.
std::size_t count_parameters(const std::vector<std::size_t>& sizes) {
  if (sizes.size() < 2)
    throw std::invalid_argument("sizes must hold at least 2 widths, given " + std::to_string(sizes.size()));
  std::size_t total = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] == 0)
      throw std::invalid_argument("sizes[" + std::to_string(i) + "] must be at least 1, given 0");
  const std::size_t most = std::size_t{1} << 58;  // elements of 8 bytes with room for padding
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    if (sizes[i] >= most || sizes[i + 1] >= most || sizes[i] + 1 > (most - total) / sizes[i + 1])
      throw OutOfMemory("sizes: " + product(sizes[i], sizes[i + 1]) + " weights are more than the " +
                        std::to_string(most) + " parameters a network can have");
    total += (sizes[i] + 1) * sizes[i + 1];
  }
  return total;
}

Options complete(const std::vector<std::size_t>& sizes, Options options) {
  const std::size_t hidden = sizes.size() - 2;
  if (options.activation.size() == 1) options.activation.resize(hidden, std::string(options.activation[0]));
  if (options.activation.size() != hidden)
    throw std::invalid_argument("activation must be one name or " + std::to_string(hidden) +
                                ", one for each hidden layer, given " +
                                std::to_string(options.activation.size()));
  for (const auto& name : options.activation) unit_activation(name, "activation");
  if (options.dropout.size() == 1) options.dropout.resize(hidden, double(options.dropout[0]));
  const Activation output = output_activation(options.output);
  if (output == Activation::softmax && sizes.back() == 1)
    throw std::invalid_argument("output must not be softmax for 1 unit: softmax needs at least 2");
  if (options.cost.empty()) options.cost = output == Activation::softmax ? "cross_entropy" : "mse";
  if (cost_named(options.cost) == Cost::cross_entropy && output != Activation::softmax &&
      output != Activation::sigmoid)
    throw std::invalid_argument(
        "cost must not be cross_entropy for this output: it needs 'softmax' or 'sigmoid', given '" +
        options.output + "'");
  check_init(options.init);
  return options;
}

}  // namespace

template <class T>
Network<T>::Network(std::vector<std::size_t> sizes, const Options& options)
    : sizes_(std::move(sizes)), num_parameters_(count_parameters(sizes_)) {
  options_ = complete(sizes_, options);
  for (const auto& name : options_.activation)
    activations_.push_back(static_cast<std::size_t>(unit_activation(name, "activation")));
  activations_.push_back(static_cast<std::size_t>(output_activation(options_.output)));
  cost_ = static_cast<std::size_t>(cost_named(options_.cost));
  const std::string what = "sizes: a network of " + std::to_string(num_parameters_) + " parameters";
  parameters_.reset(static_cast<T*>(allocate((num_parameters_ + Buffer<T>::kSlack) * sizeof(T), what)));
  initialise(*this);
}

template <class T>
Network<T>::Network(const Network& other)
    : sizes_(other.sizes_),
      options_(other.options_),
      activations_(other.activations_),
      cost_(other.cost_),
      epochs_(other.epochs_),
      num_parameters_(other.num_parameters_) {
  const std::size_t bytes = num_parameters_ * sizeof(T);
  parameters_.reset(static_cast<T*>(allocate(bytes + Buffer<T>::kSlack * sizeof(T), "copy of a network")));
  std::memcpy(parameters_.get(), other.parameters_.get(), bytes);
}

template <class T>
std::size_t Network<T>::offset(std::size_t i) const {
  std::size_t at = 0;
  for (std::size_t l = 0; l < i; ++l) at += (sizes_[l] + 1) * sizes_[l + 1];
  return at;
}

template <class T>
void Network<T>::Free::operator()(T* buffer) const {
  FreeAligned()(buffer);
}

template Network<float>::Network(std::vector<std::size_t>, const Options&);
template Network<double>::Network(std::vector<std::size_t>, const Options&);
template Network<float>::Network(const Network&);
template Network<double>::Network(const Network&);
template std::size_t Network<float>::offset(std::size_t) const;
template std::size_t Network<double>::offset(std::size_t) const;
template void Network<float>::Free::operator()(float*) const;
template void Network<double>::Free::operator()(double*) const;

}  // namespace localgrad
