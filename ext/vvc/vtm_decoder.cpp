// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/vtm_decoder.h"

#include <algorithm>
#include <array>

#include "ext/vvc/h266_stream.h"
#include "ext/vvc/raw_samples.h"

namespace feat {

namespace {

using Code = vvc::Status::Code;

constexpr std::array<const char *, 2> kPrograms = {"DecoderAppStatic", "DecoderApp"};
constexpr char kInput[] = "unit.266";
constexpr char kOutput[] = "picture.yuv";
constexpr int kSps = 15;  // nal_unit_type (H.266 table 5)

std::string size_text(int width, int height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

// The format of the picture, from the first SPS; all of them are held to the limits.
vvc::Status read_format(std::span<const uint8_t> unit, uint64_t max_points,
                        vvc::StreamInfo &format) {
  vvc::Status status = {Code::kCorrupt, "the unit has no sequence parameter set"};
  bool first = true;
  for_each_nal(unit, [&](int type, std::span<const uint8_t> nal) {
    vvc::StreamInfo info;
    if (type != kSps || !vvc::peek_stream_info(nal, info)) return;
    if (first) {
      format = info;
      status = {};
    }
    first = false;
    if (info.coded_width > vvc::kMaxSide || info.coded_height > vvc::kMaxSide) {
      status = {Code::kUnsupported, "a picture of " +
                                        size_text(info.coded_width, info.coded_height) +
                                        " has a side above " + std::to_string(vvc::kMaxSide)};
    } else if (static_cast<uint64_t>(info.coded_width) * static_cast<uint64_t>(info.coded_height) >
               max_points) {
      status = {Code::kLimit, "a picture of " + size_text(info.coded_width, info.coded_height) +
                                  " has more than max-points " + std::to_string(max_points) +
                                  " samples"};
    }
  });
  return status;
}

}  // namespace

std::string find_vtm_decoder(const std::string &vtm_path, std::string &message) {
  return find_vtm_program(kPrograms, vtm_path, message);
}

vvc::Status vtm_decode(const std::string &program, std::span<const uint8_t> unit,
                       const vvc::DecoderConfig &config, GCancellable *cancellable,
                       vvc::Picture &picture) {
  picture = vvc::Picture();
  vvc::StreamInfo format;
  vvc::Status status = read_format(unit, config.max_points, format);
  if (!status.ok()) return status;
  if (format.bit_depth != 8 && format.bit_depth != 10) {
    return {Code::kUnsupported,
            "bit depth " + std::to_string(format.bit_depth) + " is neither 8 nor 10"};
  }
  std::vector<vvc::UserData> user_data;
  status = vvc::read_user_data(unit, user_data);
  if (!status.ok()) return status;

  const PrivateFolder folder;
  if (!folder.status().ok()) return folder.status();
  status = folder.write(kInput, unit);
  if (!status.ok()) return status;
  const uint64_t expected = raw_size(format.width, format.height, format.bit_depth);
  const std::vector<std::string> command = {
      program,
      "--BitstreamFile=" + std::string(kInput),
      "--ReconFile=" + std::string(kOutput),
      "--OutputBitDepth=0",
      "--SEIDecodedPictureHash=" + std::string(config.check_md5 ? "1" : "0"),
  };
  const uint64_t limit = expected + (uint64_t{1} << 20);
  std::string report;
  status = run_vtm(command, folder, limit, cancellable, report);
  if (!status.ok()) {
    if (status.message.find("does not match") != std::string::npos) {
      status = {Code::kChecksum, "the decoded picture does not agree with its MD5 message"};
    }
    return status;
  }
  std::vector<uint8_t> bytes;
  status = folder.read(kOutput, limit, bytes);
  if (status.ok() && bytes.size() != expected) {
    status.message = "VTM has written " + std::to_string(bytes.size()) +
                     " bytes, a grey picture of " + size_text(format.width, format.height) +
                     " has " + std::to_string(expected);
  }
  if (!status.message.empty()) {
    status.code = Code::kCorrupt;
    return status;
  }
  picture.width = format.width;
  picture.height = format.height;
  picture.bit_depth = format.bit_depth;
  picture.md5_present = config.check_md5 && report.find("[MD5:") != std::string::npos;
  picture.user_data = std::move(user_data);
  read_raw(bytes, picture.bit_depth, picture.samples);
  return {};
}

}  // namespace feat
