// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codecs/vvc/common/md5.h"

namespace feat::vvc {
namespace {

std::string hex(const Md5Digest &digest) {
  std::string out;
  for (const uint8_t byte : digest) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string md5(const std::string &text, size_t step) {
  const std::vector<uint8_t> bytes(text.begin(), text.end());
  Md5 state;
  for (size_t i = 0; i < bytes.size(); i += step) {
    state.update(std::span(bytes).subspan(i, std::min(step, bytes.size() - i)));
  }
  return hex(state.finish());
}

// The test suite of RFC 1321, appendix A.5, in pieces of several sizes.
TEST(Md5, Rfc1321) {
  for (const size_t step : {1, 3, 55, 64, 1000}) {
    EXPECT_EQ(md5("", step), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5("a", step), "0cc175b9c0f1b6a831c399e269772661");
    EXPECT_EQ(md5("abc", step), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(md5("message digest", step), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(md5("abcdefghijklmnopqrstuvwxyz", step), "c3fcd3d76192e4007dfb496cca67e13b");
    EXPECT_EQ(md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", step),
              "d174ab98d277d9f5a5611c2c9f419d9f");
    EXPECT_EQ(md5("1234567890123456789012345678901234567890123456789012345678901234567890123456"
                  "7890",
                  step),
              "57edf4a22be3c955ac49da2e2107b67a");
  }
}

}  // namespace
}  // namespace feat::vvc
