// What the hashes give for texts of every way of reading them; the numbers are those by which
// tf.strings.to_hash_bucket_* chose buckets.
#include "compiler/reference/Hash.h"

#include "gtest/gtest.h"

namespace firn::reference {
namespace {

constexpr uint64_t kBuckets = 1000000007;

TEST(Hash, Buckets) {
  std::string digits;
  for (int i = 0; i < 13; ++i)
    digits += "0123456789";
  struct Row {
    size_t size;
    uint64_t farm, murmur, sip;
  };
  const Row rows[] = {
      {0, 912170738, 727638525, 436933189},  {3, 550992617, 818583609, 552328265},
      {7, 937221712, 919585434, 463799765},  {16, 742862316, 710753006, 550185111},
      {31, 539502836, 389815523, 344147718}, {64, 324027420, 672996069, 721097504},
      {65, 480655515, 19489031, 338321933},  {130, 479056410, 749620028, 123532362},
  };
  for (const Row &row : rows) {
    std::string text = digits.substr(0, row.size);
    EXPECT_EQ(farmFingerprint(text) % kBuckets, row.farm) << row.size;
    EXPECT_EQ(murmurHash(text) % kBuckets, row.murmur) << row.size;
    EXPECT_EQ(sipHash(1, 2, text) % kBuckets, row.sip) << row.size;
  }
}

} // namespace
} // namespace firn::reference
