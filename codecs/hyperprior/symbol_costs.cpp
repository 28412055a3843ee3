// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/symbol_costs.h"

#include <cmath>

namespace feat::hyperprior {

std::vector<double> symbol_bits(const rans::CodingTables &tables) {
  std::vector<double> bits;
  for (int t = 0; t < tables.count(); ++t)
    for (const rans::EncodeTable::Symbol &symbol : tables.encode_tables()[t].symbols)
      bits.push_back(symbol.frequency > 0 ? rans::kPrecision - std::log2(symbol.frequency) : 0.0);
  return bits;
}

}  // namespace feat::hyperprior
