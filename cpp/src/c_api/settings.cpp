#include "c_api/settings.hpp"

#include <cmath>
#include <limits>

#include "localgrad/network.hpp"
#include "text/to_text.hpp"

namespace localgrad::c_api {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

/// Returns the value as one of these types. Throws std::invalid_argument, with what is wanted, for others.
template <class V>
const V& as(const localgrad_settings::Value& value, const char* name, const char* wanted) {
  const auto* found = std::get_if<V>(&value);
  if (!found)
    refuse(name, " must be ", wanted, ", got ", std::holds_alternative<Texts>(value) ? "text" : "a number");
  return *found;
}

template <class V>
const V& one(const std::vector<V>& values, const char* name) {
  if (values.size() != 1) refuse(name, " must be a single value, got ", values.size());
  return values[0];
}

template <class V>
void set(localgrad_settings* settings, const char* name, V&& value) {
  auto& values = given(settings, "settings").values;
  values.insert_or_assign(&given(name, "name"), std::forward<V>(value));
}

}  // namespace

const localgrad_settings::Value* ReadSettings::find(const char* name) {
  if (!settings_) return nullptr;
  known_.insert(name);
  const auto found = settings_->values.find(name);
  return found == settings_->values.end() ? nullptr : &found->second;
}

void ReadSettings::finish(const std::string& owner) const {
  if (!settings_) return;
  for (const auto& [name, value] : settings_->values)
    if (!known_.count(name)) refuse("settings must be those of ", owner, ", got '", name, "'");
}

void ReadSettings::read(const char* name, const Value& from, Texts& to) {
  to = as<Texts>(from, name, "text");
}

void ReadSettings::read(const char* name, const Value& from, std::string& to) {
  to = one(as<Texts>(from, name, "text"), name);
}

void ReadSettings::read(const char* name, const Value& from, Numbers& to) {
  if (const auto* integer = std::get_if<std::uint64_t>(&from))
    to = {static_cast<double>(*integer)};
  else
    to = as<Numbers>(from, name, "a number");
}

void ReadSettings::read(const char* name, const Value& from, double& to) {
  Numbers numbers;
  read(name, from, numbers);
  to = one(numbers, name);
}

void ReadSettings::read(const char* name, const Value& from, std::uint64_t& to) {
  if (const auto* integer = std::get_if<std::uint64_t>(&from)) {
    to = *integer;
    return;
  }
  double number = 0;
  read(name, from, number);
  if (!(number >= 0) || number > static_cast<double>(kMostCounted) || number != std::floor(number))
    refuse(name, " must be an integer and at least 0, got ", to_text(number));
  to = static_cast<std::uint64_t>(number);
}

void ReadSettings::read(const char* name, const Value& from, int& to) {
  std::uint64_t integer = 0;
  read(name, from, integer);
  constexpr int most = std::numeric_limits<int>::max();
  if (integer > static_cast<std::uint64_t>(most)) refuse(name, " must be at most ", most, ", got ", integer);
  to = static_cast<int>(integer);
}

void ReadSettings::read(const char* name, const Value& from, bool& to) {
  std::uint64_t integer = 0;
  read(name, from, integer);
  if (integer > 1) refuse(name, " must be 0 or 1, got ", integer);
  to = integer == 1;
}

}  // namespace localgrad::c_api

using namespace localgrad::c_api;

localgrad_status localgrad_settings_create(localgrad_settings** settings) {
  return guarded([&] {
    auto& result = given(settings, "settings");
    result = new localgrad_settings;
  });
}

void localgrad_settings_free(localgrad_settings* settings) { delete settings; }

localgrad_status localgrad_settings_set_text(localgrad_settings* settings, const char* name,
                                             const char* text) {
  return guarded([&] { set(settings, name, Texts{&given(text, "text")}); });
}

localgrad_status localgrad_settings_set_texts(localgrad_settings* settings, const char* name,
                                              const char* const* texts, size_t count) {
  return guarded([&] {
    Texts all;
    for (std::size_t i = 0; i < count; ++i) all.emplace_back(&given((&given(texts, "texts"))[i], "texts[i]"));
    set(settings, name, std::move(all));
  });
}

localgrad_status localgrad_settings_set_number(localgrad_settings* settings, const char* name,
                                               double number) {
  return guarded([&] { set(settings, name, Numbers{number}); });
}

localgrad_status localgrad_settings_set_numbers(localgrad_settings* settings, const char* name,
                                                const double* numbers, size_t count) {
  return guarded([&] {
    if (count > 0) given(numbers, "numbers");
    set(settings, name, count > 0 ? Numbers(numbers, numbers + count) : Numbers());
  });
}

localgrad_status localgrad_settings_set_integer(localgrad_settings* settings, const char* name,
                                                uint64_t integer) {
  return guarded([&] { set(settings, name, std::uint64_t{integer}); });
}
