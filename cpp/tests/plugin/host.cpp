// A host that loads a plug-in, trains on two threads and unloads it, many times: host PLUGIN TIMES [unloads]
//
// With `unloads`, the plug-in and its threads must be gone after each dlclose. Compiled with OpenMP, the host
// has threads of the OpenMP run time itself.

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace {

using Train = std::uint64_t (*)(int);

bool failed(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  return false;
}

bool is_mapped(const std::string& path) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find(path) != std::string::npos) return true;
  return false;
}

int count_threads() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

/// Threads of this process; a joined thread is listed for a short time.
int settled_threads(int expected) {
  for (int wait = 0; wait < 1000 && count_threads() != expected; ++wait) usleep(1000);
  return count_threads();
}

bool load_train_unload(const char* path, bool unloads) {
  const int threads = count_threads();
  void* plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!plugin) return failed(dlerror());
  Train train = nullptr;
  void* symbol = dlsym(plugin, "plugin_train");
  std::memcpy(&train, &symbol, sizeof train);
  if (!train) return failed("the plug-in has no function plugin_train");
  const std::uint64_t one = train(1), two = train(2);
  if (one == 0 || two != one) return failed("the results differ");
  if (dlclose(plugin) != 0) return failed(dlerror());
  if (unloads && is_mapped(path)) return failed("the plug-in is still loaded");
  if (unloads && settled_threads(threads) != threads)
    return failed("threads of the plug-in are still running");
  return true;
}

void use_openmp() {
#if defined(_OPENMP)
  std::atomic<int> count{0};
#pragma omp parallel num_threads(2)
  ++count;
  if (count == 0) std::abort();
#endif
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const char* path = argv[1];
  const bool unloads = argc > 3 && std::strcmp(argv[3], "unloads") == 0;
  use_openmp();
  const int times = std::atoi(argv[2]);
  for (int time = 0; time < times; ++time) {
    bool good = false;
    const auto once = [&] { good = load_train_unload(path, unloads); };
    if (time % 4 == 3)
      std::thread(once).join();
    else
      once();
    if (!good) return 1;
    if (time % 10 == 5) usleep(2000);  // waiting threads block
    if (time % 10 != 9) continue;
    const pid_t child = fork();
    if (child == 0) _exit(load_train_unload(path, false) ? 0 : 1);
    int status = 1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return failed("the child failed"), 1;
    use_openmp();
  }
  std::printf("%d times; the plug-in is %s, threads: %d\n", times,
              is_mapped(path) ? "still loaded" : "unloaded", count_threads());
  return 0;
}
