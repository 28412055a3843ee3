// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdio>

#include "codecs/common/byte_reader.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/latents.h"
#include "codecs/hyperprior/stopwatch.h"
#include "codecs/hyperprior/unit_header.h"

namespace feat::hyperprior {

namespace {

Status corrupt(const std::string &message) {
  return {Status::Code::kCorrupt, message};
}

std::string hexadecimal(uint32_t id) {
  char text[16];
  std::snprintf(text, sizeof text, "%08x", id);
  return text;
}

// The header, from a unit of this model and undamaged, for a plane of this size.
Status check_unit(const Model &model, std::span<const uint8_t> unit, const Plane &plane,
                  UnitHeader &header, std::span<const uint8_t> &payload) {
  Status status = read_header(unit, header, payload);
  if (!status.ok()) return status;
  if (header.info.model_id != model.id())
    return {Status::Code::kModel, "the unit was made with model " +
                                      hexadecimal(header.info.model_id) + ", this is model " +
                                      hexadecimal(model.id()) + " (" + model.description().name +
                                      ")"};
  if (!checksum_agrees(unit, model.hash())) return corrupt("the unit's checksum does not agree");
  if (plane.width != header.info.width || plane.height != header.info.height)
    return {Status::Code::kInvalidArgument, "the plane is " + std::to_string(plane.width) + "x" +
                                                std::to_string(plane.height) + ", the unit's is " +
                                                std::to_string(header.info.width) + "x" +
                                                std::to_string(header.info.height)};
  const ModelDescription &d = model.description();
  if (header.normalised != (d.input == Input::kNormalised) ||
      (header.step_code >= 0) == d.steps.empty() ||
      (header.how.layout == Layout::kColumns && d.input != Input::kNormalised))
    return corrupt("the unit's header does not fit its model");
  return {};
}

}  // namespace

struct Decoder::State {
  std::shared_ptr<const EntropyModel> model;
  Transforms *transforms;
  int threads;

  Status read(std::span<const uint8_t> payload, const LatentSizes &sizes, int step_code,
              std::vector<float> &latents) const;
};

Decoder::Decoder(std::shared_ptr<const EntropyModel> model, Transforms *transforms, int threads)
    : state_(std::make_unique<State>(State{std::move(model), transforms, threads})) {}
Decoder::~Decoder() = default;

// To latents [channels, places], gains taken back.
Status Decoder::State::read(std::span<const uint8_t> payload, const LatentSizes &sizes,
                            int step_code, std::vector<float> &latents) const {
  const ModelDescription &d = model->model().description();
  ByteReader reader(payload);
  const std::span<const uint8_t> z_bytes = reader.take(reader.varint());
  if (reader.failed()) return corrupt("the unit ends within its hyper-latents");
  std::string error;
  std::vector<int32_t> z(sizes.z_count);
  if (!rans::decode(model->z_tables(), z_bytes, hyper_tables(d, z.size()), z, error))
    return corrupt("the unit's hyper-latents are damaged: " + error);
  std::vector<uint8_t> tables;
  std::vector<int32_t> means;
  model->predict(z, sizes.z_height, sizes.z_width, threads, tables, means);
  std::vector<int32_t> symbols(sizes.y_count);
  if (!rans::decode(model->y_tables(), reader.rest(), tables, symbols, error))
    return corrupt("the unit's latents are damaged: " + error);
  const std::vector<float> gains = model->gains(std::max(step_code, 0));
  const size_t channels = gains.size();
  const size_t places = symbols.size() / channels;
  latents.resize(symbols.size());
  for (size_t c = 0; c < channels; ++c) {
    const float factor = 1 / gains[c];
    for (size_t p = 0; p < places; ++p) {
      const size_t i = p * channels + c;
      const float mean = means.empty() ? 0.0F : static_cast<float>(means[i]) / kOutputScale;
      latents[c * places + p] = (static_cast<float>(symbols[i]) + mean) * factor;
    }
  }
  return {};
}

Status Decoder::decode(std::span<const uint8_t> unit, const Plane &plane, DecodeStats *stats) {
  UnitHeader header;
  std::span<const uint8_t> payload;
  const ModelDescription &d = state_->model->model().description();
  Status status = check_unit(state_->model->model(), unit, plane, header, payload);
  if (!status.ok()) return status;
  if (header.step_code >= state_->model->step_codes())
    return corrupt("the unit's step is " + std::to_string(header.step_code) +
                   ", the last one of its model is " +
                   std::to_string(state_->model->step_codes() - 1));
  int width = 0;
  int height = 0;
  prepared_size(d, header.how, plane.width, plane.height, width, height);
  if (width == 0 || height == 0) return corrupt("the unit's layout does not fit its plane");
  const LatentSizes sizes(d, width, height);
  Stopwatch watch;
  std::vector<float> latents;
  status = state_->read(payload, sizes, header.step_code, latents);
  if (!status.ok()) return status;
  const double entropy_ms = watch.lap();
  TransformsError error;
  FloatMap samples;
  const FloatMap y{latents.data(), d.latents, sizes.y_height, sizes.y_width};
  if (!state_->transforms->synthesise(y, samples, error))
    return {Status::Code::kTransforms, error.text};
  if (samples.channels != 1 || samples.width != width || samples.height != height)
    return {Status::Code::kTransforms, "the synthesis gave a plane of another size"};
  restore(d, header.how, samples.data, header.info.bit_depth, plane);
  if (stats != nullptr) *stats = {entropy_ms, watch.lap()};
  return {};
}

}  // namespace feat::hyperprior
