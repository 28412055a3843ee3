// SPDX-License-Identifier: LGPL-2.1-or-later
//
// H.266 (VVC) intra coding of single-component pictures (4:0:0), 8 and 10 bit.
// This header is all a caller needs; it knows nothing of GLib or GStreamer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace feat::vvc {

// Outcome of an operation. A message is one sentence that names the value and the limit.
struct Status {
  enum class Code {
    kOk,
    kInvalidArgument,  // the caller's mistake
    kUnsupported,      // valid H.266, but a tool or format this codec does not do
    kCorrupt,          // not valid H.266, or damaged
    kLimit,            // larger than a limit the caller set
    kChecksum,         // decoded, but the picture's MD5 SEI does not agree
  };
  Code code = Code::kOk;
  std::string message;

  bool ok() const { return code == Code::kOk; }
};

// A view of a picture's samples; stride in samples.
template <typename T>
struct Plane {
  T *data = nullptr;
  int width = 0;
  int height = 0;
  ptrdiff_t stride = 0;
};

// SEI message user_data_unregistered (H.274 clause 8.3).
struct UserData {
  std::array<uint8_t, 16> uuid{};
  std::vector<uint8_t> payload;
};

inline constexpr int kMaxSide = 8192;  // samples, either direction
inline constexpr int kMinQp = 0;
inline constexpr int kMaxQp = 63;
inline constexpr int kMaxThreads = 64;
inline constexpr int kMaxEffort = 9;
inline constexpr int kDefaultEffort = 5;

struct EncoderConfig {
  int width = 0;       // 1 to kMaxSide
  int height = 0;      // 1 to kMaxSide
  int bit_depth = 10;  // 8 or 10
  // Threads that work on one picture; the stream is the same for any number.
  int threads = 1;  // 1 to kMaxThreads
};

// How one picture is coded. At most one of lossless, target_bytes and target_mse is set; with any
// of them qp is not used.
struct EncodeOptions {
  // kMinQp to kMaxQp; the error is about the one that VTM leaves with this QP (its configuration
  // encoder_intra_vtm.cfg), for which slices have a QP one less, or 0.
  int qp = 32;
  int effort = kDefaultEffort;  // 0 (fastest) to kMaxEffort (smallest)
  bool md5_sei = false;
  bool lossless = false;      // the reconstruction equals the picture
  uint64_t target_bytes = 0;  // of the whole unit, user data included; 0: none
  double target_mse = 0;      // mean squared error in code values; 0: none
};

// Profile, tier and level as they stand in profile_tier_level().
struct ProfileTierLevel {
  int profile_idc = 1;  // Main 10
  bool high_tier = false;
  int level_idc = 0;  // 16 * major + 3 * minor
};

class Encoder {
 public:
  // Null with `status` set if the configuration is out of range.
  static std::unique_ptr<Encoder> create(const EncoderConfig &config, Status &status);
  virtual ~Encoder() = default;

  // Appends one access unit (byte stream with start codes) to `out`: SPS, PPS, prefix SEI with
  // `user_data`, one IDR slice, suffix SEI with the MD5 where configured. Every unit can be
  // decoded alone. Samples lie in [0, 2^bit_depth).
  virtual Status encode(Plane<const uint16_t> picture, const EncodeOptions &options,
                        std::span<const UserData> user_data, std::vector<uint8_t> &out) = 0;

  // What a decoder will put out for the last encoded picture, cropped.
  virtual Plane<const uint16_t> reconstruction() const = 0;
  virtual ProfileTierLevel profile_tier_level() const = 0;
  // QP of most of the last encoded picture: that of the options, the one found for a target,
  // or below 0 without loss at more than 8 bits.
  virtual int qp() const = 0;
};

struct DecoderConfig {
  uint64_t max_points = uint64_t{1} << 28;  // samples of one (uncropped) picture
  // Threads that decode, the caller's included; the pictures are the same for any number.
  int threads = 1;        // 1 to kMaxThreads
  bool check_md5 = true;  // against the MD5 SEI message, where there is one
};

struct Picture {
  int width = 0;  // cropped by the conformance window
  int height = 0;
  int bit_depth = 0;
  std::vector<uint16_t> samples;  // width * height
  std::vector<UserData> user_data;
  bool md5_present = false;  // and checked: it agreed
};

class Decoder {
 public:
  static std::unique_ptr<Decoder> create(const DecoderConfig &config);
  virtual ~Decoder() = default;

  // Decodes one access unit (byte stream, one picture). Parameter sets persist between calls.
  // Never throws, never reads outside `unit`; on an error `picture` is left empty. Not while units
  // are pending.
  virtual Status decode(std::span<const uint8_t> unit, Picture &picture) = 0;

  // Several units at a time: submit() takes the next one and does not wait, receive() waits for the
  // oldest that is pending and gives what decode() would have given. Each pending unit holds a
  // picture's memory: with as many as there are threads, all of them are busy. `unit` may be freed
  // after submit().
  virtual void submit(std::span<const uint8_t> unit) = 0;
  virtual Status receive(Picture &picture) = 0;  // kInvalidArgument if nothing is pending
  virtual int pending() const = 0;
  // Whether receive() would return at once.
  virtual bool ready() const = 0;

  // Forgets pending units, parameter sets and state.
  virtual void reset() = 0;
};

// Finds where the first access unit of a growing byte stream ends (clause 7.4.2.4.3). Remembers
// how far it has looked, so that a unit that arrives in small pieces is read once.
class AccessUnitFinder {
 public:
  // Length of the unit at the start of `data`, start codes included; 0 if its end is not yet in
  // `data`. Until it is found, `data` may only grow; then call reset() and pass what follows. At
  // `end_of_stream` the end of `data` ends the unit.
  size_t find(std::span<const uint8_t> data, bool end_of_stream);
  void reset() { *this = AccessUnitFinder(); }

 private:
  size_t pos_ = 0;
  bool seen_slice_ = false;
  size_t candidate_ = 0;  // where the next unit begins if no slice of this one follows
};

// Makes the units of a stream independent of each other: those that lack parameter sets get the
// ones last seen. Damaged sets are not remembered, nor is what they were to replace.
class ParameterSetMemory {
 public:
  // Learns the sets in `unit`. Returns those it lacks, to be put in front of it.
  std::vector<uint8_t> missing_sets(std::span<const uint8_t> unit);
  void reset() { sets_.clear(); }

 private:
  std::map<uint32_t, std::vector<uint8_t>> sets_;  // NAL units by type and id
};

// The access unit `unit` with a prefix SEI that holds `user_data` in front of its slice.
std::vector<uint8_t> insert_user_data(std::span<const uint8_t> unit,
                                      std::span<const UserData> user_data);
// The user data in the SEI messages of `unit`.
Status read_user_data(std::span<const uint8_t> unit, std::vector<UserData> &user_data);

// Size, bit depth and level of the first SPS in `data`, for caps; false if there is none.
struct StreamInfo {
  int width = 0;  // cropped by the conformance window
  int height = 0;
  int coded_width = 0;
  int coded_height = 0;
  int bit_depth = 0;
  ProfileTierLevel ptl;
};
bool peek_stream_info(std::span<const uint8_t> data, StreamInfo &info);

}  // namespace feat::vvc
