// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "codecs/common/byte_reader.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/latents.h"
#include "codecs/hyperprior/stopwatch.h"
#include "codecs/hyperprior/unit_header.h"

namespace feat::hyperprior {

namespace {

// Far beyond what any plane gives, and small enough for integers.
constexpr float kMaxSymbol = 1 << 20;
constexpr const char *kNoNumber = "the networks gave values that are no numbers";
constexpr double kErrorBits = 6 / std::numbers::ln2;

// False: the value is no number.
bool round_symbol(float value, int32_t &symbol) {
  if (!(std::abs(value) <= std::numeric_limits<float>::max())) return false;
  symbol = static_cast<int32_t>(std::lround(std::clamp(value, -kMaxSymbol, kMaxSymbol)));
  return true;
}

Status failed(const std::string &what) {
  return {Status::Code::kTransforms, what};
}

Status check_plane(const ConstPlane &plane, const EncodeOptions &options) {
  const auto refuse = [](const char *what, int64_t value, int64_t low, int64_t high) {
    return Status{Status::Code::kInvalidArgument,
                  std::string("the ") + what + " is " + std::to_string(value) + ", outside of " +
                      std::to_string(low) + " to " + std::to_string(high)};
  };
  if (plane.width < 1 || plane.width > kMaxSide)
    return refuse("width of the plane", plane.width, 1, kMaxSide);
  if (plane.height < 1 || plane.height > kMaxSide)
    return refuse("height of the plane", plane.height, 1, kMaxSide);
  if (options.bit_depth < 1 || options.bit_depth > kMaxBitDepth)
    return refuse("bit depth", options.bit_depth, 1, kMaxBitDepth);
  if (!(options.quality >= 0 && options.quality <= 1))
    return {Status::Code::kInvalidArgument,
            "the quality is " + std::to_string(options.quality) + ", outside of 0 to 1"};
  if (options.description.size() > kMaxDescriptionBytes)
    return refuse("length of the description", static_cast<int64_t>(options.description.size()), 0,
                  kMaxDescriptionBytes);
  const int highest = (1 << options.bit_depth) - 1;
  for (int y = 0; y < plane.height; ++y) {
    const uint16_t *row = plane.samples + y * plane.stride;
    const uint16_t largest = *std::max_element(row, row + plane.width);
    if (largest > highest) return refuse("largest sample", largest, 0, highest);
  }
  return {};
}

double bits_of(const rans::Tables &tables, std::span<const int32_t> values,
               std::span<const uint8_t> table_of) {
  double bits = 0;
  for (size_t i = 0; i < values.size(); ++i) bits += tables.bits(table_of[i], values[i]);
  return bits;
}

// [channels, places] of floats to [places, channels] of integers: value - mean.
bool round_latents(const FloatMap &map, std::span<const int32_t> means,
                   std::vector<int32_t> &symbols) {
  const size_t places = static_cast<size_t>(map.height) * static_cast<size_t>(map.width);
  const auto channels = static_cast<size_t>(map.channels);
  symbols.resize(places * channels);
  for (size_t p = 0; p < places; ++p) {
    for (size_t c = 0; c < channels; ++c) {
      const size_t i = p * channels + c;
      const float mean = means.empty() ? 0.0F : static_cast<float>(means[i]) / kOutputScale;
      if (!round_symbol(map.data[c * places + p] - mean, symbols[i])) return false;
    }
  }
  return true;
}

// Takes a symbol to its neighbour nearer to 0 where the bits that this saves are worth the error.
// A model of steps is trained with kErrorBits bits for the squared error of one step, and its
// transform is nearly orthonormal.
void weigh_latents(const FloatMap &map, std::span<const int32_t> means, const rans::Tables &tables,
                   std::span<const uint8_t> table_of, std::vector<int32_t> &symbols) {
  const size_t places = static_cast<size_t>(map.height) * static_cast<size_t>(map.width);
  const auto channels = static_cast<size_t>(map.channels);
  for (size_t c = 0; c < channels; ++c) {
    for (size_t p = 0; p < places; ++p) {
      const size_t i = p * channels + c;
      const int32_t symbol = symbols[i];
      if (symbol == 0) continue;
      const float mean = means.empty() ? 0.0F : static_cast<float>(means[i]) / kOutputScale;
      const double value = map.data[c * places + p] - mean;
      const int32_t nearer = symbol > 0 ? symbol - 1 : symbol + 1;
      const double error =
          (value - nearer) * (value - nearer) - (value - symbol) * (value - symbol);
      const double saved = tables.bits(table_of[i], symbol) - tables.bits(table_of[i], nearer);
      if (saved > kErrorBits * error) symbols[i] = nearer;
    }
  }
}

}  // namespace

struct Encoder::State {
  std::shared_ptr<const EntropyModel> model;
  Transforms *transforms;
  int threads;

  Status analyse(const Prepared &plane, const UnitHeader &header, std::vector<int32_t> &z,
                 std::vector<int32_t> &y, std::vector<uint8_t> &y_tables, EncodeStats &stats);
  Status write(const std::vector<int32_t> &z, const std::vector<int32_t> &y,
               const std::vector<uint8_t> &y_tables, std::vector<uint8_t> &payload,
               EncodeStats &stats) const;
};

Encoder::Encoder(std::shared_ptr<const EntropyModel> model, Transforms *transforms, int threads)
    : state_(std::make_unique<State>(State{std::move(model), transforms, threads})) {}
Encoder::~Encoder() = default;

Status Encoder::State::analyse(const Prepared &plane, const UnitHeader &header,
                               std::vector<int32_t> &z, std::vector<int32_t> &y,
                               std::vector<uint8_t> &y_tables, EncodeStats &stats) {
  const ModelDescription &d = model->model().description();
  const LatentSizes sizes(d, plane.width, plane.height);
  Stopwatch watch;
  TransformsError error;
  FloatMap map;
  if (!transforms->analyse({plane.samples.data(), 1, plane.height, plane.width}, map, error))
    return failed(error.text);
  if (map.channels != d.latents || map.height != sizes.y_height || map.width != sizes.y_width)
    return failed("the analysis gave a map of another size");
  const std::vector<float> gains = model->gains(std::max(header.step_code, 0));
  std::vector<float> latents(map.data, map.data + sizes.y_count);
  const size_t places = sizes.y_count / static_cast<size_t>(d.latents);
  for (size_t i = 0; i < latents.size(); ++i) latents[i] *= gains[i / places];
  const FloatMap gained{latents.data(), map.channels, map.height, map.width};
  if (!transforms->hyper_analyse(gained, map, error)) return failed(error.text);
  if (map.channels != d.hyper_latents || map.height != sizes.z_height || map.width != sizes.z_width)
    return failed("the hyper-analysis gave a map of another size");
  if (!round_latents(map, {}, z)) return failed(kNoNumber);
  stats.analysis_ms = watch.lap();
  std::vector<int32_t> means;
  model->predict(z, sizes.z_height, sizes.z_width, threads, y_tables, means);
  if (!round_latents(gained, means, y)) return failed(kNoNumber);
  if (header.step_code >= 0) weigh_latents(gained, means, model->y_tables(), y_tables, y);
  stats.entropy_ms = watch.lap();
  return {};
}

Status Encoder::State::write(const std::vector<int32_t> &z, const std::vector<int32_t> &y,
                             const std::vector<uint8_t> &y_tables, std::vector<uint8_t> &payload,
                             EncodeStats &stats) const {
  Stopwatch watch;
  const std::vector<uint8_t> z_tables = hyper_tables(model->model().description(), z.size());
  std::vector<uint8_t> coded;
  std::string error;
  if (!rans::encode(model->z_tables(), z, z_tables, coded, error)) return failed(error);
  write_varint(coded.size(), payload);
  stats.z_bits = 8 * coded.size();
  payload.insert(payload.end(), coded.begin(), coded.end());
  const size_t before = payload.size();
  if (!rans::encode(model->y_tables(), y, y_tables, payload, error)) return failed(error);
  stats.y_bits = 8 * (payload.size() - before);
  stats.entropy_ms += watch.lap();
  stats.z_estimated_bits = bits_of(model->z_tables(), z, z_tables);
  stats.y_estimated_bits = bits_of(model->y_tables(), y, y_tables);
  return {};
}

Status Encoder::encode(const ConstPlane &plane, const EncodeOptions &options,
                       std::vector<uint8_t> &out, EncodeStats *stats) {
  Status status = check_plane(plane, options);
  if (!status.ok()) return status;
  const ModelDescription &d = state_->model->model().description();
  EncodeStats local;
  EncodeStats &counted = stats != nullptr ? *stats : local;
  counted = {};
  const Prepared prepared = prepare(d, plane, options.bit_depth);
  UnitHeader header;
  header.info.width = plane.width;
  header.info.height = plane.height;
  header.info.bit_depth = options.bit_depth;
  header.info.model_id = state_->model->model().id();
  header.info.description.assign(options.description.begin(), options.description.end());
  header.how = prepared.how;
  header.normalised = d.input == Input::kNormalised;
  if (!d.steps.empty())
    header.step_code =
        state_->model->step_code(step_of(options.quality, prepared.how, options.bit_depth));
  std::vector<int32_t> z;
  std::vector<int32_t> y;
  std::vector<uint8_t> y_tables;
  std::vector<uint8_t> payload;
  status = state_->analyse(prepared, header, z, y, y_tables, counted);
  if (status.ok()) status = state_->write(z, y, y_tables, payload, counted);
  if (!status.ok()) return status;
  const size_t before = out.size();
  write_unit(header, state_->model->model().hash(), payload, out);
  counted.bytes = out.size() - before;
  counted.header_bits = 8 * counted.bytes - counted.y_bits - counted.z_bits;
  return {};
}

}  // namespace feat::hyperprior
