// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A tile of the output of one layer of the hyper-synthesis: some places, some output channels, one
// phase. A block of a GPU works on it, or what stands for one (serial_group.h).
#pragma once

#include <cstdint>

#include "codecs/common/host_device.h"
#include "codecs/hyperprior/flat_network.h"

namespace feat::hyperprior {

// A thread has kThreadPlaces x kThreadOutputs sums; threads side by side have neighbouring outputs.
inline constexpr int kThreadPlaces = 4;
inline constexpr int kThreadOutputs = 4;
inline constexpr int kTilePlaces = 32;
inline constexpr int kTileOutputs = 64;
inline constexpr int kTilePairs = 16;  // channels that are in shared memory at a time, by two
inline constexpr int kThreadsAcross = kTileOutputs / kThreadOutputs;
inline constexpr int kTileThreads = kThreadsAcross * (kTilePlaces / kThreadPlaces);

// In the shared memory of a block.
struct LayerTile {
  Pair inputs[kTilePairs][kTilePlaces + 1];  // one more: columns lie in different banks
  Pair weights[kTilePairs][kTileOutputs];
};

// What a layer reads: [height][width][in_pairs].
struct PairMap {
  const Pair *values = nullptr;
  int height = 0;
  int width = 0;
};

// Which tile it is: the first place of the input (row by row), the first output, the phase.
struct TilePlace {
  int64_t place = 0;
  int output = 0;
  int phase = 0;
};

inline constexpr int tiles_of(int64_t count, int size) {
  return static_cast<int>((count + size - 1) / size);
}

// The places that a thread loads: the same ones for all taps and channels, so that divisions are
// done once.
inline constexpr int kThreadLoads = kTilePairs * kTilePlaces / kTileThreads;
inline constexpr int kLoadRows = kTileThreads / kTilePairs;  // places that are loaded side by side
inline constexpr int kNowhere = -(1 << 30);                  // outside, whatever the tap
struct LoadPlaces {
  int32_t y[kThreadLoads];
  int32_t x[kThreadLoads];
};

FEATURE_HD inline void find_places(int thread, const PairMap &in, const TilePlace &at,
                                   LoadPlaces &loads) {
  const int64_t places = int64_t{in.height} * in.width;
  FEATURE_UNROLL
  for (int i = 0; i < kThreadLoads; ++i) {
    const int64_t place = at.place + thread / kTilePairs + i * kLoadRows;
    loads.y[i] = place < places ? static_cast<int32_t>(place / in.width) : kNowhere;
    loads.x[i] = static_cast<int32_t>(place % in.width);
  }
}

// Loads what one tap wants of kTilePairs pairs of channels from `pair` on. What is outside is 0.
FEATURE_HD inline void load_tile(int thread, const FlatLayer &layer, const PairMap &in,
                                 const TilePlace &at, const LoadPlaces &loads, int tap, int pair,
                                 LayerTile &tile) {
  const FlatTap reach = layer.taps[tap];
  const int c = thread % kTilePairs;  // threads side by side have neighbouring channels
  FEATURE_UNROLL
  for (int i = 0; i < kThreadLoads; ++i) {
    const int y = loads.y[i] + reach.dy;
    const int x = loads.x[i] + reach.dx;
    const bool inside =
        pair + c < layer.in_pairs && y >= 0 && y < in.height && x >= 0 && x < in.width;
    tile.inputs[c][thread / kTilePairs + i * kLoadRows] =
        inside ? in.values[(int64_t{y} * in.width + x) * layer.in_pairs + pair + c] : Pair{0, 0};
  }
  const int64_t first = int64_t{tap} * layer.in_pairs + pair;
  for (int i = thread; i < kTilePairs * kTileOutputs; i += kTileThreads) {
    const int row = i / kTileOutputs;
    const int o = i % kTileOutputs;
    const bool inside = pair + row < layer.in_pairs && at.output + o < layer.out_padded;
    tile.weights[row][o] =
        inside ? layer.weights[(first + row) * layer.out_padded + at.output + o] : Pair{0, 0};
  }
}

struct ThreadSums {
  int32_t of[kThreadPlaces][kThreadOutputs];
};

FEATURE_HD inline void add_tile(int thread, const LayerTile &tile, ThreadSums &sums) {
  const int first_place = thread / kThreadsAcross * kThreadPlaces;
  const int first_output = thread % kThreadsAcross * kThreadOutputs;
  for (int c = 0; c < kTilePairs; ++c) {
    Pair inputs[kThreadPlaces];
    Pair weights[kThreadOutputs];
    FEATURE_UNROLL
    for (int p = 0; p < kThreadPlaces; ++p) inputs[p] = tile.inputs[c][first_place + p];
    FEATURE_UNROLL
    for (int o = 0; o < kThreadOutputs; ++o) weights[o] = tile.weights[c][first_output + o];
    FEATURE_UNROLL
    for (int p = 0; p < kThreadPlaces; ++p) {
      FEATURE_UNROLL
      for (int o = 0; o < kThreadOutputs; ++o)
        sums.of[p][o] += inputs[p].low * weights[o].low + inputs[p].high * weights[o].high;
    }
  }
}

// Calls sink(place of the output, output channel, sum with bias, shifted) for all that this tile
// has, channels in order for each place. Channels are below out_padded; those behind `out` are 0.
template <class Group, class Sink>
FEATURE_HD void run_tile(const Group &group, const FlatLayer &layer, const PairMap &in,
                         const TilePlace &at, LayerTile &tile, const Sink &sink) {
  typename Group::template PerThread<ThreadSums> sums;
  typename Group::template PerThread<LoadPlaces> loads;
  group.each([&](int t) { find_places(t, in, at, loads[t]); });
  for (int tap = layer.first_tap[at.phase]; tap < layer.first_tap[at.phase + 1]; ++tap) {
    for (int pair = 0; pair < layer.in_pairs; pair += kTilePairs) {
      group.each([&](int t) { load_tile(t, layer, in, at, loads[t], tap, pair, tile); });
      group.barrier();
      group.each([&](int t) { add_tile(t, tile, sums[t]); });
      group.barrier();
    }
  }
  group.each([&](int t) {
    const int64_t places = int64_t{in.height} * in.width;
    const int64_t first = at.place + t / kThreadsAcross * kThreadPlaces;
    const int first_output = at.output + t % kThreadsAcross * kThreadOutputs;
    FEATURE_UNROLL
    for (int p = 0; p < kThreadPlaces; ++p) {
      if (first + p >= places) continue;
      const int64_t y = (first + p) / in.width * layer.stride + at.phase / layer.stride;
      const int64_t x = (first + p) % in.width * layer.stride + at.phase % layer.stride;
      const int64_t place = y * (int64_t{in.width} * layer.stride) + x;
      FEATURE_UNROLL
      for (int o = 0; o < kThreadOutputs; ++o) {
        const int output = first_output + o;
        if (output >= layer.out_padded) continue;
        sink(place, output, (sums[t].of[p][o] + layer.bias[output]) >> layer.shift[output]);
      }
    }
  });
}

// Writes activations of a layer that is not the last one: [places][pairs], pairs of the next layer.
struct ActivationSink {
  int16_t *values = nullptr;
  int32_t channels = 0;  // twice the pairs
  int32_t low = 0;

  FEATURE_HD void operator()(int64_t place, int output, int32_t value) const {
    if (output >= channels) return;
    value = value < low ? low : value > kMaxActivation ? kMaxActivation : value;
    values[place * channels + output] = static_cast<int16_t>(value);
  }
};

// Writes tables and means of latents [places][latents], out of what the last layer gives.
struct PredictionSink {
  uint8_t *tables = nullptr;
  int32_t *means = nullptr;             // null: there are none
  const int32_t *thresholds = nullptr;  // ascending
  int32_t threshold_count = 0;
  int32_t latents = 0;
  bool relu = false;

  FEATURE_HD void operator()(int64_t place, int output, int32_t value) const {
    if (relu && value < 0) value = 0;
    if (output < latents) {
      // How many are not above it.
      int from = 0;
      int to = threshold_count;
      while (from < to) {
        const int middle = (from + to) / 2;
        if (thresholds[middle] <= value)
          from = middle + 1;
        else
          to = middle;
      }
      tables[place * latents + output] = static_cast<uint8_t>(from);
    } else if (means != nullptr && output < 2 * latents) {
      means[place * latents + output - latents] = value;
    }
  }
};

// A hyper-latent as the first layer takes it.
FEATURE_HD inline int16_t cut_hyper_latent(int32_t z) {
  return static_cast<int16_t>(z < -kMaxHyperLatent  ? -kMaxHyperLatent
                              : z > kMaxHyperLatent ? kMaxHyperLatent
                                                    : z);
}

}  // namespace feat::hyperprior
