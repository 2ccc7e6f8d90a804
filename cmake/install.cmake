# Installs the library for C++ programs that use find_package(localgrad).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/localgrad)
install(TARGETS localgrad EXPORT localgradTargets)
install(DIRECTORY cpp/include/localgrad ${generated}/localgrad DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT localgradTargets NAMESPACE localgrad:: DESTINATION ${package_dir})
configure_package_config_file(cmake/localgradConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/localgradConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/localgradConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/localgradConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/localgradConfigVersion.cmake DESTINATION ${package_dir})
