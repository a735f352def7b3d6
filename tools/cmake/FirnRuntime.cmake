# How everything of the runtime is compiled: small, without exceptions and type information.

# firn_runtime_options(TARGET): of a target with runtime sources.
function(firn_runtime_options target)
  target_compile_options(${target} PRIVATE
    -Os -fno-exceptions -fno-rtti -fno-threadsafe-statics -ffunction-sections -fdata-sections)
  if(NOT FIRN_SANITIZE)
    target_compile_options(${target} PRIVATE -fvisibility=hidden -fvisibility-inlines-hidden)
  endif()
  add_dependencies(${target} firn_schema)
endfunction()
