// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The entropy coder on a GPU, or on what stands for one (serial_runtime.h).
#include "codecs/hyperprior/cuda/device_decoder.h"
#include "codecs/hyperprior/cuda/device_encoder.h"
#include "tests/unit/rans_cases.h"

namespace feat::rans::test {
namespace {

using hyperprior::CudaStream;
using hyperprior::DeviceArray;
using hyperprior::DeviceDecoder;
using hyperprior::DeviceEncoder;
using hyperprior::DeviceTables;

bool decode_on_device(const Content &c, const Bytes &bytes, std::vector<int32_t> &values,
                      std::string &error) {
  const CudaStream stream;
  const DeviceTables tables(*c.tables, stream);
  DeviceDecoder decoder;
  DeviceArray<uint8_t> table_of;
  DeviceArray<int32_t> decoded;
  if (!decoder.open(bytes, values.size(), stream, error)) return false;
  decoder.start(tables, {hyperprior::keep(table_of, c.table_of, stream), 1},
                decoded.reserve(values.size()), stream);
  hyperprior::download(values.data(), decoded.data(), values.size(), stream);
  stream.wait();
  return decoder.good(error);
}

bool encode_on_device(const Content &c, const Layout &layout, Bytes &bytes) {
  const CudaStream stream;
  const DeviceTables tables(*c.tables, stream);
  DeviceEncoder encoder;
  DeviceArray<uint8_t> table_of;
  DeviceArray<int32_t> values;
  const uint8_t *const device_tables = hyperprior::keep(table_of, c.table_of, stream);
  return encoder.encode(layout, tables, {device_tables, 1},
                        hyperprior::keep(values, c.values, stream), c.values.size(), stream, bytes);
}

const Coder kCoder = {decode_on_device, encode_on_device};

TEST(DeviceRans, SizesAndLayouts) {
  expect_sizes_and_layouts(kCoder);
}

TEST(DeviceRans, RawBits) {
  expect_raw_bits(kCoder);
}

TEST(DeviceRans, ExtremeValues) {
  expect_extreme_values(kCoder);
}

TEST(DeviceRans, NoRoomForEscapes) {
  expect_no_room_for_escapes(kCoder);
}

TEST(DeviceRans, DamagedBytes) {
  expect_damage_found(kCoder, 3);
}

TEST(DeviceRans, TheFormatStays) {
  expect_pinned(kCoder);
}

}  // namespace
}  // namespace feat::rans::test
