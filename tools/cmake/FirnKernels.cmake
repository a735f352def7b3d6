# The verbs by which runtime/kernels declares kernel families. A family is compiled twice per CPU level: natively, for
# unit tests and benchmarks, and to LLVM bitcode, for the compiler to specialise (runtime/kernels/README.md).
set(FIRN_KERNEL_LEVELS 2 3 4)

# Only clang 19 writes bitcode that LLVM 19 reads and whose loops are known not to spill.
find_program(FIRN_KERNEL_CLANG clang++-19 HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)
find_program(FIRN_LLVM_OPT NAMES opt-19 opt HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)
find_program(FIRN_LLVM_LINK NAMES llvm-link-19 llvm-link HINTS ${LLVM_TOOLS_BINARY_DIR} REQUIRED)

# Freestanding: a module's code has no C library. 512: without it LLVM splits the widest vectors in two and spills.
set(FIRN_KERNEL_FLAGS -O3 -ffreestanding -fno-exceptions -fno-rtti -fno-asynchronous-unwind-tables
    -fno-stack-protector -fno-threadsafe-statics -mprefer-vector-width=512 -fPIC -fvisibility=hidden)

# firn_add_level_objects(NAME SOURCES a.cpp …): the sources compiled natively once per level; sets NAME_OBJECTS.
function(firn_add_level_objects name)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  set(objects)
  foreach(level ${FIRN_KERNEL_LEVELS})
    add_library(${name}_v${level} OBJECT ${ARG_SOURCES})
    target_compile_options(${name}_v${level} PRIVATE ${FIRN_KERNEL_FLAGS} -march=x86-64-v${level})
    target_compile_definitions(${name}_v${level} PRIVATE FIRN_KERNEL_NATIVE)
    list(APPEND objects $<TARGET_OBJECTS:${name}_v${level}>)
  endforeach()
  set(${name}_OBJECTS ${objects} PARENT_SCOPE)
endfunction()

# What is done with kernels of many variants before their shapes are constants: parts are inlined and register tiles
# become registers. The rest waits for the constants: it takes long for all variants and loses what those tell.
set(FIRN_KERNEL_EARLY_PASSES "always-inline,function(sroa,early-cse,simplifycfg,instcombine<no-verify-fixpoint>,\
loop-simplify,lcssa,loop(loop-rotate,loop-unroll-full),sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg),globaldce")

# firn_add_bitcode(VARIABLE LEVEL SOURCE [DEFERRED] flag…): one source to bitcode of one level; appends the file to
# VARIABLE. DEFERRED: only the early passes.
function(firn_add_bitcode variable level source)
  cmake_parse_arguments(ARG "DEFERRED" "" "" ${ARGN})
  string(REPLACE "/" "_" stem ${source})
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${stem}.v${level}.bc)
  set(early)
  if(ARG_DEFERRED)
    list(APPEND ARG_UNPARSED_ARGUMENTS -Xclang -disable-llvm-passes)
    set(early COMMAND ${FIRN_LLVM_OPT} -passes=${FIRN_KERNEL_EARLY_PASSES} ${file} -o ${file})
  endif()
  add_custom_command(OUTPUT ${file}
    COMMAND ${FIRN_KERNEL_CLANG} -std=c++17 -I${CMAKE_SOURCE_DIR} ${FIRN_KERNEL_FLAGS} ${ARG_UNPARSED_ARGUMENTS} -march=x86-64-v${level}
            -emit-llvm -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${file} -MD -MF ${file}.d -MT ${file}
    ${early} DEPENDS ${source} DEPFILE ${file}.d VERBATIM COMMENT "Kernel bitcode ${source}, x86-64-v${level}")
  set(${variable} ${${variable}} ${file} PARENT_SCOPE)
endfunction()

# firn_add_kernel_family(NAME SOURCES NAME/kernels.cpp …): the static library FirnKernels_NAME with the native entries
# of all levels, and a part of the bitcode that firn_add_kernel_bitcode embeds (DEFERRED: see firn_add_bitcode).
function(firn_add_kernel_family name)
  cmake_parse_arguments(ARG "DEFERRED" "" "SOURCES" ${ARGN})
  set(deferred)
  if(ARG_DEFERRED)
    set(deferred DEFERRED)
  endif()
  firn_add_level_objects(FirnKernels_${name} SOURCES ${ARG_SOURCES})
  add_library(FirnKernels_${name} STATIC ${FirnKernels_${name}_OBJECTS})
  set_target_properties(FirnKernels_${name} PROPERTIES LINKER_LANGUAGE CXX)
  foreach(level ${FIRN_KERNEL_LEVELS})
    set(files)
    foreach(source ${ARG_SOURCES})
      firn_add_bitcode(files ${level} ${source} ${deferred})
    endforeach()
    set_property(DIRECTORY APPEND PROPERTY FIRN_BITCODE_v${level} ${files})
  endforeach()
endfunction()

# firn_add_kernel_bitcode(NAME SUPPORT source): the library that embeds the bitcode of all families declared before it
# in this folder, one file per level, and beside it that of SUPPORT.
function(firn_add_kernel_bitcode name)
  cmake_parse_arguments(ARG "" "SUPPORT" "" ${ARGN})
  set(embedded)
  foreach(level ${FIRN_KERNEL_LEVELS})
    get_property(files DIRECTORY PROPERTY FIRN_BITCODE_v${level})
    set(linked ${CMAKE_CURRENT_BINARY_DIR}/kernels_v${level}.bc)
    add_custom_command(OUTPUT ${linked} COMMAND ${FIRN_LLVM_LINK} ${files} -o ${linked} DEPENDS ${files} VERBATIM)
    set(support)
    firn_add_bitcode(support ${level} ${ARG_SUPPORT} -fno-builtin)
    set(copied ${CMAKE_CURRENT_BINARY_DIR}/support_v${level}.bc)
    add_custom_command(OUTPUT ${copied} COMMAND ${FIRN_LLVM_LINK} ${support} -o ${copied} DEPENDS ${support} VERBATIM)
    list(APPEND embedded ${linked} ${copied})
  endforeach()
  set_source_files_properties(kernel_bitcode.cpp PROPERTIES OBJECT_DEPENDS "${embedded}"
    COMPILE_DEFINITIONS FIRN_BITCODE_FOLDER="${CMAKE_CURRENT_BINARY_DIR}")
  add_library(${name} STATIC kernel_bitcode.cpp)
endfunction()
