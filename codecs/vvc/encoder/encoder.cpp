// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>

#include "codecs/vvc/common/md5.h"
#include "codecs/vvc/encoder/cabac_encoder.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/level.h"
#include "codecs/vvc/encoder/nal_writer.h"
#include "codecs/vvc/encoder/parameter_sets.h"
#include "codecs/vvc/encoder/sei_writer.h"
#include "codecs/vvc/encoder/tree_search.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

constexpr int kLog2Ctu = 6;
constexpr int kLog2MinQuad = 3;
constexpr int kMaxMultiTypeDepth = 3;
constexpr int kLog2MaxMultiType = 6;
constexpr int kSizeUnit = 8;  // sides of the coded picture are multiples of it

Status invalid(std::string message) {
  return {Status::Code::kInvalidArgument, std::move(message)};
}

int round_up(int size) {
  return (size + kSizeUnit - 1) / kSizeUnit * kSizeUnit;
}

Sps make_sps(const EncoderConfig &config) {
  Sps sps;
  sps.width = round_up(config.width);
  sps.height = round_up(config.height);
  sps.crop_right = sps.width - config.width;
  sps.crop_bottom = sps.height - config.height;
  sps.ptl = level_for_size(sps.width, sps.height);
  sps.bit_depth = config.bit_depth;
  sps.log2_ctu = kLog2Ctu;
  sps.log2_min_qt = kLog2MinQuad;
  sps.max_mtt_depth = kMaxMultiTypeDepth;
  sps.log2_max_bt = kLog2MaxMultiType;
  sps.log2_max_tt = kLog2MaxMultiType;
  sps.log2_max_ts = kLog2MaxTransformSkip;
  sps.dep_quant = true;
  sps.log2_max_poc_lsb = 4;
  return sps;
}

Pps make_pps(const Sps &sps) {
  Pps pps;
  pps.width = sps.width;
  pps.height = sps.height;
  pps.deblocking_control = true;
  pps.deblocking_disabled = true;
  return pps;
}

class IntraEncoder final : public Encoder {
 public:
  explicit IntraEncoder(const EncoderConfig &config)
      : config_(config), sps_(make_sps(config)), pps_(make_pps(sps_)) {
    frame_.width = sps_.width;
    frame_.height = sps_.height;
    frame_.bit_depth = sps_.bit_depth;
    frame_.log2_ctu = sps_.log2_ctu;
    const auto area = static_cast<size_t>(sps_.width) * static_cast<size_t>(sps_.height);
    frame_.recon.resize(area);
    frame_.units.resize(area / 16);
  }

  Status encode(Plane<const uint16_t> picture, const EncodeOptions &options,
                std::span<const UserData> user_data, std::vector<uint8_t> &out) override;
  Plane<const uint16_t> reconstruction() const override {
    return {frame_.recon.data(), config_.width, config_.height, frame_.stride()};
  }
  int qp() const override { return qp_; }
  ProfileTierLevel profile_tier_level() const override { return sps_.ptl; }

 private:
  Status check(const Plane<const uint16_t> &picture, int qp) const;
  std::vector<uint8_t> code_slice(int qp);
  Md5Digest picture_md5() const;

  EncoderConfig config_;
  Sps sps_;
  Pps pps_;
  CodedFrame frame_;
  int qp_ = 0;
};

Status IntraEncoder::check(const Plane<const uint16_t> &picture, int qp) const {
  if (qp < kMinQp || qp > kMaxQp) {
    return invalid("QP " + std::to_string(qp) + " is outside " + std::to_string(kMinQp) + " to " +
                   std::to_string(kMaxQp));
  }
  if (picture.data == nullptr) return invalid("the picture has no samples");
  if (picture.width != config_.width || picture.height != config_.height) {
    return invalid("a picture of " + std::to_string(picture.width) + "x" +
                   std::to_string(picture.height) + " given to an encoder of " +
                   std::to_string(config_.width) + "x" + std::to_string(config_.height));
  }
  if (picture.stride < picture.width) {
    return invalid("stride " + std::to_string(picture.stride) + " is less than the width " +
                   std::to_string(picture.width));
  }
  const int limit = 1 << config_.bit_depth;
  for (int y = 0; y < picture.height; ++y) {
    const uint16_t *row = picture.data + y * picture.stride;
    const uint16_t *high = std::max_element(row, row + picture.width);
    if (*high >= limit) {
      return invalid("sample " + std::to_string(*high) + " at (" + std::to_string(high - row) +
                     ", " + std::to_string(y) + ") is above " + std::to_string(limit - 1) +
                     ", the largest of " + std::to_string(config_.bit_depth) + " bits");
    }
  }
  return {};
}

std::vector<uint8_t> IntraEncoder::code_slice(int qp) {
  SliceHeader header;
  header.qp = qp_ = qp;
  header.dep_quant = true;
  std::vector<uint8_t> rbsp = write_slice_header(header, sps_, pps_);
  CabacEncoder cabac(qp);
  TreeSearch search(frame_, sps_, qp);
  for (CodingUnit &unit : frame_.units) unit.done = false;
  const int ctu = 1 << frame_.log2_ctu;
  for (int y = 0; y < frame_.height; y += ctu) {
    for (int x = 0; x < frame_.width; x += ctu) search.code_ctu(x, y, cabac);
  }
  cabac.finish();
  rbsp.insert(rbsp.end(), cabac.bytes().begin(), cabac.bytes().end());
  return rbsp;
}

// Over the samples of the uncropped picture, in as many bytes as they need (H.274 clause 8.6).
Md5Digest IntraEncoder::picture_md5() const {
  Md5 md5;
  std::vector<uint8_t> row;
  for (int y = 0; y < frame_.height; ++y) {
    row.clear();
    const uint16_t *samples = frame_.recon.data() + y * frame_.stride();
    for (int x = 0; x < frame_.width; ++x) {
      row.push_back(static_cast<uint8_t>(samples[x]));
      if (config_.bit_depth > 8) row.push_back(static_cast<uint8_t>(samples[x] >> 8));
    }
    md5.update(row);
  }
  return md5.finish();
}

Status IntraEncoder::encode(Plane<const uint16_t> picture, const EncodeOptions &options,
                            std::span<const UserData> user_data, std::vector<uint8_t> &out) {
  if (Status status = check(picture, options.qp); !status.ok()) return status;
  frame_.source = picture;
  write_nal(NalType::kSps, write_sps(sps_), true, out);
  write_nal(NalType::kPps, write_pps(pps_), false, out);
  if (!user_data.empty()) {
    write_nal(NalType::kPrefixSei, write_user_data_sei(user_data), false, out);
  }
  write_nal(NalType::kIdrNLp, code_slice(options.qp), false, out);
  if (options.md5_sei) write_nal(NalType::kSuffixSei, write_md5_sei(picture_md5()), false, out);
  frame_.source = {};
  return {};
}

}  // namespace

std::unique_ptr<Encoder> Encoder::create(const EncoderConfig &config, Status &status) {
  const auto side_ok = [](int side) { return side >= 1 && side <= kMaxSide; };
  if (!side_ok(config.width) || !side_ok(config.height)) {
    status = invalid("picture size " + std::to_string(config.width) + "x" +
                     std::to_string(config.height) + " is outside 1x1 to " +
                     std::to_string(kMaxSide) + "x" + std::to_string(kMaxSide));
    return nullptr;
  }
  if (config.bit_depth != 8 && config.bit_depth != 10) {
    status = invalid("bit depth " + std::to_string(config.bit_depth) + " is neither 8 nor 10");
    return nullptr;
  }
  status = {};
  return std::make_unique<IntraEncoder>(config);
}

}  // namespace feat::vvc
