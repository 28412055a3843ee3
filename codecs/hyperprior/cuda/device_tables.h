// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "codecs/hyperprior/cuda/cuda_memory.h"
#include "codecs/hyperprior/symbol_costs.h"
#include "codecs/rans/encode_warp.h"
#include "codecs/rans/tables.h"

namespace feat::hyperprior {

// Tables of the entropy coder, on the GPU and on the CPU.
class DeviceTables {
 public:
  DeviceTables(const rans::Tables &tables, cudaStream_t stream);

  const rans::CodingTables &host() const { return tables_; }
  // Into the memory of the GPU.
  const rans::DecodeView &decode_view() const { return view_; }
  rans::EncodeView encode_view() const { return {costs_.tables, reciprocals_.data()}; }
  const SymbolCosts &costs() const { return costs_; }

 private:
  const rans::CodingTables &tables_;
  rans::DecodeView view_;
  SymbolCosts costs_;
  DeviceArray<rans::Bucket> buckets_;
  DeviceArray<int32_t> infos_;
  DeviceArray<int32_t> ends_;
  DeviceArray<rans::EncodeTable> encode_;
  DeviceArray<uint32_t> reciprocals_;
  DeviceArray<double> symbol_bits_;
};

}  // namespace feat::hyperprior
