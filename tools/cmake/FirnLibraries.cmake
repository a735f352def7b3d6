# Where programs have MLIR, LLVM, protobuf, abseil … from: shared libraries, which tests link fast, or, for those that ask,
# archives. bin/firn then starts in 8 ms in place of 50 and needs neither LLVM nor C++ libraries on the machine where it runs.

set(shared_mlir MLIR LLVM)
set(shared_packages protobuf::libprotobuf leveldb::leveldb Snappy::snappy re2::re2 absl::status absl::statusor absl::strings absl::span)

file(GLOB FIRN_MLIR_ARCHIVES ${LLVM_LIBRARY_DIR}/libMLIR*.a ${LLVM_LIBRARY_DIR}/libLLVM*.a)
set(has_archives ON)
foreach(package protobuf leveldb snappy re2 absl_base)
  find_library(FIRN_${package}_ARCHIVE lib${package}.a)
  if(NOT FIRN_${package}_ARCHIVE)
    set(has_archives OFF)
  endif()
endforeach()
if(has_archives)
  get_filename_component(absl_dir ${FIRN_absl_base_ARCHIVE} DIRECTORY)
  file(GLOB FIRN_PACKAGE_ARCHIVES ${absl_dir}/libabsl_*.a)
  foreach(package protobuf leveldb snappy re2)
    list(PREPEND FIRN_PACKAGE_ARCHIVES ${FIRN_${package}_ARCHIVE})
  endforeach()
endif()
if(NOT FIRN_MLIR_ARCHIVES OR NOT FIRN_LLD OR FIRN_SANITIZE)
  set(has_archives OFF)
endif()
option(FIRN_STATIC_LIBRARIES "Link bin/firn with archives of MLIR, LLVM and what else it needs; takes lld" ${has_archives})

# What a room links depends on the program that it ends in: one and the same library never comes in both forms.
set(static "$<BOOL:$<TARGET_PROPERTY:FIRN_LINKS_ARCHIVES>>")
foreach(kind mlir packages)
  add_library(firn_${kind} INTERFACE)
  target_link_libraries(firn_${kind} INTERFACE "$<$<NOT:${static}>:${shared_${kind}}>")
endforeach()

# firn_link_archives(TARGET): of an executable.
function(firn_link_archives target)
  find_library(FIRN_TINFO NAMES tinfo ncurses REQUIRED)
  set_target_properties(${target} PROPERTIES FIRN_LINKS_ARCHIVES ON)
  target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tools/cmake/llvm_extensions.cpp)
  # Addresses that are known when it is linked need not be computed each time it starts.
  target_link_options(${target} PRIVATE -no-pie -static-libstdc++ -static-libgcc -Wl,--gc-sections)
  target_link_libraries(${target} PRIVATE ${FIRN_MLIR_ARCHIVES} ${FIRN_PACKAGE_ARCHIVES} ZLIB::ZLIB ${FIRN_ZSTD} ${FIRN_TINFO} ${CMAKE_DL_LIBS})
endfunction()
