// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The decoder on streams of the reference software, whole, damaged and out of order.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "codecs/vvc/common/md5.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes read_file(const std::string &name) {
  std::ifstream in(std::string(VVC_TEST_DATA) + "/" + name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Vector {
  std::string file;
  int width, height, bit_depth, pictures;
  std::string md5;
};

std::vector<Vector> manifest() {
  std::ifstream in(std::string(VVC_TEST_DATA) + "/manifest.txt");
  std::vector<Vector> all;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    Vector v;
    std::istringstream(line) >> v.file >> v.width >> v.height >> v.bit_depth >> v.pictures >> v.md5;
    all.push_back(v);
  }
  return all;
}

std::vector<Bytes> access_units(std::span<const uint8_t> stream) {
  std::vector<Bytes> units;
  while (!stream.empty()) {
    AccessUnitFinder finder;
    const size_t length = finder.find(stream, true);
    units.emplace_back(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(length));
    stream = stream.subspan(length);
  }
  return units;
}

std::string hex(const Md5Digest &digest) {
  std::string out;
  for (const uint8_t byte : digest) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

TEST(Decoder, AgreesWithTheReferenceDecoder) {
  const std::vector<Vector> vectors = manifest();
  ASSERT_GE(vectors.size(), 10U);
  for (const Vector &v : vectors) {
    SCOPED_TRACE(v.file);
    const auto decoder = Decoder::create({});
    Md5 md5;
    int pictures = 0;
    for (const Bytes &unit : access_units(read_file(v.file))) {
      Picture picture;
      const Status status = decoder->decode(unit, picture);
      ASSERT_TRUE(status.ok()) << status.message;
      EXPECT_EQ(picture.width, v.width);
      EXPECT_EQ(picture.height, v.height);
      EXPECT_EQ(picture.bit_depth, v.bit_depth);
      EXPECT_TRUE(picture.md5_present);
      Bytes bytes;
      for (const uint16_t s : picture.samples) {
        bytes.push_back(static_cast<uint8_t>(s));
        bytes.push_back(static_cast<uint8_t>(s >> 8));
      }
      md5.update(bytes);
      pictures++;
    }
    EXPECT_EQ(pictures, v.pictures);
    EXPECT_EQ(hex(md5.finish()), v.md5);
  }
}

struct Outcome {
  Status status;
  Picture picture;
};

std::vector<Outcome> decode_with_threads(const std::vector<Bytes> &units, int threads) {
  DecoderConfig config;
  config.threads = threads;
  const auto decoder = Decoder::create(config);
  std::vector<Outcome> outcomes;
  const auto receive = [&] {
    Outcome &o = outcomes.emplace_back();
    o.status = decoder->receive(o.picture);
  };
  for (const Bytes &unit : units) {
    decoder->submit(unit);
    if (decoder->pending() >= threads) receive();
  }
  while (decoder->pending() > 0) receive();
  return outcomes;
}

void expect_same(const std::vector<Outcome> &a, const std::vector<Outcome> &b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); i++) {
    EXPECT_EQ(a[i].status.code, b[i].status.code);
    EXPECT_EQ(a[i].status.message, b[i].status.message);
    EXPECT_EQ(a[i].picture.samples, b[i].picture.samples);
  }
}

TEST(Decoder, ThreadsMakeNoDifference) {
  // All streams one after the other: many pictures of many sizes in flight.
  std::vector<Bytes> units;
  for (const Vector &v : manifest()) {
    for (Bytes &unit : access_units(read_file(v.file))) units.push_back(std::move(unit));
  }
  const std::vector<Outcome> one = decode_with_threads(units, 1);
  for (const Outcome &o : one) EXPECT_TRUE(o.status.ok()) << o.status.message;
  for (const int threads : {2, 5}) {
    SCOPED_TRACE(threads);
    expect_same(one, decode_with_threads(units, threads));
  }
}

TEST(Decoder, ThreadsGiveTheSameErrors) {
  for (const char *file : {"tiles_wpp.266", "slices_qp.266", "slices_raster.266", "wpp.266"}) {
    SCOPED_TRACE(file);
    const Bytes stream = read_file(file);
    std::vector<Bytes> units;
    for (size_t at = stream.size() / 3; at < stream.size(); at += 23) {
      units.push_back(stream);
      units.back()[at] ^= 0x55;
    }
    expect_same(decode_with_threads(units, 1), decode_with_threads(units, 4));
  }
}

TEST(Decoder, PendingUnits) {
  const std::vector<Bytes> units = access_units(read_file("frames3.266"));
  for (const int threads : {1, 3}) {
    DecoderConfig config;
    config.threads = threads;
    const auto decoder = Decoder::create(config);
    Picture picture;
    EXPECT_EQ(decoder->receive(picture).code, Status::Code::kInvalidArgument);
    EXPECT_FALSE(decoder->ready());
    for (const Bytes &unit : units) decoder->submit(unit);
    EXPECT_EQ(decoder->pending(), 3);
    EXPECT_EQ(decoder->decode(units[0], picture).code, Status::Code::kInvalidArgument);
    ASSERT_TRUE(decoder->receive(picture).ok());
    EXPECT_EQ(decoder->pending(), 2);
    decoder->reset();
    EXPECT_EQ(decoder->pending(), 0);
    ASSERT_TRUE(decoder->decode(units[0], picture).ok());
    decoder->submit(units[1]);  // and is destroyed with a unit pending
  }
}

TEST(Decoder, HashIsIgnoredOnRequest) {
  Bytes stream = read_file("mtt.266");
  stream[stream.size() - 4] ^= 1;
  DecoderConfig config;
  config.check_md5 = false;
  Picture picture;
  EXPECT_TRUE(Decoder::create(config)->decode(stream, picture).ok());
  EXPECT_FALSE(picture.md5_present);
}

// The NAL units of a stream, start codes included.
std::vector<Bytes> nal_units(const Bytes &stream) {
  std::vector<Bytes> units;
  for (size_t i = 0; i < stream.size(); i++) {
    if (i + 3 <= stream.size() && stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
      units.emplace_back();
    }
    if (!units.empty()) units.back().push_back(stream[i]);
  }
  return units;
}

bool is_slice(const Bytes &nal) {
  return nal.size() > 4 && (nal[4] >> 3) <= 9;
}

TEST(Decoder, EverySliceIsNeededOnce) {
  const Bytes stream = read_file("slices_qp.266");
  const std::vector<Bytes> nals = nal_units(stream);
  Picture right;
  ASSERT_TRUE(Decoder::create({})->decode(stream, right).ok());
  int slices = 0;
  for (size_t i = 0; i < nals.size(); i++) {
    if (!is_slice(nals[i])) continue;
    slices++;
    Bytes lacking;
    Bytes doubled;
    for (size_t k = 0; k < nals.size(); k++) {
      for (int copies = k == i ? 2 : 1; copies > 0; copies--) {
        doubled.insert(doubled.end(), nals[k].begin(), nals[k].end());
      }
      if (k != i) lacking.insert(lacking.end(), nals[k].begin(), nals[k].end());
    }
    Picture picture;
    Status status = Decoder::create({})->decode(lacking, picture);
    EXPECT_EQ(status.code, Status::Code::kCorrupt);
    EXPECT_NE(status.message.find("lacks slices"), std::string::npos) << status.message;
    status = Decoder::create({})->decode(doubled, picture);
    EXPECT_EQ(status.code, Status::Code::kCorrupt);
    EXPECT_NE(status.message.find("overlap"), std::string::npos) << status.message;
  }
  EXPECT_EQ(slices, 4);
}

// Slices may come in any order, fillers between them, other layers around them.
TEST(Decoder, NalUnitsOfNoInterest) {
  Bytes stream;
  const Bytes delimiter = {0, 0, 1, 0, 20 << 3 | 1, 0x10};
  const Bytes filler = {0, 0, 1, 0, 25 << 3 | 1, 0xff, 0xff, 0x80};
  const Bytes other_layer = {0, 0, 1, 5, 8 << 3 | 1, 0x12, 0x34, 0x80};
  const auto append = [&stream](const Bytes &b) {
    stream.insert(stream.end(), b.begin(), b.end());
  };
  append(delimiter);
  for (const Bytes &nal : nal_units(read_file("slices_rect.266"))) {
    append(nal);
    if (is_slice(nal)) append(Bytes{0, 0, 3, 0, 0, 3});  // cabac_zero_words
    append(filler);
    append(other_layer);
  }
  Picture expected, picture;
  ASSERT_TRUE(Decoder::create({})->decode(read_file("slices_rect.266"), expected).ok());
  const Status status = Decoder::create({})->decode(stream, picture);
  ASSERT_TRUE(status.ok()) << status.message;
  EXPECT_EQ(picture.samples, expected.samples);
}

TEST(Decoder, PeeksAtTheFormat) {
  for (const Vector &v : manifest()) {
    StreamInfo info;
    ASSERT_TRUE(peek_stream_info(read_file(v.file), info));
    EXPECT_EQ(info.width, v.width);
    EXPECT_EQ(info.height, v.height);
    EXPECT_EQ(info.bit_depth, v.bit_depth);
  }
  StreamInfo info;
  EXPECT_FALSE(peek_stream_info({}, info));
  const Bytes no_sps = {0, 0, 1, 0, 0x81, 1, 2, 3};
  EXPECT_FALSE(peek_stream_info(no_sps, info));
}

// A cut or a changed bit gives an error, or the right picture where it hit nothing that matters.
void expect_error_or_right(const Bytes &damaged, const Picture &right, bool keep_size) {
  const auto decoder = Decoder::create({});
  Picture picture;
  const Status status = decoder->decode(damaged, picture);
  if (!status.ok()) {
    EXPECT_FALSE(status.message.empty());
    EXPECT_TRUE(picture.samples.empty());
    return;
  }
  if (keep_size || (picture.width == right.width && picture.height == right.height)) {
    EXPECT_EQ(picture.samples, right.samples);
  }
}

TEST(Decoder, CutAtEveryByte) {
  for (const char *file : {"qt_noise_q0.266", "ts_screen_dq.266", "mtt.266"}) {
    const Bytes stream = read_file(file);
    Picture right;
    ASSERT_TRUE(Decoder::create({})->decode(stream, right).ok());
    for (size_t n = 0; n < stream.size(); n++) {
      SCOPED_TRACE(n);
      expect_error_or_right(Bytes(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(n)),
                            right, true);
    }
  }
}

TEST(Decoder, FlippedAtEveryBit) {
  for (const char *file : {"qt_noise_q0.266", "ts_screen_dq.266", "mtt.266", "cu_qp_delta.266",
                           "tiles_closed.266", "subpics.266"}) {
    const Bytes stream = read_file(file);
    Picture right;
    ASSERT_TRUE(Decoder::create({})->decode(stream, right).ok());
    for (size_t bit = 0; bit < 8 * stream.size(); bit++) {
      SCOPED_TRACE(bit);
      Bytes damaged = stream;
      damaged[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
      // The conformance window is not part of the hash: a flip there changes the size.
      expect_error_or_right(damaged, right, false);
    }
  }
}

TEST(Decoder, EmptyAndMeaninglessInput) {
  const auto decoder = Decoder::create({});
  Picture picture;
  EXPECT_EQ(decoder->decode({}, picture).code, Status::Code::kCorrupt);
  EXPECT_EQ(decoder->decode(Bytes(1000, 0), picture).code, Status::Code::kCorrupt);
  EXPECT_EQ(decoder->decode(Bytes(1000, 0xff), picture).code, Status::Code::kCorrupt);
  Bytes start_codes;
  for (int i = 0; i < 300; i++) start_codes.insert(start_codes.end(), {0, 0, 1});
  EXPECT_EQ(decoder->decode(start_codes, picture).code, Status::Code::kCorrupt);
}

// Parameter sets of one unit serve the next ones, until a reset.
TEST(Decoder, ParameterSetsPersist) {
  const std::vector<Bytes> units = access_units(read_file("frames3.266"));
  ASSERT_EQ(units.size(), 3U);
  // The slice begins at its start code; NAL types 7 to 9 in the upper bits of the second byte.
  const auto slice_of = [](const Bytes &unit) {
    for (size_t i = 0; i + 4 < unit.size(); i++) {
      if (unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1 && (unit[i + 4] >> 3) <= 9) {
        return Bytes(unit.begin() + static_cast<ptrdiff_t>(i), unit.end());
      }
    }
    return Bytes();
  };
  const auto whole = Decoder::create({});
  const auto bare = Decoder::create({});
  Picture expected, picture;
  for (size_t i = 0; i < 3; i++) {
    ASSERT_TRUE(whole->decode(units[i], expected).ok());
    const Status status = bare->decode(i == 0 ? units[i] : slice_of(units[i]), picture);
    ASSERT_TRUE(status.ok()) << status.message;
    EXPECT_EQ(picture.samples, expected.samples);
  }
  bare->reset();
  const Status status = bare->decode(slice_of(units[1]), picture);
  EXPECT_EQ(status.code, Status::Code::kCorrupt);
  EXPECT_NE(status.message.find("missing"), std::string::npos) << status.message;
}

TEST(Decoder, OneUnitAtATime) {
  const Bytes stream = read_file("frames3.266");
  Picture picture;
  EXPECT_EQ(Decoder::create({})->decode(stream, picture).code, Status::Code::kCorrupt);
}

TEST(Decoder, LimitsAreChecked) {
  const Bytes stream = read_file("mtt.266");
  Picture picture;
  DecoderConfig config;
  config.max_points = 72 * 56 - 1;
  const Status status = Decoder::create(config)->decode(stream, picture);
  EXPECT_EQ(status.code, Status::Code::kLimit);
  EXPECT_NE(status.message.find("4031"), std::string::npos) << status.message;
  config.max_points = 72 * 56;
  EXPECT_TRUE(Decoder::create(config)->decode(stream, picture).ok());
}

TEST(Decoder, NamesWhatItLacks) {
  const std::pair<const char *, const char *> cases[] = {{"chroma420.266", "4:2:0"},
                                                         {"ibc.266", "intra block copy"}};
  for (const auto &[file, name] : cases) {
    Picture picture;
    const Status status = Decoder::create({})->decode(read_file(file), picture);
    EXPECT_EQ(status.code, Status::Code::kUnsupported) << file;
    EXPECT_NE(status.message.find(name), std::string::npos) << status.message;
  }
  // The first picture of this one is intra.
  const std::vector<Bytes> units = access_units(read_file("inter.266"));
  ASSERT_EQ(units.size(), 2U);
  const auto decoder = Decoder::create({});
  Picture picture;
  EXPECT_TRUE(decoder->decode(units[0], picture).ok());
  const Status status = decoder->decode(units[1], picture);
  EXPECT_EQ(status.code, Status::Code::kUnsupported);
  EXPECT_NE(status.message.find("inter prediction"), std::string::npos) << status.message;
}

TEST(Decoder, WrongHashIsAnError) {
  Bytes stream = read_file("mtt.266");
  stream[stream.size() - 4] ^= 1;  // within the hash, which stands last
  Picture picture;
  EXPECT_EQ(Decoder::create({})->decode(stream, picture).code, Status::Code::kChecksum);
}

}  // namespace
}  // namespace feat::vvc
