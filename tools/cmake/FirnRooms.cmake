# The verbs by which a room declares itself. A room is a folder that is one static library; its name is its path.

# firn_add_library(NAME SOURCES a.cpp b.cpp [LINK lib…]): a room without MLIR (formats, support).
function(firn_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# firn_add_mlir_library(NAME SOURCES … [LINK lib…] [DEPENDS tablegen-target…]): a room on MLIR. It shares one precompiled header.
function(firn_add_mlir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  firn_use_mlir(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# firn_use_mlir(TARGET): its one shared library, the shared precompiled header.
function(firn_use_mlir target)
  if(NOT TARGET firn_mlir_pch)
    file(WRITE ${CMAKE_BINARY_DIR}/mlir_pch.cpp "")
    add_library(firn_mlir_pch STATIC ${CMAKE_BINARY_DIR}/mlir_pch.cpp)
    target_precompile_headers(firn_mlir_pch PRIVATE
      <mlir/IR/BuiltinAttributes.h> <mlir/IR/BuiltinOps.h> <mlir/IR/BuiltinTypes.h> <mlir/IR/Builders.h>
      <mlir/IR/MLIRContext.h> <mlir/IR/OpImplementation.h> <mlir/IR/PatternMatch.h> <mlir/Pass/Pass.h>)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      target_compile_options(firn_mlir_pch PRIVATE -fpch-instantiate-templates)
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM firn_mlir_pch)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(${target} PRIVATE -fpch-instantiate-templates)
  endif()
  target_link_libraries(${target} PUBLIC firn_mlir)
endfunction()

# firn_add_tool(NAME [ARCHIVES] SOURCES … LINK …): an executable of bin/. ARCHIVES: its libraries inside, where that can
# be had (FirnLibraries.cmake).
function(firn_add_tool name)
  cmake_parse_arguments(ARG "ARCHIVES" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${FIRN_PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  if(ARG_ARCHIVES AND FIRN_STATIC_LIBRARIES)
    firn_link_archives(${name})
  endif()
endfunction()

# firn_add_pass_library(NAME TEST_DIR dir SOURCES Pass1.cpp … LINK …): a room of passes. Every `def XPass : Pass<"name", …>`
# of its Passes.td has test/DIR/name.mlir, without the dialect's prefix; the configure stops where one has not.
function(firn_add_pass_library name)
  cmake_parse_arguments(ARG "" "TEST_DIR;TEST_PREFIX" "SOURCES;LINK;DEPENDS" ${ARGN})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/Passes.td)
  file(STRINGS Passes.td defs REGEX "^def .*Pass *: *Pass<\"")
  foreach(def ${defs})
    string(REGEX REPLACE ".*Pass<\"${ARG_TEST_PREFIX}([^\"]*)\".*" "\\1" pass "${def}")
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/test/${ARG_TEST_DIR}/${pass}.mlir)
      message(SEND_ERROR "pass '${ARG_TEST_PREFIX}${pass}' has no test: expected test/${ARG_TEST_DIR}/${pass}.mlir")
    endif()
  endforeach()
  firn_add_mlir_library(${name} SOURCES ${ARG_SOURCES} LINK ${ARG_LINK} DEPENDS ${ARG_DEPENDS})
endfunction()

# firn_add_unit_test(NAME SOURCES … LINK …): a googletest program, one ctest entry per test case.
function(firn_add_unit_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${FIRN_PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest_main GTest::gmock)
  gtest_discover_tests(${name} TEST_PREFIX "unit/" PROPERTIES LABELS unit DISCOVERY_TIMEOUT 60)
endfunction()
