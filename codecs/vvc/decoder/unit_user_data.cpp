// SPDX-License-Identifier: LGPL-2.1-or-later
//
// User data of access units that somebody else codes or decodes.
#include "codecs/vvc/decoder/error.h"
#include "codecs/vvc/decoder/nal.h"
#include "codecs/vvc/decoder/sei.h"
#include "codecs/vvc/encoder/nal_writer.h"
#include "codecs/vvc/encoder/sei_writer.h"

namespace feat::vvc {
namespace {

// Where the start code of the picture's first NAL unit begins: its header, or its slice.
size_t picture_start(std::span<const uint8_t> unit) {
  for (size_t i = 0; i + 5 <= unit.size(); i++) {
    if (unit[i] != 0 || unit[i + 1] != 0 || unit[i + 2] != 1) continue;
    const int type = unit[i + 4] >> 3;
    if (type > 11 && type != static_cast<int>(NalType::kPictureHeader)) continue;
    return i > 0 && unit[i - 1] == 0 ? i - 1 : i;
  }
  return unit.size();
}

}  // namespace

std::vector<uint8_t> insert_user_data(std::span<const uint8_t> unit,
                                      std::span<const UserData> user_data) {
  const size_t at = picture_start(unit);
  std::vector<uint8_t> out(unit.begin(), unit.begin() + static_cast<ptrdiff_t>(at));
  if (!user_data.empty()) {
    write_nal(NalType::kPrefixSei, write_user_data_sei(user_data), false, out);
  }
  out.insert(out.end(), unit.begin() + static_cast<ptrdiff_t>(at), unit.end());
  return out;
}

Status read_user_data(std::span<const uint8_t> unit, std::vector<UserData> &user_data) {
  SeiMessages messages;
  try {
    NalUnit nal;
    while (next_nal_unit(unit, nal)) {
      if (nal.layer_id != 0) continue;
      if (nal.type == NalType::kPrefixSei || nal.type == NalType::kSuffixSei) {
        parse_sei(unescape(nal.payload), messages);
      }
    }
  } catch (const DecodeError &error) {
    return error.status;
  }
  user_data = std::move(messages.user_data);
  return {};
}

}  // namespace feat::vvc
