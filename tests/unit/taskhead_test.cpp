// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of the plugin taskhead that need no model: pictures, files of truth.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "ext/taskhead/picture.h"
#include "ext/taskhead/truth.h"

namespace feat {
namespace {

TEST(Colours, OfLabelsAreThoseOfPascalVoc) {
  EXPECT_EQ(label_colour(0), (Colour{0, 0, 0}));
  EXPECT_EQ(label_colour(1), (Colour{128, 0, 0}));
  EXPECT_EQ(label_colour(2), (Colour{0, 128, 0}));
  EXPECT_EQ(label_colour(4), (Colour{0, 0, 128}));
  EXPECT_EQ(label_colour(8), (Colour{64, 0, 0}));
  EXPECT_EQ(label_colour(15), (Colour{192, 128, 128}));
  EXPECT_EQ(label_colour(20), (Colour{0, 64, 128}));
  EXPECT_EQ(label_colour(255), (Colour{224, 224, 192}));
  std::set<Colour> colours;
  for (size_t label = 0; label < 256; ++label) colours.insert(label_colour(label));
  EXPECT_EQ(colours.size(), 256U);
  label_colour(std::numeric_limits<size_t>::max());  // and it ends
}

TEST(Colours, OfDepthGoFromWhiteToBlack) {
  EXPECT_EQ(depth_colour(0, 1, 4), (Colour{255, 255, 255}));
  EXPECT_EQ(depth_colour(1, 1, 4), (Colour{255, 255, 255}));
  EXPECT_EQ(depth_colour(2, 1, 4), (Colour{255, 255, 0}));
  EXPECT_EQ(depth_colour(3, 1, 4), (Colour{255, 0, 0}));
  EXPECT_EQ(depth_colour(3.5F, 1, 4), (Colour{128, 0, 0}));
  EXPECT_EQ(depth_colour(4, 1, 4), (Colour{0, 0, 0}));
  EXPECT_EQ(depth_colour(100, 1, 4), (Colour{0, 0, 0}));
}

TEST(Pictures, GoToPlanesAndBack) {
  std::vector<uint8_t> pixels(2 * 16, 7);  // two rows of three pixels, seven bytes between them
  for (size_t y = 0; y < 2; ++y)
    for (size_t i = 0; i < 9; ++i) pixels[y * 16 + i] = static_cast<uint8_t>(y * 100 + i * 17);
  const Picture picture{pixels.data(), 16, 3, 2};
  std::vector<float> planes;
  planes_of(picture, planes);
  ASSERT_EQ(planes.size(), 18U);
  EXPECT_EQ(planes[0], 0.0F);                 // red, (0, 0)
  EXPECT_EQ(planes[2 * 6 + 0], 34.0F / 255);  // blue
  EXPECT_EQ(planes[1 * 6 + 5], (100 + 7 * 17) / 255.0F);
  std::vector<uint8_t> back(2 * 16, 7);
  paint_planes(planes, {back.data(), 16, 3, 2});
  EXPECT_EQ(back, pixels);
}

TEST(Labels, AreTheFirstOfTheLargest) {
  std::vector<int32_t> labels;
  labels_of(std::vector<float>{1, 5, -2, 1, 6, -3, 0, 6, -1}, 3, labels);
  EXPECT_EQ(labels, (std::vector<int32_t>{0, 1, 2}));
}

TEST(Patterns, NameFiles) {
  std::string name;
  EXPECT_TRUE(expand_pattern("a/%d.npy", 12, name));
  EXPECT_EQ(name, "a/12.npy");
  EXPECT_TRUE(expand_pattern("a/%05d.npy", 12, name));
  EXPECT_EQ(name, "a/00012.npy");
  EXPECT_TRUE(expand_pattern("a/%3d.npy", 12, name));
  EXPECT_EQ(name, "a/ 12.npy");
  EXPECT_TRUE(expand_pattern("%01d", 1234, name));
  EXPECT_EQ(name, "1234");
  for (const char *pattern : {"", "a", "%", "%s", "%05", "%d%d", "%d%s", "%-3d", "%999d", "%%d"})
    EXPECT_FALSE(expand_pattern(pattern, 1, name)) << pattern;
}

// An .npy file that is removed at the end.
class File {
 public:
  File(const std::string &descr, const std::string &shape, const std::string &data)
      : path_(::testing::TempDir() + "taskhead_test.npy") {
    const std::string header =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    std::ofstream file(path_, std::ios::binary);
    file << std::string("\x93NUMPY\x01\x00", 8) << static_cast<char>(header.size()) << '\0'
         << header << data;
  }
  ~File() { std::filesystem::remove(path_); }
  const std::string &path() const { return path_; }

 private:
  std::string path_;
};

std::vector<int32_t> integers(const std::string &descr, const std::string &data) {
  const File file(descr, "(2,)", data);
  std::string error;
  const auto array = NpyArray::open(file.path(), error);
  EXPECT_TRUE(array) << error;
  std::vector<int32_t> values;
  if (array) array->read(0, 2, values);
  return values;
}

TEST(NpyArray, HasAllIntegers) {
  using Values = std::vector<int32_t>;
  EXPECT_EQ(integers("|u1", std::string("\x05\xff", 2)), (Values{5, 255}));
  EXPECT_EQ(integers("|i1", std::string("\x05\xff", 2)), (Values{5, -1}));
  EXPECT_EQ(integers("|b1", std::string("\x01\x00", 2)), (Values{1, 0}));
  EXPECT_EQ(integers("<i2", std::string("\x01\x02\xff\xff", 4)), (Values{513, -1}));
  EXPECT_EQ(integers(">i2", std::string("\x01\x02\xff\xff", 4)), (Values{258, -1}));
  EXPECT_EQ(integers("<i8", std::string("\x07\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff", 16)),
            (Values{7, -2}));
  // 2^40 is more than an int32_t holds.
  EXPECT_EQ(integers("<u8", std::string("\0\0\0\0\0\x01\0\0\x02\0\0\0\0\0\0\0", 16)),
            (Values{std::numeric_limits<int32_t>::max(), 2}));
}

TEST(NpyArray, HasRealNumbersOfBothOrders) {
  const auto floats = [](const char *descr, const std::string &data) {
    const File file(descr, "(1,)", data);
    std::string error;
    const auto array = NpyArray::open(file.path(), error);
    std::vector<float> values;
    if (array) array->read(0, 1, values);
    return values.empty() ? -1.0F : values[0];
  };
  EXPECT_EQ(floats("<f2", std::string("\x00\x3e", 2)), 1.5F);
  EXPECT_EQ(floats(">f4", std::string("\x3f\xc0\0\0", 4)), 1.5F);
  EXPECT_EQ(floats("<f8", std::string("\0\0\0\0\0\0\xf8\x3f", 8)), 1.5F);
}

TEST(Truth, IsThereOrNot) {
  const File file("|u1", "(2, 3)", "abcdef");
  std::string error;
  const auto truth = Truth::open(file.path(), error);
  ASSERT_TRUE(truth) << error;
  std::vector<int32_t> values;
  std::vector<uint64_t> shape;
  EXPECT_EQ(truth->get(1, values, shape, error), Truth::Found::kYes);
  EXPECT_EQ(values, (std::vector<int32_t>{'d', 'e', 'f'}));
  EXPECT_EQ(shape, (std::vector<uint64_t>{3}));
  EXPECT_EQ(truth->get(2, values, shape, error), Truth::Found::kMissing);
  EXPECT_EQ(error, file.path() + " has 2 samples");
}

TEST(Truth, SaysWhatIsWrongWithAFile) {
  std::string error;
  const auto expect = [&](const File &file, const std::string &part) {
    EXPECT_FALSE(Truth::open(file.path(), error));
    EXPECT_NE(error.find(part), std::string::npos) << error;
  };
  expect(File("|u1", "(2, 3)", "abcde"), "bytes of");
  expect(File("|u1", "()", "a"), "a single number");
  expect(File("|O", "(1,)", "12345678"), "Python objects");
  expect(File("|u1", "(9999999, 9999999)", ""), "points");
  EXPECT_FALSE(Truth::open("/nonexistent.npy", error));
  EXPECT_NE(error.find("/nonexistent.npy"), std::string::npos);
  EXPECT_FALSE(Truth::open("/nonexistent%s.npy", error));
}

}  // namespace
}  // namespace feat
