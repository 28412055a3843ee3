// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Codes pictures of one size to access units, the same picture as often as wanted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/effort.h"
#include "codecs/vvc/encoder/qp_plan.h"

namespace feat::vvc {

class PictureCoder {
 public:
  // What goes into a unit beside the slice.
  struct Extras {
    std::span<const UserData> user_data;
    bool md5_sei = false;
  };

  explicit PictureCoder(const EncoderConfig &config);

  // Appends an access unit to `out`. QPs are those of the options; without loss, of the slice.
  void code(const Plane<const uint16_t> &picture, const Effort &effort, const QpPlan &qps,
            const Extras &extras, std::vector<uint8_t> &out);
  // Bytes of a unit but for the slice, nearly.
  size_t bytes_around_slice(const Effort &effort, const Extras &extras) const;
  // Bytes of the last unit's slice.
  size_t slice_bytes() const { return slice_bytes_; }
  // Of the last reconstruction against its picture.
  int64_t squared_error() const {
    return frame_.squared_error(0, 0, config_.width, config_.height);
  }

  size_t ctus() const { return frame_.splits.size(); }
  const ProfileTierLevel &profile_tier_level() const { return ptl_; }
  Plane<const uint16_t> reconstruction() const {
    return {frame_.recon.data(), config_.width, config_.height, frame_.stride()};
  }
  // The reconstruction at the coded size, to be kept and put back.
  std::vector<uint16_t> &samples() { return frame_.recon; }

 private:
  Sps make_sps(const Effort &effort) const;
  static void write_headers(const Sps &sps, const Pps &pps, const Extras &extras,
                            std::vector<uint8_t> &out);
  // Filters the reconstruction and appends the filter to `out`, if there is one that pays.
  bool filter_picture(const QpPlan &qps, std::vector<uint8_t> &out);
  std::array<uint8_t, 16> picture_md5() const;

  EncoderConfig config_;
  CodedFrame frame_;
  ProfileTierLevel ptl_;
  size_t slice_bytes_ = 0;
};

}  // namespace feat::vvc
