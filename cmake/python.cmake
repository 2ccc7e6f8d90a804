# The extension module localgrad._core.

find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
find_package(pybind11 3 CONFIG REQUIRED)
file(GLOB binding_sources CONFIGURE_DEPENDS cpp/bindings/*.cpp)
pybind11_add_module(_core ${binding_sources})
target_link_libraries(_core PRIVATE localgrad_core)
# For size: only the way to predict() is fast.
target_compile_options(_core PRIVATE $<$<CONFIG:Release>:-O2>)
list(FILTER binding_sources EXCLUDE REGEX "/(arrays|float_mode|network|predict)\\.cpp$")
set_source_files_properties(${binding_sources} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
if(LOCALGRAD_WHEEL AND NOT APPLE)
  set_target_properties(_core PROPERTIES INSTALL_RPATH "$ORIGIN/lib")
endif()
install(TARGETS _core LIBRARY DESTINATION localgrad)
