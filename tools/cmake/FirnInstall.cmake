# What `cmake --install` puts where. Component runtime: libraries, headers, package, pkg-config file, no LLVM. Component
# compiler: the programs and firn_add_model. The prefix can be moved: everything finds its neighbours by relative paths.
include(CMakePackageConfigHelpers)
set(FIRN_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/firn)
set(package ${CMAKE_SOURCE_DIR}/tools/package)
set(generated ${CMAKE_BINARY_DIR}/package)

# firn_install_targets(COMPONENT target…): with a file of imported targets for the package.
function(firn_install_targets component)
  install(TARGETS ${ARGN} EXPORT firn_${component}
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${component}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component})
  install(EXPORT firn_${component} FILE firn_${component}-targets.cmake NAMESPACE firn::
    DESTINATION ${FIRN_PACKAGE_DIR} COMPONENT ${component})
endfunction()

set(runtime_targets firn_runtime)
if(TARGET firn_runtime_shared)
  list(APPEND runtime_targets firn_runtime_shared)
endif()
firn_install_targets(runtime ${runtime_targets})
install(FILES ${CMAKE_SOURCE_DIR}/runtime/firn/runtime.h ${CMAKE_SOURCE_DIR}/runtime/firn/firn.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/firn COMPONENT runtime)

configure_package_config_file(${package}/firnConfig.cmake.in ${generated}/firnConfig.cmake
  INSTALL_DESTINATION ${FIRN_PACKAGE_DIR} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${generated}/firnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${generated}/firnConfig.cmake ${generated}/firnConfigVersion.cmake
  DESTINATION ${FIRN_PACKAGE_DIR} COMPONENT runtime)

file(RELATIVE_PATH FIRN_PREFIX_FROM_PKGCONFIG /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${package}/firn.pc.in ${generated}/firn.pc @ONLY)
install(FILES ${generated}/firn.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT runtime)

if(NOT FIRN_RUNTIME_ONLY)
  firn_install_targets(compiler firn)
  install(FILES ${package}/firnModel.cmake ${package}/firnModelArguments.cmake ${package}/firnModelPrograms.cmake
    ${package}/firnModelText.cmake DESTINATION ${FIRN_PACKAGE_DIR} COMPONENT compiler)
  install(PROGRAMS ${package}/firn_step.sh DESTINATION ${FIRN_PACKAGE_DIR} COMPONENT compiler)

  # firn_add_model inside firn's own tree.
  add_executable(firn::firn ALIAS firn)
  include(${package}/firnModel.cmake)
endif()
