// Linked into every program of a sanitizer build (FIRN_SANITIZE).
// Debian's libMLIR is built without the sanitizer and shares bump allocators with firn's code,
// which would mark memory as poisoned that the library hands out: user poisoning is off. A command
// ends without giving its MLIR context back: so are leaks. Memory that lacks is an
// error that firn handles.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0:detect_leaks=0:allocator_may_return_null=1";
}
