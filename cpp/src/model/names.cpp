#include "model/names.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "functions/built.hpp"
#include "text/message.hpp"
#include "text/to_number.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

// Arrays of literals, because a network can be created before main(), when constructors of strings in this
// file may not have run yet.
constexpr const char* kInitNames[] = {"auto", "he", "xavier", "lecun", "normal", "zeros"};

[[noreturn]] void refuse_spec(const std::string& argument, const std::string& expected,
                              const std::string& given) {
  refuse(argument, " must be ", expected, ", got '", given, "'");
}

/// "'a', 'b', 'c'"
std::string quoted(const char* const* names, std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += std::string(i ? ", '" : "'") + names[i] + "'";
  return list;
}

/// Index of `name` in `known`. `given` is the whole text, which contains `name`; the error message lists the
/// first `listed` names.
std::size_t find(const char* const* known, std::size_t count, std::size_t listed, std::string_view name,
                 const std::string& given, const std::string& argument) {
  const auto* end = known + count;
  const auto* at = std::find(known, end, name);
  if (at == end) refuse_spec(argument, "one of " + quoted(known, listed), given);
  return static_cast<std::size_t>(at - known);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Numbers between the parentheses of "name(1, 2)".
std::vector<double> read_numbers(const Parameter& parameter, const std::string& name, std::string_view list,
                                 const std::string& given, const std::string& argument) {
  if (!parameter.name) refuse_spec(argument, "'" + name + "' without a number", given);
  std::vector<double> numbers;
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    more = comma != std::string_view::npos;
    double number = 0;
    if (!to_number(trimmed(list.substr(0, comma)), number) || (more && !parameter.many))
      refuse_spec(argument,
                  "'" + name + "' with " + (parameter.many ? "numbers" : "one number") + " (" +
                      parameter.name + ") in parentheses",
                  given);
    if (!within(parameter.range, number))
      refuse_spec(argument,
                  std::string("'") + name + "' with " + parameter.name + " " + describe(parameter.range),
                  given);
    numbers.push_back(number);
    if (more) list.remove_prefix(comma + 1);
  }
  return numbers;
}

/// Whether networks of this build can have a cost. Without training it is only a name.
bool is_usable(std::size_t cost) {
  return !LOCALGRAD_HAS_TRAINING || cost == kCosts || is_built(kCostNames[cost]);
}

void check_built(bool built, const std::string& name, const std::string& argument) {
  if (!built) refuse(argument, " must not be '", name, "', ", kNotBuilt);
}

/// Parses `text`: returns the index of its name in the first `count` names of `known`, and its parameters.
template <class Function, class ParameterOf>
Spec<Function> read(const std::string& text, const std::string& argument, const char* const* known,
                    std::size_t count, std::size_t listed, const ParameterOf& parameter_of) {
  const auto bracket = text.find('(');
  const std::string name(trimmed(text.substr(0, bracket)));
  const std::size_t at = find(known, count, listed, name, text, argument);
  Spec<Function> spec{static_cast<Function>(at), {}, name};
  const Parameter& parameter = parameter_of(spec.function);
  const std::vector<double> standard =
      parameter.name ? std::vector<double>{parameter.standard} : std::vector<double>{};
  if (bracket == std::string::npos) {
    spec.parameters = standard;
    return spec;
  }
  const std::string_view rest = trimmed(std::string_view(text).substr(bracket + 1));
  if (rest.empty() || rest.back() != ')') refuse_spec(argument, "closed by ')' after its numbers", text);
  spec.parameters = read_numbers(parameter, name, rest.substr(0, rest.size() - 1), text, argument);
  if (spec.parameters == standard) return spec;
  for (std::size_t i = 0; i < spec.parameters.size(); ++i)
    spec.text += (i ? ", " : "(") + to_text(spec.parameters[i]);
  spec.text += ")";
  return spec;
}

const Parameter& parameter_of_activation(Activation activation) { return traits_of(activation).parameter; }
const Parameter& parameter_of_cost(Cost cost) { return kCostParameters[static_cast<int>(cost)]; }

Spec<Activation> activation_named(const std::string& text, const char* argument, std::size_t count) {
  auto spec = read<Activation>(text, argument, kActivationNames, count, count, parameter_of_activation);
  const std::string name = name_of(spec.function);
  check_built(is_built(name.c_str()), name, argument);
  return spec;
}

}  // namespace

Spec<Activation> unit_activation(const std::string& text, const char* argument) {
  return activation_named(text, argument, kUnitActivations);
}
Spec<Activation> output_activation(const std::string& text) {
  return activation_named(text, "output", kActivations);
}
Spec<Cost> cost_named(const std::string& text) {
  auto spec = read<Cost>(text, "cost", kCostNames, kCosts + 1, kCosts, parameter_of_cost);
  const auto cost = static_cast<std::size_t>(spec.function);
  check_built(is_usable(cost), kCostNames[cost], "cost");
  return spec;
}

std::string outputs_of(Cost cost) {
  std::vector<const char*> fitting, others;
  for (int i = 0; i < kActivations; ++i)
    (traits_of(cost).fits(static_cast<Activation>(i)) ? fitting : others).push_back(kActivationNames[i]);
  if (others.size() < fitting.size()) return "any but " + quoted(others.data(), others.size());
  std::string list;
  for (std::size_t i = 0; i < fitting.size(); ++i)
    list += std::string(i == 0 ? "'" : i + 1 < fitting.size() ? ", '" : " or '") + fitting[i] + "'";
  return list;
}

void check_init(const std::string& name) {
  find(kInitNames, std::size(kInitNames), std::size(kInitNames), name, name, "init");
}

Names names() {
  Names all;
  for (std::size_t i = 0; i < kActivations; ++i) {
    if (!is_built(kActivationNames[i])) continue;
    all.outputs.push_back(kActivationNames[i]);
    if (i < kUnitActivations) all.activations.push_back(kActivationNames[i]);
  }
  for (std::size_t i = 0; i < kCosts; ++i)
    if (is_usable(i)) all.costs.push_back(kCostNames[i]);
  all.inits.assign(std::begin(kInitNames), std::end(kInitNames));
  return all;
}

}  // namespace localgrad
