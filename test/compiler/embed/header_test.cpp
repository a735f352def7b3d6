// The text of headers; that they compile is seen by programs.py.
#include "compiler/embed/header.h"

#include "support.h"

namespace firn {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string headerOf(const runtime::TestProgram &program, bool exported = false) {
  const OpenModule module(program);
  return headerText(interfaceOf(module.get(), "m"), {"m.firn", "firn 1", exported});
}

TEST(Header, DynamicDimsAreParameters) {
  const std::string text = headerOf(programOf({{"x:0", FIRN_FLOAT, {-1, 8, -1}}}, {}));
  EXPECT_THAT(text, HasSubstr("#define M_X_DIMS {-1, 8, -1}"));
  EXPECT_THAT(text, Not(HasSubstr("M_X_ELEMENTS")));
  EXPECT_THAT(text,
              HasSubstr("m_set_x(m_model *model, const float *data, int64_t dim0, int64_t dim2"));
  EXPECT_THAT(text, HasSubstr("M_AS(size_t, dim0) * M_AS(size_t, dim2) * 32"));
  EXPECT_THAT(text, HasSubstr("kXDims = {-1, 8, -1};"));
  // Which of two dims is how large does not follow from the number of values.
  EXPECT_THAT(text, Not(HasSubstr("SetX(firn::Span<const float> values) ")));
}

TEST(Header, OneDynamicDimFollowsFromTheNumberOfValues) {
  const std::string text = headerOf(programOf({{"x:0", FIRN_FLOAT, {-1, 8}}}, {}));
  EXPECT_THAT(text, HasSubstr("SetX(firn::Span<const float> values) "));
  EXPECT_THAT(text, HasSubstr("values.size() / 8"));
}

TEST(Header, StaticDimsAreConstants) {
  const std::string text =
      headerOf(programOf({{"x:0", FIRN_HALF, {2, 8}}, {"s:0", FIRN_BOOL, {}}}, {}));
  EXPECT_THAT(text, HasSubstr("#define M_X_ELEMENTS 16"));
  EXPECT_THAT(text, HasSubstr("FIRN_HALF, data, 32, status)"));
  EXPECT_THAT(text, HasSubstr("firn::Span<const firn::Half> values"));
  EXPECT_THAT(text, HasSubstr("#define M_S_RANK 0\n#define M_S_ELEMENTS 1"));
  EXPECT_THAT(text, HasSubstr("m_set_s(m_model *model, const bool *data, firn_status *status)"));
}

TEST(Header, TensorNamesAreQuoted) {
  const std::string text = headerOf(programOf({{"a\"b*/\n", FIRN_FLOAT, {1}}}, {}));
  EXPECT_THAT(text, HasSubstr("\"a\\\"b*/\\n\""));
  EXPECT_THAT(text, HasSubstr("/* a\\\"b* /\\n  float [1] */"));
}

TEST(Header, TheModelIsHiddenUnlessItIsExported) {
  const runtime::TestProgram program = programOf({{"x:0", FIRN_FLOAT, {1}}}, {});
  EXPECT_THAT(headerOf(program), HasSubstr("hidden\"))) const firn_static_module firn_model_m;"));
  EXPECT_THAT(headerOf(program, true),
              HasSubstr("extern FIRN_API const firn_static_module firn_model_m;"));
}

TEST(Header, RefusesOtherRuntimes) {
  const std::string text = headerOf(programOf({{"x:0", FIRN_FLOAT, {1}}}, {}));
  EXPECT_THAT(text, HasSubstr("#if FIRN_STATIC_MAJOR != 1 || FIRN_STATIC_MINOR < 0\n#error"));
  EXPECT_THAT(text, HasSubstr("_Static_assert(sizeof(firn_static_module) >= 72"));
}

} // namespace
} // namespace firn
