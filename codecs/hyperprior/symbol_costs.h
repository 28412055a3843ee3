// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What symbols cost by the tables of an entropy model, on a CPU or a GPU, without a logarithm.
#pragma once

#include <cstdint>
#include <vector>

#include "codecs/common/host_device.h"
#include "codecs/rans/tables.h"

namespace feat::hyperprior {

struct SymbolCosts {
  const rans::EncodeTable *tables = nullptr;
  const double *symbol_bits = nullptr;  // rans::kBuckets for each table

  // As rans::Tables::bits(), of values that can be coded.
  FEATURE_HD double bits(uint32_t table, int32_t value) const {
    const rans::EncodeTable &t = tables[table];
    const rans::CodedSymbol s = t.classify(value);
    return symbol_bits[table * rans::kBuckets + s.symbol] +
           (s.symbol == rans::kEscape ? rans::escape_bits(s.distance) : t.raw_bits);
  }
};

// What choose_layout() is told: sums over all values, as the encoder of rans.h has them.
struct CostSums {
  unsigned long long cost = 0;         // of symbols and raw bits, in 2^-kCostShift bits
  unsigned long long escape_bits = 0;  // of what follows escapes
  double bits = 0;                     // by the tables
  int no_numbers = 0;                  // latents that are none

  uint64_t bytes() const { return ((cost >> rans::EncodeTable::kCostShift) + escape_bits) / 8; }
};

// rans::kBuckets for each table.
std::vector<double> symbol_bits(const rans::CodingTables &tables);

}  // namespace feat::hyperprior
