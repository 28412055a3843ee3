/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_CBOR_WRITER_H
#define GST_FEATURE_CBOR_WRITER_H

#include <glib.h>

#include <cmath>
#include <cstring>

namespace feat {

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
  // the float; else the shortest float that is exact. Works on the bits of the value: libraries
  // built for fast arithmetic switch a whole process to flushing denormals to zero.
  void number(double value) {
    guint64 bits;
    std::memcpy(&bits, &value, sizeof bits);
    guint64 narrow;
    if (bits == 0) {
      integer(0);
    } else if (exponent(bits) >= 0 && value >= -4294967296.0 && value <= 4294967295.0 &&
               value == std::floor(value)) {
      integer(static_cast<gint64>(value));
    } else if (to_narrow(bits, 5, 10, &narrow)) {
      put(7 << 5 | 25, narrow, 2);
    } else if (to_narrow(bits, 8, 23, &narrow)) {
      put(7 << 5 | 26, narrow, 4);
    } else {
      put(7 << 5 | 27, bits, 8);
    }
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

  static int exponent(guint64 bits) { return static_cast<int>(bits >> 52 & 0x7ff) - 1023; }

  // The double as a float of fewer bits, if that is exact.
  static bool to_narrow(guint64 bits, int exponent_bits, int fraction_bits, guint64 *narrow) {
    const guint64 sign = bits >> 63 << (exponent_bits + fraction_bits);
    const guint64 fraction = bits & ((G_GUINT64_CONSTANT(1) << 52) - 1);
    if (bits << 1 == 0) {
      *narrow = sign;
      return true;
    }
    const int e = exponent(bits);
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int smallest = 1 - bias;
    if (e > bias) return false;
    // Bits that do not fit: more of them below the smallest normal number.
    const int drop = 52 - fraction_bits + (e < smallest ? smallest - e : 0);
    const guint64 mantissa = fraction | G_GUINT64_CONSTANT(1) << 52;
    if (drop > 52 || (mantissa & ((G_GUINT64_CONSTANT(1) << drop) - 1)) != 0) return false;
    *narrow =
        sign | (e < smallest ? mantissa >> drop
                             : static_cast<guint64>(e + bias) << fraction_bits | fraction >> drop);
    return true;
  }

  GByteArray *bytes_;
};

}  // namespace feat

#endif /* GST_FEATURE_CBOR_WRITER_H */
