# The core: one static library, position-independent, without Python.

include(GNUInstallDirs)
file(GLOB core_sources CONFIGURE_DEPENDS cpp/src/*.cpp cpp/src/model/*.cpp cpp/src/engine/*.cpp cpp/src/io/*.cpp)
add_library(localgrad STATIC ${core_sources} cpp/src/kernels/dispatch.cpp cpp/src/kernels/isa_portable.cpp)
add_library(localgrad::localgrad ALIAS localgrad)

target_include_directories(localgrad
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/cpp/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE cpp/src)
target_compile_features(localgrad PUBLIC cxx_std_17)
# Hidden: a shared library that embeds the core does not export it too.
set_target_properties(localgrad PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
target_compile_definitions(localgrad PRIVATE LOCALGRAD_VERSION="${PROJECT_VERSION}")

# A product and a sum are fused where the source says so and nowhere else: the compiler's choice would differ from path
# to path, and the bits with it.
target_compile_options(localgrad PRIVATE -Wall -Wextra -Wshadow -ffp-contract=off -fno-fast-math)

# Kernels are worth optimising even in a debug build: a tile lives in registers or not at all. Under sanitizers less of it
# does, and compiles in half a minute instead of four.
set(kernel_flags "-O3;-fno-exceptions")
if(LOCALGRAD_SANITIZE)
  set(kernel_flags "-O1;-fno-exceptions")
endif()
set_source_files_properties(cpp/src/kernels/isa_portable.cpp PROPERTIES COMPILE_OPTIONS "${kernel_flags}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
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
    message(FATAL_ERROR "localgrad: the compiler ${CMAKE_CXX_COMPILER} has no OpenMP. Install its run time (for Clang on "
      "Debian the package libomp-dev), or configure with -DLOCALGRAD_OPENMP=OFF for a library of one thread.")
  endif()
  # The library is all that is compiled with it; who links localgrad needs the run time alone.
  target_link_libraries(localgrad PRIVATE OpenMP::OpenMP_CXX)
else()
  target_compile_options(localgrad PRIVATE -Wno-unknown-pragmas)
endif()

if(LOCALGRAD_SANITIZE)
  target_compile_options(localgrad PUBLIC -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(localgrad PUBLIC -fsanitize=address,undefined)
endif()
