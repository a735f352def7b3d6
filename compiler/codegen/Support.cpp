#include "compiler/codegen/Support.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/Support/SourceMgr.h"

namespace firn::codegen {
namespace {

// The string instructions copy at the memory's speed and need no loop that LLVM could take for the
// very function. Backward copies end with the direction flag clear, as the ABI wants.
constexpr llvm::StringLiteral source = R"(
define hidden ptr @memcpy(ptr %to, ptr %from, i64 %size) {
  %r = call { i64, ptr, ptr } asm sideeffect "rep movsb",
      "={cx},={di},={si},0,1,2,~{memory},~{dirflag},~{fpsr},~{flags}"(i64 %size, ptr %to, ptr %from)
  ret ptr %to
}
define hidden ptr @memset(ptr %to, i32 %byte, i64 %size) {
  %value = trunc i32 %byte to i8
  %r = call { i64, ptr } asm sideeffect "rep stosb",
      "={cx},={di},{ax},0,1,~{memory},~{dirflag},~{fpsr},~{flags}"(i8 %value, i64 %size, ptr %to)
  ret ptr %to
}
define hidden ptr @memmove(ptr %to, ptr %from, i64 %size) {
  %t = ptrtoint ptr %to to i64
  %f = ptrtoint ptr %from to i64
  %distance = sub i64 %t, %f
  %forward = icmp uge i64 %distance, %size
  br i1 %forward, label %up, label %down
up:
  %r = call ptr @memcpy(ptr %to, ptr %from, i64 %size)
  ret ptr %to
down:
  %last = sub i64 %size, 1
  %toLast = getelementptr i8, ptr %to, i64 %last
  %fromLast = getelementptr i8, ptr %from, i64 %last
  %s = call { i64, ptr, ptr } asm sideeffect "std; rep movsb; cld",
      "={cx},={di},={si},0,1,2,~{memory},~{dirflag},~{fpsr},~{flags}"(i64 %size, ptr %toLast, ptr %fromLast)
  ret ptr %to
}
)";

} // namespace

std::unique_ptr<llvm::Module> createSupport(llvm::LLVMContext &context) {
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(source, diagnostic, context);
  assert(module && "the support functions do not parse");
  return module;
}

} // namespace firn::codegen
