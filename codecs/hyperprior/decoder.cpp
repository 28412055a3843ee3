// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdio>

#include "codecs/common/byte_reader.h"
#include "codecs/hyperprior/hyperprior_codec.h"
#include "codecs/hyperprior/latents.h"
#include "codecs/hyperprior/stages.h"
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

struct Decoder::State : Stages {
  using Stages::Stages;

  Status read(std::span<const uint8_t> payload, const LatentSizes &sizes, int step_code,
              FloatMap &latents);
};

Decoder::Decoder(std::shared_ptr<const EntropyModel> model, Transforms *transforms, int threads,
                 EntropyBackend *backend)
    : state_(std::make_unique<State>(std::move(model), transforms, threads, backend)) {}
Decoder::~Decoder() = default;

// To latents [channels, places], gains taken back.
Status Decoder::State::read(std::span<const uint8_t> payload, const LatentSizes &sizes,
                            int step_code, FloatMap &latents) {
  ByteReader reader(payload);
  const std::span<const uint8_t> z = reader.take(reader.varint());
  if (reader.failed()) return corrupt("the unit ends within its hyper-latents");
  const std::span<const uint8_t> y = reader.rest();
  const std::vector<float> gains = model->gains(std::max(step_code, 0));
  BackendError error;
  if (backend->decode({z.data(), z.size(), y.data(), y.size()}, sizes.z_height, sizes.z_width,
                      gains.data(), latents, error))
    return {};
  return {error.damaged ? Status::Code::kCorrupt : Status::Code::kTransforms, error.text};
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
  FloatMap y;
  status = state_->read(payload, sizes, header.step_code, y);
  if (!status.ok()) return status;
  const double entropy_ms = watch.lap();
  TransformsError error;
  FloatMap samples;
  if (!state_->transforms->synthesise(y, samples, error))
    return {Status::Code::kTransforms, error.text};
  if (samples.channels != 1 || samples.width != width || samples.height != height)
    return {Status::Code::kTransforms, "the synthesis gave a plane of another size"};
  restore(d, header.how, samples.data, header.info.bit_depth, plane);
  if (stats != nullptr) *stats = {entropy_ms, watch.lap()};
  return {};
}

}  // namespace feat::hyperprior
