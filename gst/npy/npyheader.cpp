// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/npy/npyheader.h"

#include <algorithm>
#include <limits>

#include "gst/npy/npyliteral.h"

namespace feat::npy {

namespace {

constexpr uint64_t kMaxBytes = std::numeric_limits<size_t>::max() / 2;

Result fail(std::string error) {
  return {Status::kError, 0, std::move(error)};
}

Result need(size_t bytes) {
  return {Status::kNeedMore, bytes, {}};
}

/// A dtype that cannot become a tensor, in words.
const char *describe_kind(char kind) {
  switch (kind) {
    case 'O':
      return "Python objects";
    case 'c':
      return "complex numbers";
    case 'S':
    case 'a':
      return "byte strings";
    case 'U':
      return "strings";
    case 'V':
      return "raw or structured data";
    case 'M':
    case 'm':
      return "dates or times";
    default:
      return nullptr;
  }
}

/// Type string, such as "<f4", into the header. Returns an error or an empty string.
std::string parse_descr(const std::string &descr, Header *header) {
  const std::string quoted = "descr '" + printable(descr) + "'";
  size_t pos = 0;
  char order = '=';
  if (!descr.empty() && std::string("<>=|").find(descr[0]) != std::string::npos)
    order = descr[pos++];
  const char kind = pos < descr.size() ? descr[pos++] : '\0';
  if (const char *words = describe_kind(kind); words != nullptr && !(order == '<' && kind == 'V'))
    return quoted + " means " + words + "; only booleans, integers and real numbers are supported";

  unsigned bytes = 0;
  if (pos + 1 == descr.size() && descr[pos] >= '0' && descr[pos] <= '9') bytes = descr[pos] - '0';
  bool known = false;
  switch (kind) {
    case 'b':
      header->kind = Kind::kBool;
      known = bytes == 1;
      break;
    case 'i':
    case 'u':
      header->kind = kind == 'i' ? Kind::kInt : Kind::kUint;
      known = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
      break;
    case 'f':
      header->kind = Kind::kFloat;
      known = bytes == 2 || bytes == 4 || bytes == 8;
      break;
    case 'V':  // what ml_dtypes writes for bfloat16; other raw data has '|' as its order
      header->kind = Kind::kBFloat16;
      known = bytes == 2;
      break;
    default:
      break;
  }
  if (!known) return quoted + " is not a supported element type";
  if (bytes > 1 && order == '|') return quoted + " has no byte order";
  header->item_bytes = bytes;
  header->big_endian = bytes > 1 && order == '>';
  return {};
}

/// Shape and products into the header. Returns an error or an empty string.
std::string check_shape(const Dictionary &dictionary, uint64_t max_points, Header *header) {
  const std::vector<uint64_t> &shape = dictionary.shape;
  if (shape.size() > kMaxDims)
    return "the shape has " + std::to_string(shape.size()) + " dimensions; at most " +
           std::to_string(kMaxDims) + " are supported";
  bool empty = false;
  unsigned wide = 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > static_cast<uint64_t>(std::numeric_limits<int32_t>::max()))
      return "dimension " + std::to_string(i) + " of the shape is " + std::to_string(shape[i]) +
             "; at most 2147483647 is supported";
    header->shape[i] = static_cast<int32_t>(shape[i]);
    empty = empty || shape[i] == 0;
    wide += shape[i] != 1 ? 1 : 0;
  }
  header->n_dims = static_cast<unsigned>(shape.size());
  // As in NumPy, a dimension of 0 does not excuse the others from fitting the address space.
  uint64_t product = 1;
  for (const uint64_t size : shape) {
    if (size == 0) continue;
    if (product > kMaxBytes / header->item_bytes / size)
      return "the bytes of shape " + dictionary.shape_text + " overflow the address space";
    product *= size;
  }
  header->n_points = empty ? 0 : product;
  header->data_bytes = header->n_points * header->item_bytes;
  if (header->n_points > max_points)
    return "shape " + dictionary.shape_text + " has " + std::to_string(header->n_points) +
           " points; the limit (max-points) is " + std::to_string(max_points);
  if (dictionary.fortran_order && wide > 1 && !empty)
    return "shape " + dictionary.shape_text + " with descr '" + printable(dictionary.descr) +
           "' is in Fortran order; only C order is supported (numpy.ascontiguousarray converts)";
  return {};
}

}  // namespace

Result parse_header(std::span<const uint8_t> data, uint64_t max_points, Header *header) {
  const size_t n_magic = std::min(data.size(), kMagic.size());
  if (!std::equal(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(n_magic),
                  kMagic.begin()))
    return fail("no NPY array: the magic bytes 93 4e 55 4d 50 59 are missing");
  if (data.size() < 8) return need(10);
  const unsigned major = data[6];
  const unsigned minor = data[7];
  if (major < 1 || major > 3 || minor != 0)
    return fail("NPY version " + std::to_string(major) + "." + std::to_string(minor) +
                " is unknown; versions 1.0, 2.0 and 3.0 are supported");
  const size_t prefix = major == 1 ? 10 : 12;
  if (data.size() < prefix) return need(prefix);
  size_t length = 0;
  for (size_t i = prefix; i > 8; --i) length = length << 8 | data[i - 1];
  if (length > kMaxHeaderText)
    return fail("the NPY header has " + std::to_string(length) + " bytes; at most " +
                std::to_string(kMaxHeaderText) + " are accepted");
  if (data.size() < prefix + length) return need(prefix + length);

  const auto text = data.subspan(prefix, length);
  Dictionary dictionary;
  std::string error =
      parse_dictionary({reinterpret_cast<const char *>(text.data()), text.size()}, &dictionary);
  if (error.empty()) error = parse_descr(dictionary.descr, header);
  if (error.empty()) error = check_shape(dictionary, max_points, header);
  if (!error.empty()) return fail("NPY header: " + error);
  header->header_bytes = prefix + length;
  return {Status::kOk, 0, {}};
}

std::string make_header(const char *descr, std::span<const int32_t> shape) {
  std::string text = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  text += shape.size() == 1 ? ",), }" : "), }";
  // NumPy leaves room for the first dimension to grow to 21 digits in place.
  if (!shape.empty()) text.append(21 - std::to_string(shape[0]).size(), ' ');
  constexpr size_t kPrefix = 10;
  text.append(64 - (kPrefix + text.size() + 1) % 64, ' ');
  text += '\n';
  std::string header(kMagic.begin(), kMagic.end());
  header +=
      {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace feat::npy
