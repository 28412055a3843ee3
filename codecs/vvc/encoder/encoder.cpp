// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <string>

#include "codecs/vvc/encoder/effort.h"
#include "codecs/vvc/encoder/lossless_coder.h"
#include "codecs/vvc/encoder/picture_coder.h"
#include "codecs/vvc/encoder/rate_control.h"
#include "codecs/vvc/encoder/smoothness.h"
#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

Status invalid(std::string message) {
  return {Status::Code::kInvalidArgument, std::move(message)};
}

std::string outside(const std::string &what, int value, int lowest, int highest) {
  return what + " " + std::to_string(value) + " is outside " + std::to_string(lowest) + " to " +
         std::to_string(highest);
}

Status check_options(const EncodeOptions &options) {
  const bool for_mse = options.target_mse != 0;  // not a number counts as set
  const int goals =
      (options.lossless ? 1 : 0) + (options.target_bytes != 0 ? 1 : 0) + (for_mse ? 1 : 0);
  if (goals > 1) {
    return invalid(std::to_string(goals) +
                   " of lossless, target_bytes and target_mse are set, at most 1 may be");
  }
  if (for_mse && (!std::isfinite(options.target_mse) || options.target_mse < 0)) {
    return invalid("target MSE " + std::to_string(options.target_mse) +
                   " is not a finite number of 0 or more");
  }
  if (goals == 0 && (options.qp < kMinQp || options.qp > kMaxQp)) {
    return invalid(outside("QP", options.qp, kMinQp, kMaxQp));
  }
  if (options.effort < 0 || options.effort > kMaxEffort) {
    return invalid(outside("effort", options.effort, 0, kMaxEffort));
  }
  return {};
}

class IntraEncoder final : public Encoder {
 public:
  explicit IntraEncoder(const EncoderConfig &config) : config_(config), coder_(config) {}

  Status encode(Plane<const uint16_t> picture, const EncodeOptions &options,
                std::span<const UserData> user_data, std::vector<uint8_t> &out) override;
  Plane<const uint16_t> reconstruction() const override { return coder_.reconstruction(); }
  ProfileTierLevel profile_tier_level() const override { return coder_.profile_tier_level(); }
  int qp() const override { return qp_; }

 private:
  Status check(const Plane<const uint16_t> &picture) const;

  EncoderConfig config_;
  PictureCoder coder_;
  int qp_ = EncodeOptions().qp;
};

Status IntraEncoder::check(const Plane<const uint16_t> &picture) const {
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

Status IntraEncoder::encode(Plane<const uint16_t> picture, const EncodeOptions &options,
                            std::span<const UserData> user_data, std::vector<uint8_t> &out) {
  if (Status status = check_options(options); !status.ok()) return status;
  if (Status status = check(picture); !status.ok()) return status;
  const PictureCoder::Extras extras{user_data, options.md5_sei};
  QpPlan qps{options.qp, 0};
  if (options.target_bytes != 0 || options.target_mse != 0) {
    qps = code_for_target(coder_, config_, picture, options, extras, out);
  } else {
    Effort effort;
    if (options.lossless) {
      effort = lossless_effort(effort_settings(options.effort, false));
      qps.qp = lossless_qp(config_.bit_depth);
    } else {
      effort = effort_settings(options.effort, is_smooth(picture));
    }
    coder_.code(picture, effort, qps, extras, out);
  }
  qp_ = qps.typical(coder_.ctus());
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
  if (config.threads < 1 || config.threads > kMaxThreads) {
    status = invalid(std::to_string(config.threads) + " threads are outside 1 to " +
                     std::to_string(kMaxThreads));
    return nullptr;
  }
  status = {};
  return std::make_unique<IntraEncoder>(config);
}

}  // namespace feat::vvc
