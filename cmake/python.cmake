# The extension module localgrad._core.

find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
find_package(pybind11 3 CONFIG REQUIRED)
file(GLOB binding_sources CONFIGURE_DEPENDS cpp/bindings/*.cpp)
pybind11_add_module(_core ${binding_sources})
target_link_libraries(_core PRIVATE localgrad_core)
install(TARGETS _core LIBRARY DESTINATION localgrad)
