/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_FEATURE_CBOR_READER_H
#define GST_FEATURE_CBOR_READER_H

#include <gst/feature/gstfeatureenums.h>

#include <cmath>
#include <cstring>

namespace feat {

// Reads CBOR of definite lengths and shortest heads, out of bytes nobody vouches for. Nothing is
// allocated; counts are checked against the bytes that are left, nesting against a limit.
class CborReader {
 public:
  enum Major { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

  CborReader(const guint8 *data, gsize size, GError **error)
      : begin_(data), at_(data), end_(data + size), error_(error) {}

  gsize offset() const { return static_cast<gsize>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }

  bool fail(const char *problem) const {
    g_set_error(error_, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CBOR,
                "CBOR description, byte %" G_GSIZE_FORMAT ": %s", offset(), problem);
    return false;
  }

  bool map(guint64 *pairs) {
    return expect(kMap, "expected a map", pairs) &&
           (*pairs <= left() / 2 || fail("more pairs than bytes that follow"));
  }

  bool array(guint64 max, guint64 *items) {
    return expect(kArray, "expected an array", items) &&
           (*items <= left() || fail("more items than bytes that follow")) &&
           (*items <= max || fail("an array longer than its key allows"));
  }

  bool next_is_array() const { return left() > 0 && *at_ >> 5 == kArray; }

  bool unsigned_up_to(guint64 max, guint64 *value) {
    return expect(kUnsigned, "expected an unsigned integer", value) &&
           (*value <= max || fail("an integer larger than its key allows"));
  }

  // A key: n >= 0 comes as {false, n}, -1 - n as {true, n}.
  bool key(bool *negative, guint64 *value) {
    guint8 major, info;
    if (!head(&major, &info, value)) return false;
    *negative = major == kNegative;
    return major <= kNegative || fail("a key that is not an integer");
  }

  bool number(double *value) {
    guint8 major, info;
    guint64 bits;
    if (!head(&major, &info, &bits)) return false;
    if (major == kUnsigned || major == kNegative) {
      if (bits > G_MAXUINT32) return fail("an integer of more than 32 bits where a float belongs");
      *value = static_cast<double>(bits);
      if (major == kNegative) *value = -1.0 - *value;
      return true;
    }
    if (major != kSimple || info < 25) return fail("expected a number");
    *value = info == 25   ? from_narrow(bits, 5, 10)
             : info == 26 ? from_narrow(bits, 8, 23)
                          : from_double(bits);
    return std::isfinite(*value) || fail("a number that is not finite");
  }

  // Passes over any one item.
  bool skip(int depth = 0) {
    if (depth > kMaxDepth) return fail("nested more than 8 deep");
    guint8 major, info;
    guint64 value;
    if (!head(&major, &info, &value)) return false;
    switch (major) {
      case kBytes:
      case kText:
        if (value > left()) return fail("a string longer than the bytes that follow");
        at_ += value;
        return true;
      case kArray:
        if (value > left()) return fail("more items than bytes that follow");
        break;
      case kMap:
        if (value > left() / 2) return fail("more pairs than bytes that follow");
        value *= 2;
        break;
      case kTag:
        value = 1;
        break;
      default:
        return true;
    }
    for (guint64 i = 0; i < value; i++) {
      if (!skip(depth + 1)) return false;
    }
    return true;
  }

 private:
  static constexpr int kMaxDepth = 8;

  gsize left() const { return static_cast<gsize>(end_ - at_); }

  bool head(guint8 *major, guint8 *info, guint64 *value) {
    if (left() == 0) return fail("ends too early");
    *major = *at_ >> 5;
    *info = *at_ & 31;
    if (*info < 24) {
      *value = *info;
      at_++;
      return true;
    }
    if (*info == 31) return fail("an indefinite length");
    if (*info > 27) return fail("a reserved head");
    const gsize size = gsize{1} << (*info - 24);
    if (left() < 1 + size) return fail("ends too early");
    guint64 bits = 0;
    for (gsize i = 1; i <= size; i++) bits = bits << 8 | at_[i];
    const guint64 shorter = *info == 24 ? 23 : (guint64{1} << (8 * size / 2)) - 1;
    if (*major != kSimple ? bits <= shorter : (*info == 24 && bits < 32)) {
      return fail("a number in more bytes than it needs");
    }
    at_ += 1 + size;
    *value = bits;
    return true;
  }

  bool expect(Major wanted, const char *problem, guint64 *value) {
    guint8 major, info;
    const guint8 *start = at_;
    if (!head(&major, &info, value)) return false;
    if (major == wanted) return true;
    at_ = start;
    return fail(problem);
  }

  // Not through float: a process may flush denormals to zero.
  static double from_narrow(guint64 bits, int exponent_bits, int fraction_bits) {
    const int all = (1 << exponent_bits) - 1;
    const int exponent = static_cast<int>(bits >> fraction_bits) & all;
    const guint64 hidden = exponent > 0 ? guint64{1} << fraction_bits : 0;
    const guint64 mantissa = (bits & ((guint64{1} << fraction_bits) - 1)) | hidden;
    const double size = exponent == all
                            ? INFINITY
                            : std::ldexp(static_cast<double>(mantissa),
                                         (exponent > 0 ? exponent : 1) - all / 2 - fraction_bits);
    return bits >> (exponent_bits + fraction_bits) ? -size : size;
  }

  static double from_double(guint64 bits) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

  const guint8 *begin_;
  const guint8 *at_;
  const guint8 *end_;
  GError **error_;
};

}  // namespace feat

#endif /* GST_FEATURE_CBOR_READER_H */
