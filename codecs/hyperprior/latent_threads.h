// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What one thread of a GPU does between latents and symbols. Symbols, tables and means are
// [places][channels], latents [channels][places].
#pragma once

#include <cstdint>

#include "codecs/common/host_device.h"
#include "codecs/hyperprior/latent_math.h"
#include "codecs/hyperprior/layer_tile.h"
#include "codecs/hyperprior/symbol_costs.h"

namespace feat::hyperprior {

struct LatentShape {
  int64_t places = 0;
  int channels = 0;
};

struct LatentPlace {
  int64_t place = 0;
  int channel = 0;

  FEATURE_HD bool inside(const LatentShape &shape) const {
    return place < shape.places && channel < shape.channels;
  }
  FEATURE_HD int64_t of_symbol(const LatentShape &shape) const {
    return place * shape.channels + channel;
  }
  FEATURE_HD int64_t of_latent(const LatentShape &shape) const {
    return channel * shape.places + place;
  }
};

// Symbols and `means`, which may be null, into latents.
struct RestoreJob {
  LatentShape shape;
  const int32_t *symbols = nullptr;
  const int32_t *means = nullptr;
  const float *factors = nullptr;  // one for each channel
  float *latents = nullptr;

  FEATURE_HD void run(const LatentPlace &at) const {
    const int64_t i = at.of_symbol(shape);
    const float mean = means != nullptr ? mean_of(means[i]) : 0.0F;
    latents[at.of_latent(shape)] = restore_latent(symbols[i], mean, factors[at.channel]);
  }
};

// Latents into symbols.
struct ChooseJob {
  LatentShape shape;
  const float *latents = nullptr;
  const int32_t *means = nullptr;
  const uint8_t *tables = nullptr;
  SymbolCosts costs;
  bool weigh = false;
  int32_t *symbols = nullptr;

  // What the symbol costs.
  FEATURE_HD CostSums run(const LatentPlace &at) const {
    CostSums own;
    const int64_t i = at.of_symbol(shape);
    const float latent = latents[at.of_latent(shape)];
    const float mean = means != nullptr ? mean_of(means[i]) : 0.0F;
    const uint32_t table = tables[i];
    const auto bits = [&](int32_t symbol) { return costs.bits(table, symbol); };
    int32_t symbol = 0;
    if (!round_symbol(latent - mean, symbol)) own.no_numbers = 1;
    if (weigh) symbol = weigh_symbol(latent, mean, symbol, bits);
    symbols[i] = symbol;
    const rans::CodedSymbol coded = costs.tables[table].classify(symbol);
    own.cost = costs.tables[table].symbols[coded.symbol].cost;
    if (coded.symbol == rans::kEscape)
      own.escape_bits = static_cast<unsigned>(rans::escape_bits(coded.distance));
    own.bits = bits(symbol);
    return own;
  }
};

// Hyper-latents [places][channels] into what the first layer of the hyper-synthesis reads, a pair
// of channels at a time.
struct CutJob {
  const int32_t *z = nullptr;
  int64_t places = 0;
  int channels = 0;
  int16_t *out = nullptr;

  FEATURE_HD int padded() const { return (channels + 1) / 2 * 2; }
  FEATURE_HD int64_t count() const { return places * padded(); }
  FEATURE_HD void run(int64_t i) const {
    const int64_t place = i / padded();
    const auto c = static_cast<int>(i % padded());
    out[i] = c < channels ? cut_hyper_latent(z[place * channels + c]) : int16_t{0};
  }
};

}  // namespace feat::hyperprior
