// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The Hyperprior codec: one packed plane in, one self-describing unit out, and back. This header is
// all a caller needs, besides a Model (model.h), its EntropyModel (entropy_model.h) and the
// Transforms of the module (transforms.h); it knows nothing of GLib, GStreamer or LibTorch. The
// format: docs/hyperprior.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/hyperprior/status.h"
#include "codecs/hyperprior/transforms.h"

namespace feat::hyperprior {

class EntropyModel;    // entropy_model.h: made from a Model
class EntropyBackend;  // entropy_backend.h

inline constexpr int kMaxBitDepth = 16;
inline constexpr int kMaxSide = 1 << 20;
inline constexpr uint64_t kDefaultMaxPoints = uint64_t{1} << 28;
inline constexpr uint32_t kMaxDescriptionBytes = 1 << 20;
inline constexpr int kMaxThreads = 64;

// Samples are code values, 0 to 2^bit_depth - 1.
struct ConstPlane {
  const uint16_t *samples = nullptr;
  int width = 0;
  int height = 0;
  ptrdiff_t stride = 0;  // samples from row to row
};
struct Plane {
  uint16_t *samples = nullptr;
  int width = 0;
  int height = 0;
  ptrdiff_t stride = 0;
};

struct EncodeOptions {
  int bit_depth = 10;  // 1 to kMaxBitDepth
  // 0 (smallest) to 1 (best), continuous; models of one rate do not look at it.
  double quality = 0.5;
  // Travels with the plane, up to kMaxDescriptionBytes.
  std::span<const uint8_t> description;
};

struct EncodeStats {
  uint64_t bytes = 0;           // the whole unit
  uint64_t y_bits = 0;          // coded latents
  uint64_t z_bits = 0;          // coded hyper-latents
  uint64_t header_bits = 0;     // the rest, description included
  double y_estimated_bits = 0;  // the entropy that the model's tables give
  double z_estimated_bits = 0;
  double analysis_ms = 0;  // both analyses
  double entropy_ms = 0;   // hyper-synthesis and entropy coding
};

struct DecodeStats {
  double entropy_ms = 0;
  double synthesis_ms = 0;
};

// What stands in front of a unit's payload.
struct UnitInfo {
  int width = 0;
  int height = 0;
  int bit_depth = 0;
  uint32_t model_id = 0;  // upper half of the model's hash
  size_t bytes = 0;       // of the whole unit
  std::vector<uint8_t> description;
};

class Encoder {
 public:
  // The transforms are those of the same model and stay as long as the encoder lives. `threads`
  // work on the integer hyper-synthesis; units are the same for any number. A backend, which is of
  // the same model and stays as well, does that and the entropy coding in place of the CPU.
  Encoder(std::shared_ptr<const EntropyModel> model, Transforms *transforms, int threads = 1,
          EntropyBackend *backend = nullptr);
  ~Encoder();
  Encoder(const Encoder &) = delete;
  Encoder &operator=(const Encoder &) = delete;

  // Appends one unit to `out`. On an error `out` is as it was.
  Status encode(const ConstPlane &plane, const EncodeOptions &options, std::vector<uint8_t> &out,
                EncodeStats *stats = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Decoder {
 public:
  Decoder(std::shared_ptr<const EntropyModel> model, Transforms *transforms, int threads = 1,
          EntropyBackend *backend = nullptr);
  ~Decoder();
  Decoder(const Decoder &) = delete;
  Decoder &operator=(const Decoder &) = delete;

  // Decodes the unit at the start of `unit` into `plane`, whose size is the one that read_info()
  // tells. A unit of another model, a damaged one and an unknown version are errors.
  Status decode(std::span<const uint8_t> unit, const Plane &plane, DecodeStats *stats = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads the header of the unit at the start of `unit` and checks sizes against `max_points`, not
// the checksum, which needs the model.
Status read_info(std::span<const uint8_t> unit, uint64_t max_points, UnitInfo &info);

// Finds units in a byte stream. Returns the length of the unit at the start of `data`; 0 if more
// data is needed to tell or to complete it (at most `wanted` bytes in all); -1 if no unit begins
// there.
ptrdiff_t find_unit(std::span<const uint8_t> data, size_t &wanted);

// Where the next unit may begin at or behind `from`; data.size() if nowhere.
size_t find_magic(std::span<const uint8_t> data, size_t from);

}  // namespace feat::hyperprior
