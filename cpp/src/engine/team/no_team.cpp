// LOCALGRAD_THREADS=none: the calling thread alone.

#include "engine/team/built_in.hpp"

namespace localgrad {

void run_threads(int, void (*work)(void*, const Team&), void* context) { work(context, Team({}, nullptr)); }
int waiting_threads() { return 0; }
bool lacks_threads() { return false; }
BuiltInLimit built_in_limit() { return {1, "built without threads", 0, false}; }
const char* threading() { return "none"; }
const char* openmp_version() { return "none"; }

}  // namespace localgrad
