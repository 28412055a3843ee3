// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The kernels of codecs/hyperprior/cuda, whose threads a CPU runs one after the other.
#include "codecs/common/serial_group.h"
#include "codecs/hyperprior/cuda/kernels.h"
#include "codecs/rans/decode_warp.h"
#include "codecs/rans/encode_warp.h"
#include "tests/hyperprior/cuda/serial_runtime.h"

namespace feat::hyperprior {

namespace {

const SerialGroup<32> kWarp;

template <class Sink>
void enqueue_tiles(const FlatLayer &layer, const PairMap &in, const Sink &sink) {
  test::enqueue([=] {
    const SerialGroup<kTileThreads> block;
    for (int phase = 0; phase < layer.stride * layer.stride; ++phase)
      for (int o = 0; o < tiles_of(layer.out_padded, kTileOutputs); ++o)
        for (int p = 0; p < tiles_of(int64_t{in.height} * in.width, kTilePlaces); ++p) {
          LayerTile tile;
          run_tile(block, layer, in, {int64_t{p} * kTilePlaces, o * kTileOutputs, phase}, tile,
                   sink);
        }
  });
}

template <class Work>
void for_each_place(const LatentShape &shape, const Work &work) {
  for (int c = 0; c < shape.channels; ++c)
    for (int64_t p = 0; p < shape.places; ++p) work(LatentPlace{p, c});
}

}  // namespace

void check_kernels() {}

void start_decode(const rans::DecodeView &tables, const rans::TableOf &table_of,
                  const rans::CodedChunk *chunks, size_t count, int lanes, int32_t *values,
                  uint8_t *good, cudaStream_t) {
  test::enqueue([=] {
    for (size_t i = 0; i < count; ++i)
      good[i] = rans::decode_chunk(kWarp, tables, table_of, chunks[i], lanes, values) ? 1 : 0;
  });
}

void start_encode(const rans::EncodeView &tables, const rans::TableOf &table_of,
                  const int32_t *values, const rans::ChunkRoom *rooms, size_t count, int lanes,
                  uint16_t *buffer, rans::EncodedChunk *chunks, cudaStream_t) {
  test::enqueue([=] {
    for (size_t i = 0; i < count; ++i)
      chunks[i].words = rans::encode_chunk(kWarp, tables, table_of, values, rooms[i], lanes, buffer,
                                           chunks[i].states);
  });
}

void start_cut(const CutJob &job, cudaStream_t) {
  test::enqueue([=] {
    for (int64_t i = 0; i < job.count(); ++i) job.run(i);
  });
}

void start_layer(const FlatLayer &layer, const PairMap &in, const ActivationSink &sink,
                 cudaStream_t) {
  enqueue_tiles(layer, in, sink);
}

void start_last_layer(const FlatLayer &layer, const PairMap &in, const PredictionSink &sink,
                      cudaStream_t) {
  enqueue_tiles(layer, in, sink);
}

void start_restore(const RestoreJob &job, cudaStream_t) {
  test::enqueue([=] { for_each_place(job.shape, [&](const LatentPlace &at) { job.run(at); }); });
}

void start_choose(const ChooseJob &job, CostSums *sums, cudaStream_t) {
  test::enqueue([=] {
    for_each_place(job.shape, [&](const LatentPlace &at) {
      const CostSums own = job.run(at);
      sums->cost += own.cost;
      sums->escape_bits += own.escape_bits;
      sums->bits += own.bits;
      sums->no_numbers += own.no_numbers;
    });
  });
}

}  // namespace feat::hyperprior
