#include "model/standards.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

constexpr std::size_t kPadding = 16;  // numbers of the widest vector

}  // namespace

template <class T>
Standards<T>::Columns::Columns(const std::vector<double>& mean, const std::vector<double>& std, double scale,
                               const char* what) {
  const std::size_t padded = mean.size() + kPadding;
  for (auto* numbers : {&high, &low, &factor}) numbers->assign(padded, T(0));
  for (auto* numbers : {&means, &inverse}) numbers->assign(padded, 0.0);
  for (std::size_t c = 0; c < mean.size(); ++c) {
    means[c] = mean[c] / scale;
    inverse[c] = scale / std[c];
    high[c] = static_cast<T>(means[c]);
    low[c] = static_cast<T>(means[c] - static_cast<double>(high[c]));
    factor[c] = static_cast<T>(inverse[c]);
    const auto check = [&](bool good, const char* name, const char* wanted, double value) {
      if (!good) refuse(what, name, "[", c, "] must be ", wanted, ", got ", to_text(value));
    };
    check(std::isfinite(high[c]) && std::isfinite(low[c]), "_mean", "finite", mean[c]);
    check(std::isfinite(std[c]) && std[c] > 0 && std::isfinite(factor[c]), "_std",
          "finite and above 0, and so must be its reciprocal", std[c]);
  }
  shift = {high.data(), low.data(), factor.data(), means.data(), inverse.data()};
}

template <class T>
Standards<T>::Standards(Standardization learned, double scale, std::size_t outputs, bool variances)
    : learned_(std::move(learned)),
      inputs_(learned_.input_mean, learned_.input_std, scale, "input"),
      targets_(learned_.target_mean, learned_.target_std, 1, "target") {
  const std::size_t targets = learned_.target_mean.size();
  for (std::size_t j = 0; targets > 0 && j < outputs; ++j) {
    const double mean = learned_.target_mean[j % targets], std = learned_.target_std[j % targets];
    const bool log_variance = variances && j >= targets;
    factors_.push_back(log_variance ? 1 : std);
    shifts_.push_back(log_variance ? 2 * std::log(std) : mean);
  }
}

#define LOCALGRAD_FOR(T) template class Standards<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
