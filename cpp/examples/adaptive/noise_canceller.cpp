// Cancels noise while it learns how: a microphone hears a voice and noise, which reaches it through an
// unknown, nonlinear path; a second microphone hears the noise alone. At each sample a network predicts the
// noise at the first microphone from the last 16 samples of the second. What remains is the voice. The
// network learns from each sample, so it follows when the path changes, here after half of the time.
//
// usage: noise_canceller [FILE]   writes the histogram of the times of a sample to FILE

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "localgrad/localgrad.hpp"

namespace {

constexpr std::size_t kTaps = 16, kSamples = 200000, kPart = 20000;

// The noise at the first microphone, from the last samples of the second, the newest first.
float path(const float* noise, bool later) {
  const float sum = later ? 0.9f * noise[1] - 0.5f * noise[4] : 0.7f * noise[0] + 0.5f * noise[3];
  return std::tanh(1.5f * sum) + (later ? 0.3f : -0.3f) * noise[2] * noise[2];
}

double nanoseconds(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

// Lines of a time in nanoseconds and the number of samples with this time, in steps of 10 ns.
bool write_histogram(const std::vector<double>& times, const char* path) {
  std::map<long, long> samples;
  for (const double time : times) ++samples[std::lround(time / 10) * 10];
  std::FILE* file = std::fopen(path, "w");
  if (!file) return false;
  std::fputs("nanoseconds,samples\n", file);
  for (const auto& [time, count] : samples) std::fprintf(file, "%ld,%ld\n", time, count);
  return std::fclose(file) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  localgrad::Options options;
  options.activation = {"tanh"};
  options.seed = 1;
  localgrad::Network<float> net({kTaps, 24, 24, 1}, options);
  localgrad::TrainerOptions training;
  training.online = true;  // one thread; the parameters stay in the trainer until sync()
  localgrad::Trainer<float> trainer(net, localgrad::Adam{0.002}, 1, training);
  float predicted = 0;
  trainer.record_outputs(&predicted);  // the prediction before the network learns from the sample

  std::mt19937 random(1);
  float noise[kTaps] = {};
  std::vector<double> times;
  times.reserve(kSamples);
  double before = 0, after = 0, last = 0;
  for (std::size_t t = 0; t < kSamples; ++t) {
    std::memmove(noise + 1, noise, (kTaps - 1) * sizeof(float));
    noise[0] = static_cast<float>(random()) / 2147483648.0f - 1.0f;
    const float voice = 0.3f * std::sin(0.05f * static_cast<float>(t % 125664));
    const float heard = voice + path(noise, t >= kSamples / 2);

    const auto start = std::chrono::steady_clock::now();
    // Neither allocates memory nor calls the system.
    if (trainer.try_step(localgrad::MatrixView(noise, 1, kTaps), localgrad::MatrixView(&heard, 1, 1)) !=
        localgrad::Status::ok)
      return 1;
    times.push_back(
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());

    const float remains = heard - predicted;
    before += (heard - voice) * (heard - voice);
    after += (remains - voice) * (remains - voice);
    if ((t + 1) % kPart == 0) {
      last = 10 * std::log10(before / after);
      std::printf("samples %6zu to %6zu: noise reduced by %4.1f dB\n", t + 1 - kPart, t, last);
      before = after = 0;
    }
  }

  if (trainer.sync() != localgrad::Status::ok) return 1;  // now the network has all that was learned

  std::sort(times.begin(), times.end());
  std::printf("time of a sample: median %.0f ns, 99 %% %.0f ns, 99.9 %% %.0f ns\n", nanoseconds(times, 0.5),
              nanoseconds(times, 0.99), nanoseconds(times, 0.999));
  if (argc > 1 && !write_histogram(times, argv[1])) return 1;
  return last > 8 ? 0 : 1;
}
