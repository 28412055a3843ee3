/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_CBOR_WRITER_H
#define GST_FEATURE_CBOR_WRITER_H

#include <glib.h>

#include <cmath>
#include <cstring>

namespace feature {

// Writes deterministic CBOR (RFC 8949 section 4.2.1): shortest heads, definite lengths.
class CborWriter {
 public:
  CborWriter() : bytes_(g_byte_array_new()) {}
  ~CborWriter() {
    if (bytes_) g_byte_array_unref(bytes_);
  }
  CborWriter(const CborWriter &) = delete;
  CborWriter &operator=(const CborWriter &) = delete;

  void map(guint64 pairs) { head(5, pairs); }
  void array(guint64 items) { head(4, items); }
  void integer(gint64 value) {
    if (value >= 0) {
      head(0, static_cast<guint64>(value));
    } else {
      head(1, ~static_cast<guint64>(value));
    }
  }

  // An integer where the value is one of at most 32 bits (and not -0), which is never longer than
  // the float; else the shortest float that is exact.
  void number(double value) {
    if (value >= -4294967296.0 && value <= 4294967295.0 && value == std::floor(value) &&
        !(value == 0 && std::signbit(value))) {
      integer(static_cast<gint64>(value));
      return;
    }
    if (std::abs(value) <= static_cast<double>(G_MAXFLOAT)) {
      const float single = static_cast<float>(value);
      if (static_cast<double>(single) == value) {
        guint16 half;
        if (to_half(single, &half)) {
          put(7 << 5 | 25, half, 2);
        } else {
          guint32 bits;
          std::memcpy(&bits, &single, sizeof bits);
          put(7 << 5 | 26, bits, 4);
        }
        return;
      }
    }
    guint64 bits;
    std::memcpy(&bits, &value, sizeof bits);
    put(7 << 5 | 27, bits, 8);
  }

  GBytes *take() {
    return g_byte_array_free_to_bytes(static_cast<GByteArray *>(g_steal_pointer(&bytes_)));
  }

 private:
  void put(guint8 first, guint64 value, int size) {
    guint8 out[9] = {first};
    for (int i = 0; i < size; i++) out[1 + i] = static_cast<guint8>(value >> (8 * (size - 1 - i)));
    g_byte_array_append(bytes_, out, static_cast<guint>(1 + size));
  }

  void head(guint8 major, guint64 value) {
    const auto type = static_cast<guint8>(major << 5);
    if (value < 24) {
      put(static_cast<guint8>(type | value), 0, 0);
    } else if (value <= G_MAXUINT8) {
      put(type | 24, value, 1);
    } else if (value <= G_MAXUINT16) {
      put(type | 25, value, 2);
    } else if (value <= G_MAXUINT32) {
      put(type | 26, value, 4);
    } else {
      put(type | 27, value, 8);
    }
  }

  static bool to_half(float value, guint16 *half) {
    const guint16 sign = std::signbit(value) ? 0x8000 : 0;
    const float size = std::abs(value);
    if (size > 65504.0f) return false;
    if (size < 0x1p-14f) {  // subnormal halves and zero: multiples of 2^-24
      const float units = size * 0x1p24f;
      if (units != std::floor(units)) return false;
      *half = static_cast<guint16>(sign | static_cast<guint16>(units));
      return true;
    }
    guint32 bits;
    std::memcpy(&bits, &size, sizeof bits);
    if (bits & 0x1fff) return false;
    // The exponent's bias goes from 127 to 15, the fraction from 23 to 10 bits.
    *half = static_cast<guint16>(sign | ((bits - (112U << 23)) >> 13));
    return true;
  }

  GByteArray *bytes_;
};

}  // namespace feature

#endif /* GST_FEATURE_CBOR_WRITER_H */
