#include "model/names.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "text/message.hpp"
#include "text/to_number.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

// Arrays of literals, because a network can be created before main(), when constructors of strings in this
// file may not have run yet.
#define LOCALGRAD_STRING(name, ...) #name,
constexpr const char* kActivationNames[] = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_STRING)
                                                LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_STRING)};
constexpr const char* kCostNames[] = {LOCALGRAD_COSTS(LOCALGRAD_STRING) "custom"};
#undef LOCALGRAD_STRING
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

}  // namespace

Spec<Activation> unit_activation(const std::string& text, const char* argument) {
  return read<Activation>(text, argument, kActivationNames, kUnitActivations, kUnitActivations,
                          parameter_of_activation);
}
Spec<Activation> output_activation(const std::string& text) {
  return read<Activation>(text, "output", kActivationNames, kActivations, kActivations,
                          parameter_of_activation);
}
Spec<Cost> cost_named(const std::string& text) {
  return read<Cost>(text, "cost", kCostNames, kCosts + 1, kCosts, parameter_of_cost);
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
  return {{kActivationNames, kActivationNames + kUnitActivations},
          {std::begin(kActivationNames), std::end(kActivationNames)},
          {kCostNames, kCostNames + kCosts},
          {std::begin(kInitNames), std::end(kInitNames)}};
}

}  // namespace localgrad
