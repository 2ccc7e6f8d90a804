# The core: one static library, position-independent, without Python.

include(GNUInstallDirs)
file(GLOB_RECURSE core_sources CONFIGURE_DEPENDS cpp/src/*.cpp)
list(FILTER core_sources EXCLUDE REGEX "/isa_(avx2|avx512)\\.cpp$")
add_library(localgrad STATIC ${core_sources})
add_library(localgrad::localgrad ALIAS localgrad)

target_include_directories(localgrad
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/cpp/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE cpp/src)
# For bindings and tests, which use more than the public interface.
add_library(localgrad_core INTERFACE)
target_include_directories(localgrad_core INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/cpp/src)
target_compile_definitions(localgrad_core INTERFACE LOCALGRAD_CORE)
target_link_libraries(localgrad_core INTERFACE localgrad)
target_compile_features(localgrad PUBLIC cxx_std_17)
# Hidden: a shared library that embeds the core does not export it too.
set_target_properties(localgrad PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)

# A product and a sum are fused where the source says so and nowhere else: the compiler's choice would differ from path
# to path, and the bits with it.
set(arithmetic -ffp-contract=off -fno-fast-math)
include(CheckCXXSourceCompiles)
check_cxx_source_compiles("
  #if !defined(__x86_64__) && !defined(__i386__)
  #error
  #endif
  int main() {}" LOCALGRAD_FOR_X86)  # CMAKE_SYSTEM_PROCESSOR names the machine, whose compiler may build for another
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  if(LOCALGRAD_FOR_X86)
    list(APPEND arithmetic -msse2 -mfpmath=sse)  # the x87 would compute with excess precision
  endif()
  # A file of 2 GiB or more has a size, too, and is refused for that.
  set(large_files _FILE_OFFSET_BITS=64)
endif()
target_compile_options(localgrad PRIVATE -Wall -Wextra -Wshadow ${arithmetic})
target_compile_definitions(localgrad PRIVATE LOCALGRAD_CORE LOCALGRAD_VERSION="${PROJECT_VERSION}" ${large_files})

# Kernels are worth optimising even in a debug build: a tile lives in registers or not at all. Under sanitizers less of it
# does, and compiles in half a minute instead of four.
set(kernel_flags "-O3;-fno-exceptions")
if(LOCALGRAD_SANITIZE)
  set(kernel_flags "-O1;-fno-exceptions")
endif()
set_source_files_properties(cpp/src/kernels/isa_portable.cpp PROPERTIES COMPILE_OPTIONS "${kernel_flags}")
if(LOCALGRAD_FOR_X86 AND LOCALGRAD_VECTORS)
  target_sources(localgrad PRIVATE cpp/src/kernels/isa_avx2.cpp cpp/src/kernels/isa_avx512.cpp)
  target_compile_definitions(localgrad PRIVATE LOCALGRAD_X86)
  set_source_files_properties(cpp/src/kernels/isa_avx2.cpp PROPERTIES
    COMPILE_OPTIONS "${kernel_flags};-mavx2;-mfma")
  set_source_files_properties(cpp/src/kernels/isa_avx512.cpp PROPERTIES
    COMPILE_OPTIONS "${kernel_flags};-mavx512f;-mavx512dq;-mavx512bw;-mavx512vl;-mfma;-mprefer-vector-width=512")
endif()

if(LOCALGRAD_OPENMP)
  find_package(OpenMP COMPONENTS CXX)
  if(NOT OpenMP_CXX_FOUND)
    string(REGEX MATCH "^[0-9]+" version "${CMAKE_CXX_COMPILER_VERSION}")
    message(FATAL_ERROR "localgrad: the compiler ${CMAKE_CXX_COMPILER} has no OpenMP. Install its run time (for Clang "
      "${version} on Debian the package libomp-${version}-dev), or configure with -DLOCALGRAD_OPENMP=OFF for a library of "
      "one thread.")
  endif()
  # The library is all that is compiled with it; who links localgrad needs the run time alone.
  target_link_libraries(localgrad PRIVATE OpenMP::OpenMP_CXX)
else()
  target_compile_options(localgrad PRIVATE -Wno-unknown-pragmas)
endif()

if(LOCALGRAD_SANITIZE STREQUAL "thread")
  # Of how OpenMP's run time orders its threads the sanitizer sees nothing: teams are started anew, of std::threads.
  target_compile_definitions(localgrad PRIVATE LOCALGRAD_FRESH_TEAMS)
  set(sanitizers thread)
elseif(LOCALGRAD_SANITIZE)
  set(sanitizers address,undefined)
endif()
if(LOCALGRAD_SANITIZE)
  target_compile_options(localgrad PUBLIC -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(localgrad PUBLIC -fsanitize=${sanitizers})
endif()
