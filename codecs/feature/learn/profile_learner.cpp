// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/profile_learner.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "codecs/feature/learn/feature_sums.h"
#include "codecs/feature/learn/profile_solver.h"
#include "codecs/feature/tensor_values.h"

namespace feat::native {

namespace {

using Code = Status::Code;

Status fail(Code code, std::string message) {
  return {code, std::move(message)};
}

Status check_finite(std::span<const float> values) {
  const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
  if (bad == values.end()) return {};
  const auto count = std::ranges::count_if(values, [](float v) { return !std::isfinite(v); });
  return fail(Code::kNonFinite, "element " + std::to_string(bad - values.begin()) + " is " +
                                    (std::isnan(*bad) ? "NaN" : "infinite") + "; " +
                                    std::to_string(count) + " of " + std::to_string(values.size()) +
                                    " elements are not finite");
}

}  // namespace

struct ProfileLearner::State {
  LearnOptions options;
  uint32_t channels = 0;
  std::unique_ptr<FeatureAccumulator> accumulator;
  std::vector<float> converted;
  std::vector<float> prepared;

  Status begin(uint32_t count);
  void prepare(std::span<const float> values);
};

// The first feature tells the number of channels.
Status ProfileLearner::State::begin(uint32_t count) {
  if (count == 0 || count > kMaxLearnChannels)
    return fail(Code::kLimit, std::to_string(count) + " channels; 1 to " +
                                  std::to_string(kMaxLearnChannels) + " can be learned");
  if (!options.weights.empty() && options.weights.size() != count)
    return fail(Code::kInvalidArgument, std::to_string(options.weights.size()) + " weights for " +
                                            std::to_string(count) + " channels");
  if (std::ranges::any_of(options.weights, [](float w) { return !(w > 0) || !std::isfinite(w); }))
    return fail(Code::kInvalidArgument, "a weight is not a number above 0");
  if (options.components > count)
    return fail(Code::kInvalidArgument, std::to_string(options.components) + " components of " +
                                            std::to_string(count) + " channels");
  if (!(options.clip_min < options.clip_max))
    return fail(Code::kInvalidArgument, "the range for clipping is empty");
  channels = count;
  accumulator = std::make_unique<FeatureAccumulator>(
      count, std::min(options.max_positions, kMaxProfilePositions), options.threads);
  return {};
}

void ProfileLearner::State::prepare(std::span<const float> values) {
  prepared.assign(values.begin(), values.end());
  for (float &v : prepared) v = std::clamp(v, options.clip_min, options.clip_max);
  if (options.weights.empty()) return;
  for (size_t i = 0; i < prepared.size(); ++i) prepared[i] *= options.weights[i % channels];
}

ProfileLearner::ProfileLearner(LearnOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
}
ProfileLearner::~ProfileLearner() = default;

uint64_t ProfileLearner::features() const {
  return state_->accumulator ? state_->accumulator->features() : 0;
}
uint64_t ProfileLearner::rows() const {
  return state_->accumulator ? state_->accumulator->rows() : 0;
}
uint32_t ProfileLearner::channels() const {
  return state_->channels;
}

Status ProfileLearner::add(const TensorInfo &tensor, std::span<const uint8_t> data) {
  uint64_t points = 0;
  if (!count_points(tensor.shape, points) || data.size() / size_of(tensor.format) != points ||
      data.size() % size_of(tensor.format) != 0)
    return fail(Code::kInvalidArgument,
                std::to_string(data.size()) + " bytes are not those of the shape");
  // Whether all is finite, add_rows() says.
  (void)to_floats(tensor.format, data, false, state_->converted);
  return add_rows(state_->converted, tensor.shape.empty() ? 1 : tensor.shape.back());
}

Status ProfileLearner::add_rows(std::span<const float> values, uint32_t channels) {
  if (channels == 0 || values.size() % channels != 0)
    return fail(Code::kInvalidArgument, std::to_string(values.size()) + " values are not rows of " +
                                            std::to_string(channels));
  if (Status status = check_finite(values); !status.ok()) return status;
  if (state_->channels == 0) {
    if (Status status = state_->begin(channels); !status.ok()) return status;
  }
  if (channels != state_->channels)
    return fail(Code::kInvalidArgument, std::to_string(channels) +
                                            " channels (the last dimension), where the first " +
                                            "feature has " + std::to_string(state_->channels));
  state_->prepare(values);
  state_->accumulator->add(state_->prepared.data(), values.size() / channels);
  return {};
}

Status ProfileLearner::finish(ProfileData &profile, LearnReport &report) {
  if (rows() < 2)
    return fail(Code::kInvalidArgument, std::to_string(rows()) +
                                            " rows are too few to learn from; 2 are the least, " +
                                            "many times the number of channels are good");
  const LearnOptions &options = state_->options;
  const FeatureSums sums = state_->accumulator->take();
  state_->accumulator.reset();
  profile = {};
  report = {};
  profile.name = options.name;
  profile.origin = options.origin;
  profile.weights = options.weights;
  solve_profile(sums, options.components > 0 ? options.components : state_->channels, profile,
                report);
  if (!options.weights.empty())
    for (size_t c = 0; c < profile.mean.size(); ++c) profile.mean[c] /= options.weights[c];
  state_->channels = 0;
  return {};
}

}  // namespace feat::native
