// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cpu_backend.h"

#include <cstdio>

#include "codecs/hyperprior/latent_math.h"
#include "codecs/hyperprior/latents.h"

namespace feat::hyperprior {

namespace {

size_t places_of(const FloatMap &map) {
  return static_cast<size_t>(map.height) * static_cast<size_t>(map.width);
}

float mean_at(std::span<const int32_t> means, size_t i) {
  return means.empty() ? 0.0F : mean_of(means[i]);
}

void weigh_latents(const FloatMap &map, std::span<const int32_t> means, const rans::Tables &tables,
                   std::span<const uint8_t> table_of, std::vector<int32_t> &symbols) {
  const size_t places = places_of(map);
  const auto channels = static_cast<size_t>(map.channels);
  for (size_t c = 0; c < channels; ++c) {
    for (size_t p = 0; p < places; ++p) {
      const size_t i = p * channels + c;
      symbols[i] = weigh_symbol(map.data[c * places + p], mean_at(means, i), symbols[i],
                                [&](int32_t symbol) { return tables.bits(table_of[i], symbol); });
    }
  }
}

}  // namespace

bool fail(BackendError &error, const std::string &text, bool damaged) {
  error.damaged = damaged;
  std::snprintf(error.text, sizeof error.text, "%s", text.c_str());
  return false;
}

bool round_latents(const FloatMap &map, std::span<const int32_t> means,
                   std::vector<int32_t> &symbols) {
  const size_t places = places_of(map);
  const auto channels = static_cast<size_t>(map.channels);
  symbols.resize(places * channels);
  for (size_t p = 0; p < places; ++p) {
    for (size_t c = 0; c < channels; ++c) {
      const size_t i = p * channels + c;
      if (!round_symbol(map.data[c * places + p] - mean_at(means, i), symbols[i])) return false;
    }
  }
  return true;
}

double bits_of(const rans::Tables &tables, std::span<const int32_t> values,
               std::span<const uint8_t> table_of) {
  double bits = 0;
  for (size_t i = 0; i < values.size(); ++i) bits += tables.bits(table_of[i], values[i]);
  return bits;
}

bool CpuBackend::decode(const CodedLatents &coded, int z_height, int z_width, const float *gains,
                        FloatMap &y, BackendError &error) {
  const ModelDescription &d = model_->model().description();
  const LatentSizes sizes(d, z_width * d.hyper_stride, z_height * d.hyper_stride);
  std::string wrong;
  std::vector<int32_t> z(sizes.z_count);
  if (!rans::decode(model_->z_tables(), {coded.z, coded.z_bytes}, hyper_tables(d, z.size()), z,
                    wrong))
    return fail(error, "the unit's hyper-latents are damaged: " + wrong, true);
  std::vector<uint8_t> tables;
  std::vector<int32_t> means;
  model_->predict(z, z_height, z_width, threads_, tables, means);
  std::vector<int32_t> symbols(sizes.y_count);
  if (!rans::decode(model_->y_tables(), {coded.y, coded.y_bytes}, tables, symbols, wrong))
    return fail(error, "the unit's latents are damaged: " + wrong, true);
  const auto channels = static_cast<size_t>(d.latents);
  const size_t places = symbols.size() / channels;
  latents_.resize(symbols.size());
  for (size_t c = 0; c < channels; ++c) {
    const float factor = 1 / gains[c];
    for (size_t p = 0; p < places; ++p) {
      const size_t i = p * channels + c;
      latents_[c * places + p] = restore_latent(symbols[i], mean_at(means, i), factor);
    }
  }
  y = {latents_.data(), d.latents, sizes.y_height, sizes.y_width};
  return true;
}

bool CpuBackend::encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
                        BackendError &error) {
  if (!round_latents(z, {}, z_.values)) return fail(error, kNoNumber);
  std::vector<int32_t> means;
  model_->predict(z_.values, z.height, z.width, threads_, y_.tables, means);
  if (!round_latents(y, means, y_.values)) return fail(error, kNoNumber);
  if (weigh) weigh_latents(y, means, model_->y_tables(), y_.tables, y_.values);
  z_.tables = hyper_tables(model_->model().description(), z_.values.size());
  z_.bytes.clear();
  y_.bytes.clear();
  std::string wrong;
  if (!rans::encode(model_->z_tables(), z_.values, z_.tables, z_.bytes, wrong) ||
      !rans::encode(model_->y_tables(), y_.values, y_.tables, y_.bytes, wrong))
    return fail(error, wrong);
  coded = {z_.bytes.data(), z_.bytes.size(), y_.bytes.data(), y_.bytes.size()};
  return true;
}

LatentBits CpuBackend::bits() {
  return {bits_of(model_->z_tables(), z_.values, z_.tables),
          bits_of(model_->y_tables(), y_.values, y_.tables)};
}

}  // namespace feat::hyperprior
