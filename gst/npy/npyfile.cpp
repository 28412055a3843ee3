// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/npy/npyfile.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

namespace feat::npy {

std::string read_header(std::istream &file, uint64_t max_points, Header *header) {
  std::vector<uint8_t> start;
  Result result{Status::kNeedMore, kMaxPrefix, {}};
  while (result.status == Status::kNeedMore) {
    const size_t have = start.size();
    start.resize(std::max(result.need, have + 1));
    if (!file.read(reinterpret_cast<char *>(start.data() + have),
                   static_cast<std::streamsize>(start.size() - have)))
      return "this is not an .npy file, or it is cut off in its header";
    result = parse_header(start, max_points, header);
  }
  if (result.status == Status::kError) return result.error;
  file.seekg(static_cast<std::streamoff>(header->header_bytes));
  return {};
}

std::string check_size(const std::string &path, const Header &header) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  const uint64_t wanted = header.header_bytes + header.data_bytes;
  if (error || size >= wanted) return {};
  return "the file is cut off: it has " + std::to_string(size) + " bytes of " +
         std::to_string(wanted);
}

}  // namespace feat::npy
