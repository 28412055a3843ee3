// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "codecs/common/byte_reader.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/latents.h"
#include "codecs/hyperprior/stages.h"
#include "codecs/hyperprior/stopwatch.h"
#include "codecs/hyperprior/unit_header.h"

namespace feat::hyperprior {

namespace {

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

}  // namespace

struct Encoder::State : Stages {
  using Stages::Stages;

  Status code(const Prepared &plane, const UnitHeader &header, std::vector<uint8_t> &payload,
              EncodeStats &stats);
};

Encoder::Encoder(std::shared_ptr<const EntropyModel> model, Transforms *transforms, int threads,
                 EntropyBackend *backend)
    : state_(std::make_unique<State>(std::move(model), transforms, threads, backend)) {}
Encoder::~Encoder() = default;

Status Encoder::State::code(const Prepared &plane, const UnitHeader &header,
                            std::vector<uint8_t> &payload, EncodeStats &stats) {
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
  const FloatMap y{latents.data(), map.channels, map.height, map.width};
  FloatMap z;
  if (!transforms->hyper_analyse(y, z, error)) return failed(error.text);
  if (z.channels != d.hyper_latents || z.height != sizes.z_height || z.width != sizes.z_width)
    return failed("the hyper-analysis gave a map of another size");
  stats.analysis_ms = watch.lap();
  CodedLatents coded;
  BackendError wrong;
  if (!backend->encode(y, z, header.step_code >= 0, coded, wrong)) return failed(wrong.text);
  write_varint(coded.z_bytes, payload);
  payload.insert(payload.end(), coded.z, coded.z + coded.z_bytes);
  payload.insert(payload.end(), coded.y, coded.y + coded.y_bytes);
  stats.z_bits = 8 * coded.z_bytes;
  stats.y_bits = 8 * coded.y_bytes;
  stats.entropy_ms = watch.lap();
  const LatentBits bits = backend->bits();
  stats.z_estimated_bits = bits.z;
  stats.y_estimated_bits = bits.y;
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
  std::vector<uint8_t> payload;
  status = state_->code(prepared, header, payload, counted);
  if (!status.ok()) return status;
  const size_t before = out.size();
  write_unit(header, state_->model->model().hash(), payload, out);
  counted.bytes = out.size() - before;
  counted.header_bits = 8 * counted.bytes - counted.y_bits - counted.z_bits;
  return {};
}

}  // namespace feat::hyperprior
