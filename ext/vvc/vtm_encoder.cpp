// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/vtm_encoder.h"

#include <array>
#include <cstdlib>
#include <filesystem>

#include "ext/vvc/raw_samples.h"

namespace feat {

namespace {

constexpr std::array<const char *, 2> kPrograms = {"EncoderAppStatic", "EncoderApp"};
constexpr char kConfig[] = "encoder_intra_vtm.cfg";
constexpr char kInput[] = "picture.yuv";
constexpr char kOutput[] = "unit.266";
constexpr char kReconstruction[] = "decoded.yuv";

// The size in bits that VTM's report gives for its first picture, MD5 message not included; 0 if
// there is none.
uint64_t reported_bits(const std::string &report) {
  const size_t picture = report.find("POC ");
  if (picture == std::string::npos) return 0;
  const size_t unit = report.find(" bits", picture);
  if (unit == std::string::npos) return 0;
  const size_t begin = report.find_last_not_of("0123456789", unit - 1) + 1;
  return std::strtoull(report.c_str() + begin, nullptr, 10);
}

}  // namespace

bool find_vtm_encoder(const std::string &vtm_path, const std::string &config, VtmEncoder &vtm,
                      std::string &message) {
  vtm.program = find_vtm_program(kPrograms, vtm_path, message);
  if (vtm.program.empty()) return false;
  if (config.empty()) {
    vtm.config = find_vtm_config(kConfig, vtm.program, message);
    return !vtm.config.empty();
  }
  std::error_code error;
  vtm.config = std::filesystem::absolute(config).string();
  if (std::filesystem::is_regular_file(vtm.config, error)) return true;
  message = "vtm-config " + config + " is not a file.";
  return false;
}

vvc::Status vtm_encode(const VtmEncoder &vtm, const vvc::Plane<const uint16_t> &picture,
                       int bit_depth, const vvc::EncodeOptions &options, GCancellable *cancellable,
                       std::vector<uint8_t> &unit, std::vector<uint16_t> *reconstruction) {
  const PrivateFolder folder;
  if (!folder.status().ok()) return folder.status();
  const std::vector<uint8_t> samples = write_raw(picture, bit_depth);
  if (vvc::Status status = folder.write(kInput, samples); !status.ok()) return status;

  const std::string depth = std::to_string(bit_depth);
  const std::vector<std::string> command = {
      vtm.program,
      "-c",
      vtm.config,
      "--InputFile=" + std::string(kInput),
      "--BitstreamFile=" + std::string(kOutput),
      "--ReconFile=" + std::string(reconstruction != nullptr ? kReconstruction : ""),
      "--SourceWidth=" + std::to_string(picture.width),
      "--SourceHeight=" + std::to_string(picture.height),
      "--FrameRate=1",
      "--FramesToBeEncoded=1",
      "--InputChromaFormat=400",
      "--ConformanceWindowMode=1",
      "--InternalBitDepth=" + depth,
      "--InputBitDepth=" + depth,
      "--OutputBitDepth=" + depth,
      "--QP=" + std::to_string(options.qp),
      "--SEIDecodedPictureHash=" + std::string(options.md5_sei ? "1" : "0"),
  };
  const uint64_t limit = (uint64_t{1} << 20) + 4 * samples.size();
  std::string report;
  vvc::Status status = run_vtm(command, folder, limit, cancellable, report);
  if (!status.ok()) return status;
  status = folder.read(kOutput, limit, unit);
  if (!status.ok()) return status;
  // VTM does not notice where it cannot write.
  if (unit.empty() || 8 * unit.size() < reported_bits(report)) {
    return {vvc::Status::Code::kInvalidArgument,
            "VTM reports " + std::to_string(reported_bits(report)) + " bits, but " +
                folder.file(kOutput) + " has " + std::to_string(unit.size()) +
                " bytes; is the disk full?"};
  }
  if (reconstruction == nullptr) return {};
  std::vector<uint8_t> decoded;
  status = folder.read(kReconstruction, limit, decoded);
  if (!status.ok()) return status;
  if (decoded.size() != samples.size()) {
    return {vvc::Status::Code::kInvalidArgument,
            folder.file(kReconstruction) + " has " + std::to_string(decoded.size()) +
                " bytes, the picture " + std::to_string(samples.size()) + "; is the disk full?"};
  }
  read_raw(decoded, bit_depth, *reconstruction);
  return {};
}

}  // namespace feat
