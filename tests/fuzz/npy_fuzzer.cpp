// SPDX-License-Identifier: LGPL-2.1-or-later
// NPY headers: any bytes give a header within its limits, a request for more bytes, or an error.
#include <cstdlib>

#include "gst/npy/npyheader.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint64_t kMaxPoints = uint64_t{1} << 28;
  feat::npy::Header header;
  const feat::npy::Result result = feat::npy::parse_header({data, size}, kMaxPoints, &header);
  switch (result.status) {
    case feat::npy::Status::kNeedMore:
      require(result.need > size);
      require(result.need <= feat::npy::kMaxPrefix + feat::npy::kMaxHeaderText);
      break;
    case feat::npy::Status::kError:
      require(!result.error.empty());
      for (const char c : result.error) require(c >= ' ' && c <= '~');
      break;
    case feat::npy::Status::kOk: {
      require(header.header_bytes <= size && header.n_points <= kMaxPoints);
      require(header.data_bytes == header.n_points * header.item_bytes);
      // What was read can be written, and reads back the same.
      const std::string text = feat::npy::make_header("|u1", {header.shape.data(), header.n_dims});
      require(text.size() % 64 == 0);
      feat::npy::Header again;
      const feat::npy::Result second = feat::npy::parse_header(
          {reinterpret_cast<const uint8_t *>(text.data()), text.size()}, kMaxPoints, &again);
      require(second.status == feat::npy::Status::kOk && again.shape == header.shape);
      require(again.n_dims == header.n_dims && again.header_bytes == text.size());
      break;
    }
  }
  return 0;
}
