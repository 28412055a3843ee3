// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/device_decoder.h"

#include "codecs/hyperprior/cuda/kernels.h"
#include "codecs/hyperprior/cuda/lanes_that_pay.h"

namespace feat::hyperprior {

bool DeviceDecoder::open(std::span<const uint8_t> bytes, uint64_t count, cudaStream_t stream,
                         std::string &error) {
  if (!list_.read(bytes, count, error)) return false;
  if (list_.chunks.empty()) return true;
  // Chunks are at even addresses: all of them, since their sizes are even.
  const auto header = static_cast<size_t>(list_.chunks[0].bytes - bytes.data());
  uint8_t *const to = bytes_.reserve(bytes.size() + 1) + header % 2;
  upload(to, bytes.data(), bytes.size(), stream);
  std::vector<rans::CodedChunk> chunks = list_.chunks;
  for (rans::CodedChunk &chunk : chunks) chunk.bytes = to + (chunk.bytes - bytes.data());
  keep(chunks_, chunks, stream);
  return true;
}

bool DeviceDecoder::pays() const {
  return list_.all_lanes() >= kLanesThatPay;
}

void DeviceDecoder::start(const DeviceTables &tables, const rans::TableOf &table_of,
                          int32_t *values, cudaStream_t stream) {
  const size_t count = list_.chunks.size();
  if (count == 0) return;
  uint8_t *const good = good_.reserve(count);
  start_decode(tables.decode_view(), table_of, chunks_.data(), count, list_.lanes, values, good,
               stream);
  download(host_good_.reserve(count), good, count, stream);
}

bool DeviceDecoder::good(std::string &error) const {
  return list_.all_good({host_good_.data(), list_.chunks.size()}, error);
}

}  // namespace feat::hyperprior
