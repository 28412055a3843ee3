// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/picture_coder.h"

#include <algorithm>

#include "codecs/vvc/common/md5.h"
#include "codecs/vvc/encoder/block_math.h"
#include "codecs/vvc/encoder/level.h"
#include "codecs/vvc/encoder/nal_writer.h"
#include "codecs/vvc/encoder/parameter_sets.h"
#include "codecs/vvc/encoder/picture_filter.h"
#include "codecs/vvc/encoder/picture_search.h"
#include "codecs/vvc/encoder/sei_writer.h"

namespace feat::vvc {
namespace {

constexpr int kLog2Ctu = 6;
constexpr int kLog2MinQuad = 3;
constexpr int kLog2MaxMultiType = 6;
constexpr int kSizeUnit = 8;  // sides of the coded picture are multiples of it

int round_up(int size) {
  return (size + kSizeUnit - 1) / kSizeUnit * kSizeUnit;
}

Pps make_pps(const Sps &sps, const QpPlan &qps) {
  Pps pps;
  pps.width = sps.width;
  pps.height = sps.height;
  pps.cu_qp_delta = qps.mixed();
  pps.deblocking_control = true;
  pps.deblocking_disabled = true;
  return pps;
}

}  // namespace

PictureCoder::PictureCoder(const EncoderConfig &config) : config_(config) {
  const int width = round_up(config.width);
  const int height = round_up(config.height);
  frame_.bit_depth = config.bit_depth;
  frame_.log2_ctu = kLog2Ctu;
  frame_.resize(width, height);
  ptl_ = level_for_size(width, height);
}

Sps PictureCoder::make_sps(const Effort &effort) const {
  Sps sps;
  sps.width = frame_.width;
  sps.height = frame_.height;
  sps.crop_right = sps.width - config_.width;
  sps.crop_bottom = sps.height - config_.height;
  sps.ptl = ptl_;
  sps.bit_depth = config_.bit_depth;
  sps.log2_ctu = frame_.log2_ctu;
  sps.log2_min_qt = kLog2MinQuad;
  sps.max_mtt_depth = effort.multi_type_depth;
  sps.mts = effort.tools.implicit_mts;
  sps.isp = effort.tools.isp;
  sps.mrl = effort.tools.mrl;
  // Without loss a larger block has to be split anyway.
  sps.log2_max_bt = effort.lossless ? kLog2MaxTransformSkip : kLog2MaxMultiType;
  sps.log2_max_tt = sps.log2_max_bt;
  sps.log2_max_ts = effort.tools.transform_skip ? kLog2MaxTransformSkip : 0;
  sps.bdpcm = effort.tools.bdpcm;
  sps.dep_quant = !effort.tools.plain_residuals;
  sps.alf = effort.loop_filter;
  sps.log2_max_poc_lsb = 4;
  return sps;
}

// Over the samples of the uncropped picture, in as many bytes as they need (H.274 clause 8.6).
std::array<uint8_t, 16> PictureCoder::picture_md5() const {
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

void PictureCoder::write_headers(const Sps &sps, const Pps &pps, const Extras &extras,
                                 std::vector<uint8_t> &out) {
  write_nal(NalType::kSps, write_sps(sps), true, out);
  write_nal(NalType::kPps, write_pps(pps), false, out);
  if (!extras.user_data.empty()) {
    write_nal(NalType::kPrefixSei, write_user_data_sei(extras.user_data), false, out);
  }
}

size_t PictureCoder::bytes_around_slice(const Effort &effort, const Extras &extras) const {
  std::vector<uint8_t> unit;
  const Sps sps = make_sps(effort);
  write_headers(sps, make_pps(sps, {}), extras, unit);
  if (extras.md5_sei) {
    Md5Digest digest;
    digest.fill(0xff);
    write_nal(NalType::kSuffixSei, write_md5_sei(digest), false, unit);
  }
  return unit.size();
}

bool PictureCoder::filter_picture(const QpPlan &qps, std::vector<uint8_t> &out) {
  PictureFilter filter(frame_, config_.threads);
  const std::optional<AlfChoice> choice = filter.find(Lambda(qps.qp, config_.bit_depth));
  if (!choice) return false;
  filter.apply(*choice);
  write_nal(NalType::kPrefixAps, write_alf_aps(*choice), false, out);
  return true;
}

void PictureCoder::code(const Plane<const uint16_t> &picture, const Effort &effort,
                        const QpPlan &qps, const Extras &extras, std::vector<uint8_t> &out) {
  const Sps sps = make_sps(effort);
  const QpPlan slice_qps = effort.lossless ? qps : qps.of_slice();
  const Pps pps = make_pps(sps, slice_qps);
  frame_.start(picture);
  write_headers(sps, pps, extras, out);

  SliceHeader header;
  header.qp = slice_qps.slice_qp();
  header.dep_quant = sps.dep_quant;
  header.ts_residual_coding_disabled = effort.tools.plain_residuals;
  // Below 0 neither the contexts nor anything else here depends on the QP.
  PictureSearch search(frame_, sps, {std::max(slice_qps.qp, kMinQp), slice_qps.coarser}, effort);
  std::span<const uint8_t> data = search.run(config_.threads);
  if (effort.loop_filter) {
    header.alf = filter_picture(slice_qps, out);
    if (!header.alf) data = search.write_unfiltered();
  }
  std::vector<uint8_t> rbsp = write_slice_header(header, sps, pps);
  rbsp.insert(rbsp.end(), data.begin(), data.end());
  const size_t before = out.size();
  write_nal(NalType::kIdrNLp, rbsp, false, out);
  slice_bytes_ = out.size() - before;

  if (extras.md5_sei) write_nal(NalType::kSuffixSei, write_md5_sei(picture_md5()), false, out);
}

}  // namespace feat::vvc
