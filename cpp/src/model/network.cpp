#include "localgrad/network.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "localgrad/error.hpp"
#include "model/buffer.hpp"
#include "model/float_mode.hpp"
#include "model/initialize.hpp"
#include "model/names.hpp"
#include "model/standards.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

std::string product(std::size_t a, std::size_t b) { return std::to_string(a) + " by " + std::to_string(b); }

/// Returns the sum of (fan_in + 1) fan_out over all layers, and the number of input scales. Throws
/// OutOfMemory if their number is above what any machine could store.
std::size_t count_parameters(const std::vector<std::size_t>& sizes, bool learn_input_scale) {
  if (sizes.size() < 2) refuse("sizes must have at least 2 elements, got ", sizes.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] == 0) refuse("sizes[", i, "] must be at least 1, got 0");
  // Leaves room for elements of 8 bytes and padding: 2^58 elements, 2^26 if std::size_t has 32 bits.
  const std::size_t most = std::size_t{1} << (std::numeric_limits<std::size_t>::digits - 6);
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    if (sizes[i] >= most || sizes[i + 1] >= most || sizes[i] + 1 > (most - total) / sizes[i + 1])
      throw OutOfMemory("sizes must give at most " + std::to_string(most) + " parameters, got a layer of " +
                        product(sizes[i], sizes[i + 1]) + " weights");
    total += (sizes[i] + 1) * sizes[i + 1];
  }
  return learn_input_scale ? total + sizes[0] : total;
}

/// Expands a single value to one value per hidden layer or layer of weights.
template <class E>
void spread(std::vector<E>& values, std::size_t hidden, const char* argument, const char* one,
            Per per = Per::hidden_layer) {
  const std::size_t layers = per == Per::hidden_layer ? hidden : hidden + 1;
  if (values.size() == 1) values.resize(layers, E(values[0]));
  if (values.size() != layers)
    refuse(argument, " must be one ", one, " or ", layers, ", one per ",
           per == Per::hidden_layer ? "hidden layer" : "layer of weights", ", got ", values.size());
}

template <class T>
bool fits(double value) {
  return std::fabs(value) <= static_cast<double>(std::numeric_limits<T>::max());
}

/// Checks the options that are numbers, both as double and rounded to T.
template <class T>
struct CheckNumbers {
  std::size_t hidden;
  template <class V>
  void operator()(const char*, const V&, InFiles) const {}
  void operator()(const char* name, std::vector<double>& values, InFiles files, Range range,
                  Per per = Per::hidden_layer) const {
    spread(values, hidden, name, per == Per::hidden_layer ? "rate" : "number", per);
    for (const double value : values) (*this)(name, value, files, range);
  }
  void operator()(const char* name, double value, InFiles, Range range) const {
    const bool good = within(range, value);
    if (good && fits<T>(value) && (range != Range::not_0 || static_cast<T>(value) != T(0))) return;
    const char* finite = good ? "finite as float32 and " : range == Range::share ? "" : "finite and ";
    refuse(name, " must be ", finite, describe(range), ", got ", to_text(value));
  }
};

/// A number that overflows T becomes infinite, and its product with 0 would be NaN.
template <class T, class Function>
void check_numbers(const Spec<Function>& spec, const char* argument) {
  for (const double value : spec.parameters)
    if (!fits<T>(value))
      refuse(argument, " must have numbers that are finite as float32, got '", spec.text, "'");
}

/// Outputs per target. Throws std::invalid_argument unless m_L is a multiple of it.
std::size_t outputs_per_target(const Spec<Cost>& cost, const std::vector<std::size_t>& sizes) {
  const int fixed = traits_of(cost.function).outputs_per_target;
  const std::size_t count = fixed > 0 ? static_cast<std::size_t>(fixed) : cost.parameters.size();
  if (sizes.back() % count != 0)
    refuse("sizes[", sizes.size() - 1, "] must be a multiple of ", count, " for the cost '", cost.text,
           "', got ", sizes.back());
  return count;
}

}  // namespace

template <class T>
Network<T>::Network(std::vector<std::size_t> sizes, const Options& options)
    : sizes_(std::move(sizes)),
      options_(options),
      num_parameters_(count_parameters(sizes_, options.learn_input_scale)) {
  const DefaultFloatMode mode;
  complete();
  const std::string what = "sizes: a network of " + std::to_string(num_parameters_) + " parameters";
  parameters_.reset(static_cast<T*>(allocate((num_parameters_ + Buffer<T>::kSlack) * sizeof(T), what)),
                    Free());
  localgrad::initialize(*this);
}

template <class T>
void Network<T>::initialize(const std::function<std::uint64_t()>& bits) {
  const DefaultFloatMode mode;
  localgrad::initialize(*this, bits);
}

/// Checks the options and fills in the defaults.
template <class T>
void Network<T>::complete() {
  const std::size_t hidden = sizes_.size() - 2;
  spread(options_.activation, hidden, "activation", "name");
  const auto add = [&](const Spec<Activation>& spec, const char* argument) {
    check_numbers<T>(spec, argument);
    functions_.activations.push_back(static_cast<std::size_t>(spec.function));
    functions_.activation_parameters.push_back(spec.parameters.empty() ? 0 : spec.parameters[0]);
    return spec.text;
  };
  for (auto& name : options_.activation) name = add(unit_activation(name, "activation"), "activation");
  const auto output = output_activation(options_.output);
  options_.output = add(output, "output");
  const bool rows = !is_unitwise(output.function);
  if (rows && sizes_.back() == 1)
    refuse("sizes[", sizes_.size() - 1, "] must be at least 2 for the output '", output.text, "', got 1");
  const auto cost = cost_named(!options_.cost.empty() ? options_.cost : rows ? "cross_entropy" : "mse");
  const CostTraits& traits = traits_of(cost.function);
  if (!traits.fits(output.function))
    refuse("output must be ", outputs_of(cost.function), " for the cost '", cost.text, "', got '",
           options_.output, "'");
  check_numbers<T>(cost, "cost");
  options_.cost = cost.text;
  functions_.cost = static_cast<std::size_t>(cost.function);
  functions_.cost_parameters = cost.parameters;
  functions_.outputs_per_target = outputs_per_target(cost, sizes_);
  functions_.classifies =
      functions_.outputs_per_target == 1 &&
      (traits.signs || output.function == Activation::softmax || output.function == Activation::sigmoid);
  functions_.standardizes_targets =
      options_.standardize && output.function == Activation::identity && traits.shifted;
  if (options_.standardize && !traits.shifted && !functions_.classifies)
    refuse("the cost '", cost.text,
           "' does not support standardize, because it has no meaning for shifted targets; standardize x "
           "before training, or use another cost");
  check_init(options_.init);
  each_option(options_, CheckNumbers<T>{hidden});
}

template <class T>
void Network<T>::set_cost_function(CostFunction<T> function) {
  if (function && functions_.cost != static_cast<std::size_t>(Cost::custom))
    refuse("cost must be 'custom' to set a cost function, got '", options_.cost, "'");
  cost_function_ = std::move(function);
}

template <class T>
void Network<T>::set_feature_names(std::vector<std::string> names) {
  if (!names.empty() && names.size() != sizes_.front())
    refuse("feature_names must have ", sizes_.front(), " names, one per input, or none, got ", names.size());
  std::atomic_store(&feature_names_, std::make_shared<const std::vector<std::string>>(std::move(names)));
}

template <class T>
std::vector<std::string> Network<T>::feature_names() const {
  const auto names = std::atomic_load(&feature_names_);
  return names ? *names : std::vector<std::string>();
}

template <class T>
void Network<T>::set_standardization(Standardization learned) {
  std::shared_ptr<const Standards<T>> standards;
  if (!learned.input_mean.empty()) {
    if (!options_.standardize)
      throw std::invalid_argument("standardization requires a network with standardize=true");
    const auto check = [](const std::vector<double>& numbers, const char* name, std::size_t count) {
      if (numbers.size() != count)
        refuse("standardization must have ", count, " numbers in ", name, ", got ", numbers.size());
    };
    const std::size_t targets = standardizes_targets() ? target_width() : 0;
    check(learned.input_mean, "input_mean", sizes_.front());
    check(learned.input_std, "input_std", sizes_.front());
    check(learned.target_mean, "target_mean", targets);
    check(learned.target_std, "target_std", targets);
    const DefaultFloatMode mode;
    standards =
        std::make_shared<const Standards<T>>(std::move(learned), options_.input_scale, sizes_.back(),
                                             functions_.cost == static_cast<std::size_t>(Cost::gaussian_nll));
  }
  std::atomic_store(&standards_, std::move(standards));
}

template <class T>
Standardization Network<T>::standardization() const {
  const auto standards = std::atomic_load(&standards_);
  return standards ? standards->learned() : Standardization();
}

template <class T>
void Network<T>::set_epochs(std::uint64_t epochs) {
  if (epochs > kMostCounted) refuse("epochs must be at most ", kMostCounted, ", got ", epochs);
  epochs_ = epochs;
}

template <class T>
Network<T>::Network(const Network& other)
    : Tracked(other),
      sizes_(other.sizes_),
      options_(other.options_),
      functions_(other.functions_),
      cost_function_(other.cost_function_),
      feature_names_(std::atomic_load(&other.feature_names_)),
      standards_(std::atomic_load(&other.standards_)),
      epochs_(other.epochs_),
      num_parameters_(other.num_parameters_) {
  const std::size_t bytes = num_parameters_ * sizeof(T);
  parameters_.reset(static_cast<T*>(allocate(bytes + Buffer<T>::kSlack * sizeof(T), "copy of a network")),
                    Free());
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

template class Network<float>;  // the members defined in this file
template class Network<double>;

}  // namespace localgrad
