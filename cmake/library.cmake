# The core: a static (position-independent) or shared library without Python.

include(GNUInstallDirs)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/include)
configure_file(cmake/version.h.in ${generated}/localgrad/version.h)
file(GLOB_RECURSE core_sources CONFIGURE_DEPENDS cpp/src/*.cpp)
list(FILTER core_sources EXCLUDE REGEX "/isa_(avx2|avx512)\\.cpp$")
# The library's own threads: one of engine/team/{openmp,std,no}_team.cpp.
if(LOCALGRAD_THREADS STREQUAL "openmp")
  set(other_teams "std_team|no_team")
elseif(LOCALGRAD_THREADS STREQUAL "std")
  set(other_teams "openmp_.*|trial|no_team")
elseif(LOCALGRAD_THREADS STREQUAL "none")
  set(other_teams "openmp_.*|trial|std_team|pool|environment")
else()
  message(FATAL_ERROR "localgrad: LOCALGRAD_THREADS must be openmp, std or none, got ${LOCALGRAD_THREADS}")
endif()
list(FILTER core_sources EXCLUDE REGEX "/team/(${other_teams})\\.cpp$")
include(cmake/contents.cmake)
set(kind STATIC)
if(LOCALGRAD_SHARED)
  set(kind SHARED)
endif()
add_library(localgrad ${kind} ${core_sources})
add_library(localgrad::localgrad ALIAS localgrad)

target_include_directories(localgrad
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/cpp/include> $<BUILD_INTERFACE:${generated}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE cpp/src)
# For the bindings and tests, which also use internal headers.
add_library(localgrad_core INTERFACE)
target_include_directories(localgrad_core INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/cpp/src)
target_compile_definitions(localgrad_core INTERFACE LOCALGRAD_CORE)
target_link_libraries(localgrad_core INTERFACE localgrad)
target_compile_features(localgrad PUBLIC cxx_std_17)
# Hidden, so that a shared library that embeds the static one does not export its symbols.
set_target_properties(localgrad PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON DEFINE_SYMBOL LOCALGRAD_EXPORTS)
if(LOCALGRAD_SHARED)
  target_compile_definitions(localgrad PUBLIC LOCALGRAD_SHARED)
  set(abi_version ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(LOCALGRAD_WHEEL AND CMAKE_SYSTEM_NAME STREQUAL Linux)  # a wheel cannot contain symbolic links
    set_target_properties(localgrad PROPERTIES SUFFIX .so.${abi_version})
  else()
    set_target_properties(localgrad PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${abi_version})
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    target_link_options(localgrad PRIVATE LINKER:--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
    set_target_properties(localgrad PROPERTIES LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/exports.map)
  endif()
endif()

# A product and a sum are fused only where the source says so. The compiler's choice would differ between instruction
# sets, and the results with it.
set(arithmetic -ffp-contract=off -fno-fast-math)
include(CheckCXXSourceCompiles)
check_cxx_source_compiles("
  #if !defined(__x86_64__) && !defined(__i386__)
  #error
  #endif
  int main() {}" LOCALGRAD_FOR_X86)  # not CMAKE_SYSTEM_PROCESSOR: the compiler may build for another machine
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  if(LOCALGRAD_FOR_X86)
    list(APPEND arithmetic -msse2 -mfpmath=sse)  # the x87 unit would compute with excess precision
  endif()
  # Without it fstat fails for files of 2 GiB or more, instead of reporting the size for which they are refused.
  set(large_files _FILE_OFFSET_BITS=64)
endif()
# Strict for those who change the library, and for the wheel, so that a compiler cache serves both; a later compiler may
# find something new in the build of an embedder.
set(warnings -Wall -Wextra -Wshadow)
if(LOCALGRAD_TOP_LEVEL)
  list(APPEND warnings -Wpedantic -Wconversion)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  list(APPEND warnings -Wno-subobject-linkage)  # types of anonymous namespaces are then not in the main file
endif()
# A linker with --gc-sections can then drop each function that a program does not use.
target_compile_options(localgrad PRIVATE ${warnings} ${arithmetic} -ffunction-sections -fdata-sections)
target_compile_definitions(localgrad PRIVATE LOCALGRAD_CORE ${large_files} ${built_functions})
# A program that is built for debugging, or without a build type, gets an optimized library.
target_compile_options(localgrad PRIVATE $<$<OR:$<CONFIG:>,$<CONFIG:Debug>>:-O3>)

# Kernels are optimized even in a debug build, because a tile must stay in registers. With sanitizers -O1 is enough, and
# compiles in half a minute instead of four. MinSizeRel unrolls less around the tiles. Kernels do not throw, and have no
# tables for walking the stack through them. Portable kernels beside those of other instruction sets run on few
# processors and are compiled for size.
set(kernel_flags $<IF:$<CONFIG:MinSizeRel>,-O2,-O3> -fno-exceptions -fno-asynchronous-unwind-tables)
if(LOCALGRAD_SANITIZE)
  set(kernel_flags -O1 -fno-exceptions)
endif()
set(portable_flags ${kernel_flags})
if(LOCALGRAD_FOR_X86 AND LOCALGRAD_ISAS AND NOT LOCALGRAD_SANITIZE)
  list(APPEND portable_flags -Os)
endif()
set_source_files_properties(cpp/src/kernels/isa_portable.cpp PROPERTIES COMPILE_OPTIONS "${portable_flags}"
  SKIP_UNITY_BUILD_INCLUSION ON)
# Several files define members of one class template, and each instantiates it: they cannot be joined.
foreach(source IN LISTS core_sources)
  file(STRINGS ${source} members REGEX "members defined in this file")
  if(members)
    set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endforeach()
# What reads, writes and checks names, settings and files is compiled for size, and what leaves the work to kernels.
set(small_trainer "trainer(_state|_resume|_fleet|_samples)?|training_plan")
set(small_api "backprop|curvature_(product|diagonal)|gradient_noise|gradients|info|jacobian(_products)?|levenberg_marquardt|standardization|top_eigenvalue")
set(small_folders "curvature/[^s].*|curvature/se.*|jacobian/.*|least_squares/[in].*|team/(quota|trial|threads)")
set(small_engine "engine/(api/(${small_api}|${small_trainer})|data/poisson|epoch/penalties|epoch/run_diagnostics|pass/deltas|plan/(machine|plan)|${small_folders})\\.cpp$")
list(FILTER core_sources INCLUDE REGEX
  "/src/(io/|files/|text/|c_api/[^pr]|c_api/parameters|${small_engine}|model/(names|network|standards))")
set_source_files_properties(${core_sources} PROPERTIES COMPILE_OPTIONS $<$<NOT:$<CONFIG:Debug>>:-Os>)
set(avx2_flags -mavx2 -mfma)
set(avx512_flags -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512)
foreach(isa IN LISTS LOCALGRAD_ISAS)
  if(NOT isa MATCHES "^avx(2|512)$")
    message(FATAL_ERROR "localgrad: LOCALGRAD_ISAS must be a list of avx2 and avx512, got ${LOCALGRAD_ISAS}")
  endif()
  if(LOCALGRAD_FOR_X86)
    target_sources(localgrad PRIVATE cpp/src/kernels/isa_${isa}.cpp)
    string(TOUPPER LOCALGRAD_${isa} macro)
    target_compile_definitions(localgrad PRIVATE ${macro})
    set_source_files_properties(cpp/src/kernels/isa_${isa}.cpp PROPERTIES
      COMPILE_OPTIONS "${kernel_flags};${${isa}_flags}" SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endforeach()

if(LOCALGRAD_THREADS STREQUAL "openmp")
  if(LOCALGRAD_SANITIZE STREQUAL "thread")
    message(FATAL_ERROR "localgrad: LOCALGRAD_SANITIZE=thread requires LOCALGRAD_THREADS=std or none, because the "
      "sanitizer cannot see how OpenMP synchronizes threads")
  endif()
  find_package(OpenMP COMPONENTS CXX)
  if(NOT OpenMP_CXX_FOUND)
    string(REGEX MATCH "^[0-9]+" version "${CMAKE_CXX_COMPILER_VERSION}")
    message(FATAL_ERROR "localgrad: OpenMP was not found for the compiler ${CMAKE_CXX_COMPILER}. Install its run-time "
      "library (for Clang ${version} on Debian the package libomp-${version}-dev), or configure with "
      "-DLOCALGRAD_THREADS=std.")
  endif()
  # Only two files are compiled with OpenMP, so that a compiler cache serves builds with other threads too. Programs need
  # just the run-time library.
  set_source_files_properties(cpp/src/engine/team/openmp_runtime.cpp cpp/src/engine/team/openmp_team.cpp PROPERTIES
    COMPILE_OPTIONS "${OpenMP_CXX_FLAGS}" INCLUDE_DIRECTORIES "${OpenMP_CXX_INCLUDE_DIRS}")
  target_link_libraries(localgrad PRIVATE $<BUILD_INTERFACE:${OpenMP_CXX_LIBRARIES}>)
  if(NOT LOCALGRAD_SHARED)
    set_property(TARGET localgrad APPEND PROPERTY INTERFACE_LINK_LIBRARIES $<LINK_ONLY:OpenMP::OpenMP_CXX>)
  endif()
endif()
if(NOT LOCALGRAD_THREADS STREQUAL "none")  # the pool, which also serves forked processes of OpenMP
  find_package(Threads REQUIRED)
  target_link_libraries(localgrad PRIVATE Threads::Threads)
endif()

if(LOCALGRAD_SANITIZE STREQUAL "thread")
  set(sanitizers thread)
elseif(LOCALGRAD_SANITIZE)
  set(sanitizers address,undefined)
endif()
if(LOCALGRAD_SANITIZE)
  target_compile_options(localgrad PUBLIC -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(localgrad PUBLIC -fsanitize=${sanitizers})
endif()
