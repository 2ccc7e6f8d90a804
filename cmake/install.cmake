# Installs the library for programs that use find_package(localgrad) or pkg-config, as component localgrad.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/localgrad)
set(package_files ${CMAKE_CURRENT_BINARY_DIR}/package)
install(TARGETS localgrad EXPORT localgradTargets
  RUNTIME COMPONENT localgrad
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT localgrad
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT localgrad)
install(DIRECTORY cpp/include/localgrad ${generated}/localgrad DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT localgrad)
install(EXPORT localgradTargets NAMESPACE localgrad:: DESTINATION ${package_dir} COMPONENT localgrad)

# What a linker for C needs besides the static library: the C++ run-time library, and that of OpenMP.
set(runtime ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(FILTER runtime INCLUDE REGEX "^(stdc\\+\\+|c\\+\\+|c\\+\\+abi|m)$")
list(REMOVE_DUPLICATES runtime)
configure_package_config_file(cmake/localgradConfig.cmake.in ${package_files}/localgradConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${package_files}/localgradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${package_files}/localgradConfig.cmake ${package_files}/localgradConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT localgrad)

# localgrad.pc finds its folders relative to itself, unless they were configured as absolute paths.
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_prefix /prefix/${pc_dir} /prefix)
foreach(kind INCLUDEDIR LIBDIR)
  set(pc_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
    set(pc_${kind} "${CMAKE_INSTALL_${kind}}")
  endif()
endforeach()
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
else()
  string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
endif()
set(pc_runtime ${runtime})
if(LOCALGRAD_THREADS STREQUAL "openmp")
  list(APPEND pc_runtime ${OpenMP_CXX_LIB_NAMES})
elseif(NOT LOCALGRAD_THREADS STREQUAL "none")
  list(APPEND pc_runtime pthread)
endif()
list(REMOVE_DUPLICATES pc_runtime)
list(TRANSFORM pc_runtime PREPEND -l)
string(REPLACE ";" " " pc_runtime "${pc_runtime}")
if(LOCALGRAD_SHARED)
  set(pc_cflags " -DLOCALGRAD_SHARED")
else()
  set(pc_cflags "")
endif()
set(pc_library localgrad)
get_target_property(suffix localgrad SUFFIX)
if(suffix)  # there is no symbolic link without the version
  set(pc_library :liblocalgrad${suffix})
endif()
configure_file(cmake/localgrad.pc.in ${package_files}/localgrad.pc @ONLY)
install(FILES ${package_files}/localgrad.pc DESTINATION ${pc_dir} COMPONENT localgrad)
