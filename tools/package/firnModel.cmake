# firn_add_model: a model becomes a library of the project that calls it.
#
#   firn_add_model(NAME MODEL path
#     [CHECKPOINT prefix…] [OUTPUTS tensor…] [INPUTS tensor…] [BIND name=value…] [BATCH n|-1] [INPUT_SHAPES x=-1,8,8…]
#     [SIGNATURE key] [TAGS tag…] [MODE inference|as-is] [OPTIMIZE 0|1|2] [FLAGS flag…]       what is frozen
#     [LEVELS v2 v3 v4 | NATIVE] [PRECISION f32]                                              what it is compiled for
#     [SHARED] [TEST] [TEST_FEED x=value…] [BENCHMARK] [EXCLUDE_FROM_ALL] [DEPENDS file-or-target…])
#
# The library NAME (static, or SHARED) has code, weights and the header NAME.h; whoever links it links firn::runtime as
# well. TEST adds the program NAME_test and a test of this name: the library's numbers against those of firn's reference
# interpreter, on inputs that TEST_FEED gives as `firn run --feed` takes them (x=@x.npy, x=random[8,64]) and on random
# ones. BENCHMARK adds the program NAME_benchmark. Paths are relative to the current source folder. FLAGS are further
# flags of `firn freeze`, as they are. DEPENDS: what makes MODEL or CHECKPOINT, where this project makes them; of what is
# there already the build finds out by itself.
include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.21)
include("${CMAKE_CURRENT_LIST_DIR}/firnModelArguments.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/firnModelPrograms.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/firnModelText.cmake")

function(firn_add_model name)
  set(options NATIVE SHARED TEST BENCHMARK EXCLUDE_FROM_ALL)
  set(values MODEL BATCH SIGNATURE MODE OPTIMIZE PRECISION)
  set(lists CHECKPOINT OUTPUTS INPUTS BIND INPUT_SHAPES TAGS FLAGS LEVELS TEST_FEED DEPENDS)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "${options}" "${values}" "${lists}")
  _firn_check_arguments(${name})
  _firn_where(${name} where)
  _firn_freeze_flags(freeze)
  string(MAKE_C_IDENTIFIER ${name} identifier)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/firn/${name})
  file(MAKE_DIRECTORY ${folder})
  set(module ${folder}/${name}.firn)
  set(firn $<TARGET_FILE:firn::firn>)
  set(step sh ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/firn_step.sh ${where} ${name} ${firn})
  _firn_compile()
  _firn_library()
  if(ARG_TEST)
    _firn_test()
  endif()
  if(ARG_BENCHMARK)
    _firn_benchmark()
  endif()
endfunction()

# The functions below are the parts of firn_add_model and see its variables.

# The module, made again whenever a file that it is made from, or the compiler, has changed.
function(_firn_compile)
  set(levels)
  if(ARG_NATIVE)
    set(levels --levels native)
  elseif(ARG_LEVELS)
    list(JOIN ARG_LEVELS "," levels)
    set(levels --levels ${levels})
  endif()
  add_custom_command(OUTPUT ${module}
    COMMAND ${step} compile ${ARG_MODEL} ${freeze} ${levels} -o ${module} --depfile ${module}.d
    DEPENDS ${firn} ${ARG_DEPENDS} DEPFILE ${module}.d
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} COMMENT "Compiling model ${name}" VERBATIM)
endfunction()

# The module as an object with its header, and the library that is made of them.
function(_firn_library)
  set(object ${folder}/${name}.o)
  set(header ${folder}/${name}.h)
  set(kind STATIC)
  set(visible)
  if(ARG_SHARED)
    set(kind SHARED)
    set(visible --export)
  endif()
  add_custom_command(OUTPUT ${object} ${header}
    COMMAND ${step} embed ${module} --name ${identifier} -o ${object} -H ${header} ${visible}
    DEPENDS ${module} ${firn} COMMENT "Embedding model ${name}" VERBATIM)
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  add_library(${name} ${kind} ${object} ${header})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE ${language} EXCLUDE_FROM_ALL ${ARG_EXCLUDE_FROM_ALL})
  target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${folder}>)
  target_link_libraries(${name} INTERFACE firn::runtime)
endfunction()

cmake_policy(POP)
