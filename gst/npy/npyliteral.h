// SPDX-License-Identifier: LGPL-2.1-or-later
// The dictionary in an NPY header: a strict subset of Python literals.
#ifndef GST_NPY_NPYLITERAL_H
#define GST_NPY_NPYLITERAL_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feat::npy {

struct Dictionary {
  std::string descr;
  bool fortran_order = false;
  std::vector<uint64_t> shape;  ///< at most 64 entries
  std::string shape_text;       ///< as it stands in the header, for messages
};

/// Parses {'descr': '...', 'fortran_order': False, 'shape': (...), }: the three keys in any
/// order, each once, nothing but white space behind. Returns an error (one clause, ASCII) or an
/// empty string.
std::string parse_dictionary(std::string_view text, Dictionary *dictionary);

/// At most 64 characters of outside text with everything but printable ASCII as '?'.
std::string printable(std::string_view text);

}  // namespace feat::npy

#endif  // GST_NPY_NPYLITERAL_H
