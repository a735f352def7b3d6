# The programs beside a model: its test and its benchmark. Parts of firn_add_model (firnModel.cmake), whose variables they see.

# A program that holds the library to the reference: what the interpreter makes of the frozen graph, on random inputs.
function(_firn_test)
  set(test ${folder}/test)
  file(MAKE_DIRECTORY ${test})
  set(feeds)
  set(files)
  foreach(feed IN LISTS ARG_TEST_FEED)
    list(APPEND feeds --feed ${feed})
    if(feed MATCHES "=@(.+)")
      get_filename_component(file ${CMAKE_MATCH_1} ABSOLUTE)
      list(APPEND files ${file})
    endif()
  endforeach()
  add_custom_command(OUTPUT ${test}/inputs.npz ${test}/outputs.npz
    COMMAND ${step} run ${ARG_MODEL} ${freeze} ${feeds} --random --save-feeds ${test}/inputs.npz --out ${test}/outputs.npz
    DEPENDS ${module} ${files} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} COMMENT "Evaluating model ${name}" VERBATIM)
  add_custom_command(OUTPUT ${test}/${name}_test.c ${test}/data.o
    COMMAND ${step} embed ${module} --name ${identifier} -H ${test}/${name}.h --test ${test}/${name}_test.c
            --test-data ${test}/data.o --inputs ${test}/inputs.npz --outputs ${test}/outputs.npz
    DEPENDS ${module} ${test}/inputs.npz ${test}/outputs.npz ${firn} COMMENT "Writing the test of model ${name}" VERBATIM)
  set_source_files_properties(${test}/data.o PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  _firn_program(${name}_test ${test}/${name}_test.c ${test}/data.o)
  add_test(NAME ${name}_test COMMAND ${name}_test)
endfunction()

function(_firn_benchmark)
  set(benchmark ${folder}/benchmark)
  file(MAKE_DIRECTORY ${benchmark})
  add_custom_command(OUTPUT ${benchmark}/${name}_benchmark.c
    COMMAND ${step} embed ${module} --name ${identifier} -H ${benchmark}/${name}.h
            --benchmark ${benchmark}/${name}_benchmark.c
    DEPENDS ${module} ${firn} COMMENT "Writing the benchmark of model ${name}" VERBATIM)
  _firn_program(${name}_benchmark ${benchmark}/${name}_benchmark.c)
endfunction()

function(_firn_program program)
  add_executable(${program} ${ARGN})
  target_link_libraries(${program} PRIVATE ${name})
  set_target_properties(${program} PROPERTIES EXCLUDE_FROM_ALL ${ARG_EXCLUDE_FROM_ALL})
endfunction()
