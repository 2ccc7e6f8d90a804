#include "engine/plan/sharing.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "engine/plan/machine.hpp"
#include "engine/team/team.hpp"
#include "engine/team/threads.hpp"
#include "functions/list.hpp"

namespace localgrad {
namespace {

constexpr double kWorthAnything = 3;  // times the start of a team: shorter calls are not shared
constexpr double kHelpers = 1.5e-4;   // seconds to test and start threads
constexpr double kLong =
    0.05;  // seconds: longer calls are always shared, because a delayed thread then takes fewer rows

// Cost per activation, input number, row and packed weight, in floating-point operations; fitted to the
// networks of `localgrad bench`.
constexpr double kActivation = 60, kInput = 4, kRow = 600, kPacked = 8;
constexpr double kCall = 6e-6;  // seconds per call

/// The Sharing of the calling thread. It has no destructor, which would keep a plug-in from being unloaded
/// until the thread ends.
Sharing& own_sharing() {
  thread_local Sharing sharing;
  return sharing;
}

}  // namespace

double nominal_speed(double lanes) { return 2 * 2 * lanes * 2.5e9 * 0.65; }

template <class T>
RowsWork rows_work(const Network<T>& network, const Kernels<T>& kernels, std::size_t rows, int passes) {
  const auto& sizes = network.sizes();
  const double lanes = static_cast<double>(kernels.lanes), n = static_cast<double>(rows);
  double products = 0, units = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    const double in = static_cast<double>(sizes[i]), out = static_cast<double>(sizes[i + 1]);
    const bool last = i + 2 == sizes.size();
    products += 2 * (in + 1) * (last && out <= 2 ? out : lanes * std::ceil(out / lanes));
    units += out;
  }
  const double inputs = static_cast<double>(sizes.front());
  const double a_row = passes * (products + kActivation * units) + kInput * inputs + kRow;
  RowsWork work;
  work.seconds =
      kCall + (n * a_row + kPacked * static_cast<double>(network.num_parameters())) / nominal_speed(lanes);
  work.kind = network.num_parameters() * 64 + sizes.size() * 4 + static_cast<std::uint64_t>(passes);
  return work;
}

Sharing::Decision Sharing::share(const RowsWork& work, double team, int n, int helpers) {
  if (work.seconds >= kLong) return {true};
  if (helpers < 1) {
    missed_ += std::max(0.0, work.seconds - team);
    if (missed_ < kHelpers) return {false};
    missed_ = 0;
    return {true};  // the duration of this call includes the start of threads
  }
  missed_ = 0;
  // Calls whose durations are within a factor of 2 share a slot.
  const auto length = static_cast<std::uint64_t>(64 + std::ilogb(work.seconds));
  const std::uint64_t key = ((work.kind * 64 + length) * 1024 + static_cast<std::uint64_t>(n)) | 1;
  Slot& slot = slots_[(key * 0x9e3779b97f4a7c15u) >> 60];
  if (slot.key != key) slot = {key, work.seconds, Tuner(false, work.seconds, team)};
  return {!slot.tuner.alone(), &slot, key, slot.usual / work.seconds};
}

void Sharing::record(const Decision& decision, double seconds) {
  Slot* const slot = decision.slot;
  // A call within this one may have reused the slot or changed the tuner's choice.
  if (slot && slot->key == decision.key && slot->tuner.alone() != decision.shared)
    slot->tuner.record(1, seconds * decision.ratio);
}

RowsTeam::RowsTeam(int requested, const RowsWork& work, Index parts) {
  check_threads(requested);
  const auto at_most = [&](int threads) { return static_cast<int>(std::min<Index>(threads, parts)); };
  if (requested > 0) {
    threads_ = std::max(1, at_most(requested));
    return;
  }
  if (parts < 2 || work.seconds < kWorthAnything * kUsualStart) return;
  const int n = at_most(default_threads());
  if (n < 2) return;
  const int helpers = helpers_at_hand();
  const double start = helpers > 0 ? start_seconds(n) : kUsualStart;
  const double share = static_cast<double>(ceil_div(parts, Index{n})) / static_cast<double>(parts);
  decision_ = own_sharing().share(work, work.seconds * share + start, n, helpers);
  threads_ = decision_.shared ? n : 1;
  start_ = Clock::now();
}

void RowsTeam::done() {
  if (decision_.slot)
    Sharing::record(decision_, std::chrono::duration<double>(Clock::now() - start_).count());
}

#define LOCALGRAD_FOR(T) template RowsWork rows_work(const Network<T>&, const Kernels<T>&, std::size_t, int);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

static_assert(sizeof(Sharing) < 4096, "one for each thread that predicts");
static_assert(std::is_trivially_destructible_v<Sharing>, "see own_sharing");

}  // namespace localgrad
