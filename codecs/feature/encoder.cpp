// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <string>

#include "codecs/feature/feature_codec.h"
#include "codecs/feature/image_shape.h"
#include "codecs/feature/layout.h"
#include "codecs/feature/lossless.h"
#include "codecs/feature/payload.h"
#include "codecs/feature/rate_search.h"
#include "codecs/feature/tensor_values.h"
#include "codecs/feature/unit_header.h"

namespace feat::native {

namespace {

// What part of the bits a grid must save.
constexpr double kMinGridGain = 0.002;
// Fewer rows look like some grid by chance.
constexpr uint64_t kMinGridRows = 36;
// With fewer rows a mean costs more than it saves.
constexpr uint64_t kMinMeanRows = 8;
constexpr int kMaxPasses = 12;
constexpr int kMaxThriftPasses = 12;
// Farther off than that, the target is out of reach.
constexpr double kWidestGap = 0.3;
constexpr int kMaxThrift = 2 * kStepCodesPerOctave;
constexpr double kRateTolerance = 0.005;
constexpr double kErrorTolerance = 0.01;

Status invalid(const std::string &message) {
  return {Status::Code::kInvalidArgument, message};
}

Status check_options(const TensorInfo &tensor, std::span<const uint8_t> data,
                     const EncodeOptions &options) {
  if (tensor.shape.size() > kMaxDims)
    return invalid("the tensor has " + std::to_string(tensor.shape.size()) +
                   " dimensions, the limit is " + std::to_string(kMaxDims));
  uint64_t points = 0;
  if (!count_points(tensor.shape, points) || points * size_of(tensor.format) != data.size())
    return invalid("a tensor of this shape and format has " +
                   std::to_string(points * size_of(tensor.format)) + " bytes, not " +
                   std::to_string(data.size()));
  if (options.effort < 0 || options.effort > kMaxEffort)
    return invalid("the effort " + std::to_string(options.effort) + " is not from 0 to " +
                   std::to_string(kMaxEffort));
  if (options.threads < 1 || options.threads > kMaxThreads)
    return invalid(std::to_string(options.threads) + " threads are not from 1 to " +
                   std::to_string(kMaxThreads));
  if (options.description.size() > kMaxDescriptionBytes)
    return invalid("the description has " + std::to_string(options.description.size()) +
                   " bytes, the limit is " + std::to_string(kMaxDescriptionBytes));
  const bool has_value = options.target != Target::kLossless;
  const bool in_range = options.target == Target::kQuality
                            ? options.value >= 0 && options.value <= 100
                            : options.value > 0 && std::isfinite(options.value);
  if (has_value && !in_range)
    return invalid("the target " + std::to_string(options.value) + " is not " +
                   (options.target == Target::kQuality ? "from 0 to 100" : "a number above 0"));
  return {};
}

}  // namespace

struct Encoder::State {
  std::vector<float> values;

  Status choose_layout(const EncodeOptions &options, const Profile *profile, double distance,
                       UnitHeader &header) const;
};

Status Encoder::State::choose_layout(const EncodeOptions &options, const Profile *profile,
                                     double distance, UnitHeader &header) const {
  const MatrixShape shape(header.tensor.shape);
  if (options.layout == Layout::kGrid && grids_of(shape.rows).empty())
    return invalid("a matrix of " + std::to_string(shape.rows) +
                   " rows is no grid with sides of at most 1 to 2 behind at most eight other rows");
  if (options.layout == Layout::kImage && profile != nullptr)
    return invalid("the image layout takes no profile");
  header.layout = options.layout;
  const bool images = options.layout == Layout::kAuto && profile == nullptr &&
                      looks_like_images(ImageShape(header.tensor.shape), values);
  if (images) {
    header.layout = Layout::kImage;
  } else if (options.layout == Layout::kGrid ||
             (options.layout == Layout::kAuto && profile == nullptr &&
              shape.rows >= kMinGridRows)) {
    const auto [grid, gain] = choose_grid(shape, values, distance);
    const bool pays = options.layout == Layout::kGrid || gain > kMinGridGain;
    header.layout = pays ? Layout::kGrid : Layout::kTokens;
    header.special_rows = pays ? grid.special_rows : 0;
    header.grid_height = pays ? grid.height : 0;
  } else if (options.layout == Layout::kAuto) {
    header.layout = Layout::kTokens;
  }
  header.means =
      header.layout == Layout::kTokens && profile == nullptr && shape.rows >= kMinMeanRows;
  header.shared_statistics = spreads_agree(shape, values);
  return {};
}

Encoder::Encoder() : state_(std::make_unique<State>()) {}
Encoder::~Encoder() = default;

Status Encoder::encode(const TensorInfo &tensor, std::span<const uint8_t> data,
                       const EncodeOptions &options, const Profile *profile,
                       std::vector<uint8_t> &out, EncodeStats *stats) {
  Status status = check_options(tensor, data, options);
  if (!status.ok()) return status;
  UnitHeader header;
  header.tensor = tensor;
  header.description.assign(options.description.begin(), options.description.end());
  EncodeStats result;
  const size_t start = out.size();
  const auto finish = [&](std::span<const uint8_t> payload, ProfileHash hash) {
    write_unit(header, hash, payload, out);
    result.bytes = out.size() - start;
    result.payload_bytes = payload.size();
    if (stats != nullptr) *stats = result;
    return Status();
  };
  if (options.target == Target::kLossless) {
    header.lossless = true;
    std::vector<uint8_t> payload;
    encode_lossless(tensor.format, tensor.shape, data, options.threads, payload);
    result.passes = 1;
    return finish(payload, 0);
  }

  std::vector<float> &values = state_->values;
  status = to_floats(tensor.format, data, options.clamp_non_finite, values);
  if (!status.ok()) return status;
  const MatrixShape shape(tensor.shape);
  header.quantizer = quantizer_of(options.effort);
  header.layout = Layout::kTokens;
  if (values.empty()) return finish({}, 0);

  const ProfileData *profile_data = profile != nullptr ? &profile->data() : nullptr;
  const double points = static_cast<double>(values.size());
  const double spread = std::max(spread_of(shape, values), 1e-30);
  double step = spread;
  if (options.target == Target::kQuality) step = spread * std::exp2((50 - options.value) / 8);
  if (options.target == Target::kStep) step = options.value;
  if (options.target == Target::kBpfp)
    step = spread * std::exp2(1.5 - std::min(options.value, 24.0));
  if (options.target == Target::kMse) step = std::min(std::sqrt(12 * options.value), 4 * spread);
  header.step_code = step_code(step, header.quantizer);
  status = state_->choose_layout(options, profile, distance_of(header.step_code), header);
  if (status.ok()) status = check_layout(header, profile_data);
  if (!status.ok()) return status;

  CodedPayload payload;
  Search search = search_of(options.effort);
  const auto code = [&](int step_code) {
    header.step_code = step_code;
    payload = encode_payload(header, profile_data, values, search, options.threads);
    ++result.passes;
  };
  // Between two steps the best rotation of channels may be another one, and much lies between them.
  // How much bits are worth then tells; the search is that of steps, with the same units.
  const auto code_for = [&](double target, bool rising, double tolerance, const auto &measure) {
    search_step(header.step_code, target, rising, tolerance, kMaxPasses, [&](int c) {
      code(c);
      return measure();
    });
    const double miss = std::abs(std::log(measure() / target));
    if (miss <= tolerance || miss > kWidestGap) return;
    search_step(0, target, rising, tolerance, kMaxThriftPasses, [&](int c) {
      const auto bounded_code = static_cast<float>(std::clamp(c, -kMaxThrift, kMaxThrift));
      const float thrift = std::exp2(bounded_code / kStepCodesPerOctave);
      if (thrift != search.thrift) {  // else it is the payload that is there
        search.thrift = thrift;
        code(header.step_code);
      }
      return measure();
    });
  };
  const ProfileHash hash = profile != nullptr ? profile->hash() : 0;
  if (options.target == Target::kBpfp) {
    // What surrounds the payload counts, too.
    std::vector<uint8_t> empty;
    write_unit(header, hash, {}, empty);
    const double target = options.value * points / 8;
    // Half a byte more or less is all that a small unit can do.
    code_for(target, false, kRateTolerance + 0.5 / target,
             [&] { return static_cast<double>(payload.bytes.size() + empty.size()); });
  } else if (options.target == Target::kMse) {
    code_for(options.value, true, kErrorTolerance, [&] { return payload.squared_error / points; });
  } else {
    code(header.step_code);
  }
  result.step = step_of(header.step_code, header.quantizer);
  result.mse = payload.squared_error / points;
  result.layout = header.layout;
  return finish(payload.bytes, hash);
}

}  // namespace feat::native
