// SPDX-License-Identifier: LGPL-2.1-or-later
// Units of the Hyperprior codec, as they come and with frame, model and checksum made right, so
// that whatever stands in header and payload is decoded. Threads must make no difference.
//
// The first byte says what the rest is: 0, a stream of bytes; 1, what stands in a unit behind its
// checksum; 2, the same with the id of the model in its place.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "codecs/hyperprior/entropy_model.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "tests/hyperprior/plain_transforms.h"
#include "tests/hyperprior/tiny_model.h"

using namespace feat::hyperprior;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kMaxPoints = 4096;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const Status &status) {
  require(status.ok() == status.message.empty());
}

// The codec with a model.
struct Codec {
  Codec() {
    Status status;
    model = Model::load(test::tiny_model("fuzz"), status);
    require(model != nullptr);
    entropy = EntropyModel::create(model, status);
    require(entropy != nullptr);
    transforms = std::make_unique<test::PlainTransforms>(model);
  }
  std::shared_ptr<const Model> model;
  std::shared_ptr<const EntropyModel> entropy;
  std::unique_ptr<Transforms> transforms;
};

const Codec &codec() {
  static const Codec instance;
  return instance;
}

void append_big_endian(uint64_t value, int bytes, Bytes &out) {
  for (int shift = 8 * bytes - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<uint8_t>(value >> shift));
}

// Where the header names the model: behind flags, width, height and bit depth. 0: it does not.
size_t model_place(std::span<const uint8_t> body) {
  size_t at = 1;
  for (int i = 0; i < 2; ++i) {
    while (at < body.size() && (body[at] & 0x80) != 0) ++at;
    ++at;
  }
  return at + 5 <= body.size() ? at + 1 : 0;
}

Bytes framed(Bytes body, bool with_model) {
  if (const size_t at = with_model ? model_place(body) : 0; at != 0) {
    Bytes id;
    append_big_endian(codec().model->id(), 4, id);
    std::copy(id.begin(), id.end(), body.begin() + static_cast<ptrdiff_t>(at));
  }
  Bytes hash;
  append_big_endian(codec().model->hash(), 8, hash);
  uLong crc = crc32_z(crc32(0, nullptr, 0), hash.data(), hash.size());
  crc = crc32_z(crc, body.data(), body.size());
  Bytes unit = {'F', 'H', 'P', 1};
  for (size_t length = body.size() + 4;; length >>= 7) {
    unit.push_back(static_cast<uint8_t>((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
    if (length <= 0x7F) break;
  }
  append_big_endian(crc, 4, unit);
  unit.insert(unit.end(), body.begin(), body.end());
  return unit;
}

struct Outcome {
  Status status;
  std::vector<uint16_t> samples;
};

Outcome decode(std::span<const uint8_t> unit, const UnitInfo &info, int threads) {
  Outcome outcome;
  outcome.samples.resize(static_cast<size_t>(info.width) * static_cast<size_t>(info.height));
  Decoder decoder(codec().entropy, codec().transforms.get(), threads);
  outcome.status =
      decoder.decode(unit, {outcome.samples.data(), info.width, info.height, info.width});
  check(outcome.status);
  return outcome;
}

void decode_unit(std::span<const uint8_t> unit) {
  UnitInfo info;
  const Status status = read_info(unit, kMaxPoints, info);
  check(status);
  if (!status.ok()) return;
  require(info.bytes <= unit.size() && info.description.size() <= info.bytes);
  require(static_cast<uint64_t>(info.width) * static_cast<uint64_t>(info.height) <= kMaxPoints);
  const Outcome one = decode(unit, info, 1);
  if (one.status.ok()) {
    for (const uint16_t sample : one.samples) require(sample >> info.bit_depth == 0);
  }
  if (unit.size() % 8 != 0) return;
  const Outcome three = decode(unit, info, 3);
  require(one.status.code == three.status.code);
  if (one.status.ok()) require(one.samples == three.samples);
}

void decode_stream(std::span<const uint8_t> stream) {
  while (!stream.empty()) {
    size_t wanted = 0;
    const ptrdiff_t length = find_unit(stream, wanted);
    require(length <= static_cast<ptrdiff_t>(stream.size()));
    if (length == 0) require(wanted > stream.size());
    if (length > 0) decode_unit(stream);
    const size_t next = length > 0 ? static_cast<size_t>(length) : find_magic(stream, 1);
    require(next > 0 && next <= stream.size());
    stream = stream.subspan(next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const std::span<const uint8_t> rest(data + 1, size - 1);
  if (data[0] % 3 == 0) {
    decode_stream(rest);
    return 0;
  }
  decode_stream(framed({rest.begin(), rest.end()}, data[0] % 3 == 2));
  return 0;
}
