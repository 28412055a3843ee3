// SPDX-License-Identifier: LGPL-2.1-or-later
// Header of an NPY array, read and written. Free of GLib, so that it can be fuzzed alone.
#ifndef GST_NPY_NPYHEADER_H
#define GST_NPY_NPYHEADER_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace feat::npy {

/// Most dimensions that are accepted, as many as feature caps hold.
inline constexpr unsigned kMaxDims = 8;
/// Largest header text that is accepted, without magic, version and length.
inline constexpr size_t kMaxHeaderText = 65536;
/// Magic, version and the 32-bit length of versions 2 and 3.
inline constexpr size_t kMaxPrefix = 12;
/// The first bytes of every file.
inline constexpr std::array<uint8_t, 6> kMagic = {0x93, 'N', 'U', 'M', 'P', 'Y'};

enum class Kind { kBool, kInt, kUint, kFloat, kBFloat16 };

struct Header {
  size_t header_bytes = 0;  ///< everything in front of the elements
  Kind kind = Kind::kFloat;
  unsigned item_bytes = 0;  ///< 1, 2, 4 or 8
  bool big_endian = false;
  unsigned n_dims = 0;
  std::array<int32_t, kMaxDims> shape = {};
  uint64_t n_points = 0;
  uint64_t data_bytes = 0;  ///< n_points * item_bytes
};

enum class Status { kOk, kNeedMore, kError };

struct Result {
  Status status = Status::kError;
  size_t need = 0;    ///< for kNeedMore: bytes from the start that parsing needs to go on
  std::string error;  ///< for kError: one sentence, ASCII
};

/// Parses the header at the start of `data`, as far as it is there. `max_points` bounds the
/// product of the shape. Arrays in Fortran order are refused unless the order makes no
/// difference, that is with at most one dimension other than 1 or without any point.
Result parse_header(std::span<const uint8_t> data, uint64_t max_points, Header *header);

/// The header that numpy.save writes (version 1.0, padded to 64 bytes) for an array in C order.
/// `descr` is a type string such as "<f4".
std::string make_header(const char *descr, std::span<const int32_t> shape);

}  // namespace feat::npy

#endif  // GST_NPY_NPYHEADER_H
