#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "c_api/guard.hpp"
#include "localgrad/c/settings.h"

struct localgrad_settings {
  using Value = std::variant<std::vector<std::string>, std::vector<double>, std::uint64_t>;
  std::map<std::string, Value> values;
};

namespace localgrad::c_api {

/// Reads settings: called with the name and the place of each known one. Further arguments are those of
/// each_option() and the like.
class ReadSettings {
 public:
  /// `settings` may be null.
  explicit ReadSettings(const localgrad_settings* settings) : settings_(settings) {}

  template <class V, class... More>
  void operator()(const char* name, V& value, const More&...) {
    if (const auto* found = find(name)) read(name, *found, value);
  }
  /// Throws std::invalid_argument if there is a setting that was not read. `owner` is what has the settings.
  void finish(const std::string& owner) const;

 private:
  using Value = localgrad_settings::Value;
  const Value* find(const char* name);
  static void read(const char* name, const Value& from, std::string& to);
  static void read(const char* name, const Value& from, std::vector<std::string>& to);
  static void read(const char* name, const Value& from, double& to);
  static void read(const char* name, const Value& from, std::vector<double>& to);
  static void read(const char* name, const Value& from, std::uint64_t& to);
  static void read(const char* name, const Value& from, int& to);
  static void read(const char* name, const Value& from, bool& to);

  const localgrad_settings* settings_;
  std::set<std::string> known_;
};

}  // namespace localgrad::c_api
