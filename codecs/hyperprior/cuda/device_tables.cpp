// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/device_tables.h"

namespace feat::hyperprior {

DeviceTables::DeviceTables(const rans::Tables &tables, cudaStream_t stream)
    : tables_(static_cast<const rans::CodingTables &>(tables)) {
  const auto count = static_cast<size_t>(tables_.count());
  const rans::DecodeView host = tables_.decode_view();
  const auto copy = [&](auto &array, const auto *from, size_t size) {
    auto *const to = array.reserve(size);
    upload(to, from, size, stream);
    return to;
  };
  view_.buckets = copy(buckets_, host.buckets, count * rans::kBuckets);
  view_.infos = copy(infos_, host.infos, count);
  view_.ends = copy(ends_, host.ends, count);
  view_.raw = host.raw;
  costs_.tables = copy(encode_, tables_.encode_tables(), count);
  keep(reciprocals_, rans::reciprocals_of(tables_), stream);
  costs_.symbol_bits = keep(symbol_bits_, symbol_bits(tables_), stream);
}

}  // namespace feat::hyperprior
