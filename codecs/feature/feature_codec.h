// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The native feature codec: one tensor in, one self-describing unit out, and back. This header is
// all a caller needs; it knows nothing of GLib or GStreamer. The format: docs/feature-codec.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace feat::native {

// Outcome of an operation. A message is one sentence that names the value and the limit.
struct Status {
  enum class Code {
    kOk,
    kInvalidArgument,  // the caller's mistake
    kUnsupported,      // a version or tool this codec does not know
    kCorrupt,          // not a unit, or damaged
    kLimit,            // larger than a limit the caller set
    kNonFinite,        // NaN or infinity where only numbers can be coded
    kProfile,          // the unit's profile is missing, or another one was given
  };
  Code code = Code::kOk;
  std::string message;

  bool ok() const { return code == Code::kOk; }
};

inline constexpr int kMaxDims = 8;
inline constexpr uint64_t kDefaultMaxPoints = uint64_t{1} << 28;
inline constexpr int kMaxThreads = 64;
inline constexpr int kMaxEffort = 4;
inline constexpr int kDefaultEffort = 2;
inline constexpr uint32_t kMaxDescriptionBytes = 1 << 20;

// Element formats, little-endian. The numbers stand in units and never change.
enum class Format : uint8_t { kF32, kF16, kBF16, kU8, kS8, kU16, kS16, kS32 };
inline constexpr int kFormats = 8;
size_t size_of(Format format);
const char *name_of(Format format);

struct TensorInfo {
  Format format = Format::kF32;
  std::vector<uint32_t> shape;  // slowest dimension first, at most kMaxDims; none: a scalar
  bool operator==(const TensorInfo &) const = default;
};

// How a tensor is taken apart (docs/feature-codec.md, "Layouts"). kAuto tries what the shape allows
// and takes the cheapest.
enum class Layout : uint8_t {
  kAuto,
  kTokens,  // rows of channels (the last dimension): means, or a profile's transform
  kGrid,    // the same, and the rows are a grid of places: DCT over the grid
  kImage,   // channels of pictures (..., channels, height, width): block DCT
};

// What the encoder aims at.
enum class Target : uint8_t {
  kQuality,   // value 0 to 100: step = spread of the values * 2^((50 - value) / 8)
  kStep,      // value above 0: quantisation step in the units of the tensor
  kBpfp,      // value above 0: bits per feature point of the whole unit
  kMse,       // value above 0: mean squared error in the units of the tensor
  kLossless,  // every bit of every element; value unused
};

struct EncodeOptions {
  Target target = Target::kQuality;
  double value = 50;
  int effort = kDefaultEffort;  // 0 (fastest) to kMaxEffort (smallest)
  Layout layout = Layout::kAuto;
  // Threads that work on one tensor; the unit is the same for any number.
  int threads = 1;  // 1 to kMaxThreads
  // NaN becomes 0, infinity the largest finite value of its sign in the tensor; otherwise they are
  // refused. Without loss they are kept as they are.
  bool clamp_non_finite = false;
  // Travels with the tensor, up to kMaxDescriptionBytes.
  std::span<const uint8_t> description;
};

// What a unit cost and gave.
struct EncodeStats {
  double step = 0;             // 0: lossless
  double mse = 0;              // against the input, in its units
  uint64_t bytes = 0;          // the whole unit
  uint64_t payload_bytes = 0;  // without header, checksum and description
  Layout layout = Layout::kAuto;
  int passes = 0;  // times the tensor was coded to reach the target
};

// Identifies a profile: XXH3 (64 bits) of its file. 0: none.
using ProfileHash = uint64_t;

// A learned transform and statistics for one kind of feature; see profile.h.
class Profile;

// What stands in front of a unit's payload.
struct UnitInfo {
  TensorInfo tensor;
  size_t bytes = 0;         // of the whole unit
  uint32_t profile_id = 0;  // upper half of the profile's hash; 0: none
  bool lossless = false;
  double step = 0;
  Layout layout = Layout::kAuto;
  std::vector<uint8_t> description;
};

class Encoder {
 public:
  Encoder();
  ~Encoder();
  Encoder(const Encoder &) = delete;
  Encoder &operator=(const Encoder &) = delete;

  // Appends one unit to `out`. `data` holds the elements in C order. `profile` may be null.
  // On an error `out` is as it was.
  Status encode(const TensorInfo &tensor, std::span<const uint8_t> data,
                const EncodeOptions &options, const Profile *profile, std::vector<uint8_t> &out,
                EncodeStats *stats = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct DecoderConfig {
  uint64_t max_points = kDefaultMaxPoints;  // elements of one tensor
  int threads = 1;                          // 1 to kMaxThreads
};

class Decoder {
 public:
  explicit Decoder(const DecoderConfig &config = {});
  ~Decoder();
  Decoder(const Decoder &) = delete;
  Decoder &operator=(const Decoder &) = delete;

  // Reads the header of the unit at the start of `unit` and checks the sizes against the limits
  // and, as far as no profile is needed for that, the checksum.
  Status read_info(std::span<const uint8_t> unit, UnitInfo &info) const;

  // Decodes the unit at the start of `unit` into `data`, which has the size that read_info() tells.
  // `profile` is the one that the unit names, or null.
  Status decode(std::span<const uint8_t> unit, const Profile *profile, std::span<uint8_t> data);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Finds units in a byte stream. Returns the length of the unit at the start of `data`; 0 if more
// data is needed to tell or to complete it (at most `wanted` bytes in all); -1 if no unit begins
// there.
ptrdiff_t find_unit(std::span<const uint8_t> data, size_t &wanted);

// Where the next unit may begin at or behind `from`; data.size() if nowhere.
size_t find_magic(std::span<const uint8_t> data, size_t from);

}  // namespace feat::native
