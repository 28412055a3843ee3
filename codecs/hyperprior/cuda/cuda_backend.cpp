// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/hyperprior/cuda/cuda_backend.h"

#include <algorithm>
#include <new>

#include "codecs/hyperprior/cuda/lanes_that_pay.h"
#include "codecs/hyperprior/latents.h"
#include "codecs/rans/encoder.h"

namespace feat::hyperprior {

namespace {

// Before anything else is made on it.
int use_device(int device) {
  check(cudaSetDevice(device), "choosing the GPU");
  check_kernels();
  return device;
}

// Calls `work`, of which nothing is thrown on.
template <class Work>
bool guarded(BackendError &error, const Work &work) {
  try {
    return work();
  } catch (const CudaFailure &failure) {
    return fail(error, failure.text);
  } catch (const std::bad_alloc &) {
    return fail(error, "there is not enough memory for the latents");
  }
}

}  // namespace

CudaBackend::CudaBackend(std::shared_ptr<const EntropyModel> model, int device)
    : model_(std::move(model)),
      device_(use_device(device)),
      name_("cuda:" + std::to_string(device)),
      y_tables_(model_->y_tables(), stream_),
      z_tables_(model_->z_tables(), stream_),
      network_(*model_, stream_) {
  stream_.wait();
}

int32_t *CudaBackend::means_of(size_t count) {
  return model_->model().description().means ? means_.reserve(count) : nullptr;
}

void CudaBackend::predict(const int32_t *z, int z_height, int z_width, size_t count) {
  network_.predict(z, z_height, z_width, tables_.reserve(count), means_of(count), stream_);
}

bool CudaBackend::decode(const CodedLatents &coded, int z_height, int z_width, const float *gains,
                         FloatMap &y, BackendError &error) {
  return guarded(error, [&] { return try_decode(coded, z_height, z_width, gains, y, error); });
}

bool CudaBackend::encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
                         BackendError &error) {
  return guarded(error, [&] { return try_encode(y, z, weigh, coded, error); });
}

bool CudaBackend::try_decode(const CodedLatents &coded, int z_height, int z_width,
                             const float *gains, FloatMap &y, BackendError &error) {
  check(cudaSetDevice(device_), "choosing the GPU");
  const ModelDescription &d = model_->model().description();
  const LatentSizes sizes(d, z_width * d.hyper_stride, z_height * d.hyper_stride);
  const auto channels = static_cast<size_t>(d.latents);
  const auto z_damaged = [&](const std::string &wrong) {
    return fail(error, "the unit's hyper-latents are damaged: " + wrong, true);
  };
  const auto y_damaged = [&](const std::string &wrong) {
    return fail(error, "the unit's latents are damaged: " + wrong, true);
  };
  clock_.start(stream_);
  std::vector<float> factors;
  for (size_t c = 0; c < channels; ++c) factors.push_back(1 / gains[c]);
  const float *const device_factors = keep(factors_, factors, stream_);
  int32_t *const z = z_.reserve(sizes.z_count);
  std::string wrong;
  // What comes from memory that is not pinned waits for the stream: all of it first.
  if (!z_decoder_.open({coded.z, coded.z_bytes}, sizes.z_count, stream_, wrong))
    return z_damaged(wrong);
  const bool z_here = z_decoder_.pays();
  if (!z_here) {
    z_host_.values.resize(sizes.z_count);
    if (!rans::decode(model_->z_tables(), {coded.z, coded.z_bytes}, hyper_tables(d, sizes.z_count),
                      z_host_.values, wrong))
      return z_damaged(wrong);
    upload(z, z_host_.values.data(), sizes.z_count, stream_);
  }
  std::string y_wrong;
  const bool y_opens = y_decoder_.open({coded.y, coded.y_bytes}, sizes.y_count, stream_, y_wrong);
  const bool y_here = y_opens && y_decoder_.pays();
  clock_.lap("copying to the GPU", stream_);
  if (z_here)
    z_decoder_.start(z_tables_, {nullptr, static_cast<uint32_t>(d.hyper_latents)}, z, stream_);
  clock_.lap("hyper-latents", stream_);
  predict(z, z_height, z_width, sizes.y_count);
  clock_.lap("hyper-synthesis", stream_);
  int32_t *const symbols = y_.reserve(sizes.y_count);
  if (y_here) {
    y_decoder_.start(y_tables_, {tables_.data(), 1}, symbols, stream_);
  } else {
    y_host_.tables.resize(sizes.y_count);
    download(y_host_.tables.data(), tables_.data(), sizes.y_count, stream_);
    stream_.wait();
    if (z_here && !z_decoder_.good(wrong)) return z_damaged(wrong);
    if (!y_opens) return y_damaged(y_wrong);
    y_host_.values.resize(sizes.y_count);
    if (!rans::decode(model_->y_tables(), {coded.y, coded.y_bytes}, y_host_.tables, y_host_.values,
                      wrong))
      return y_damaged(wrong);
    upload(symbols, y_host_.values.data(), sizes.y_count, stream_);
  }
  clock_.lap("latents", stream_);
  const LatentShape shape = {int64_t{sizes.y_height} * sizes.y_width, d.latents};
  float *const latents = latents_.reserve(sizes.y_count);
  start_restore({shape, symbols, means_of(sizes.y_count), device_factors, latents}, stream_);
  clock_.lap("restoring", stream_);
  float *const result = host_latents_.reserve(sizes.y_count);
  download(result, latents, sizes.y_count, stream_);
  clock_.lap("copying from the GPU", stream_);
  stream_.wait();
  if (z_here && !z_decoder_.good(wrong)) return z_damaged(wrong);
  if (y_here && !y_decoder_.good(wrong)) return y_damaged(wrong);
  y = {result, d.latents, sizes.y_height, sizes.y_width};
  return true;
}

bool CudaBackend::try_encode(const FloatMap &y, const FloatMap &z, bool weigh, CodedLatents &coded,
                             BackendError &error) {
  check(cudaSetDevice(device_), "choosing the GPU");
  if (!round_latents(z, {}, z_host_.values)) return fail(error, kNoNumber);
  const LatentShape shape = {int64_t{y.height} * y.width, y.channels};
  const size_t count = static_cast<size_t>(shape.places) * static_cast<size_t>(shape.channels);
  clock_.start(stream_);
  const int32_t *const device_z = keep(z_, z_host_.values, stream_);
  float *const latents = latents_.reserve(count);
  upload(latents, y.data, count, stream_);
  CostSums *const sums = sums_.reserve(1);
  check(cudaMemsetAsync(sums, 0, sizeof(CostSums), stream_), "clearing sums");
  clock_.lap("copying to the GPU", stream_);
  predict(device_z, z.height, z.width, count);
  clock_.lap("hyper-synthesis", stream_);
  start_choose({shape, latents, means_of(count), tables_.data(), y_tables_.costs(), weigh,
                y_.reserve(count)},
               sums, stream_);
  CostSums *const host_sums = host_sums_.reserve(1);
  download(host_sums, sums, 1, stream_);
  clock_.lap("choosing symbols", stream_);
  // The GPU goes on meanwhile.
  z_host_.tables = hyper_tables(model_->model().description(), z_host_.values.size());
  z_host_.bytes.clear();
  std::string wrong;
  if (!rans::encode(model_->z_tables(), z_host_.values, z_host_.tables, z_host_.bytes, wrong))
    return fail(error, wrong);
  stream_.wait();
  if (host_sums->no_numbers > 0) return fail(error, kNoNumber);
  encode_y(count, *host_sums);
  clock_.lap("entropy encoder", stream_);
  stream_.wait();
  y_bits_ = host_sums->bits;
  coded = {z_host_.bytes.data(), z_host_.bytes.size(), y_host_.bytes.data(), y_host_.bytes.size()};
  return true;
}

void CudaBackend::encode_y(size_t count, const CostSums &sums) {
  y_host_.bytes.clear();
  const rans::Layout layout = rans::choose_layout(count, sums.bytes());
  if (layout.chunks * static_cast<uint64_t>(layout.lanes()) >= kLanesThatPay &&
      encoder_.encode(layout, y_tables_, {tables_.data(), 1}, y_.data(), count, stream_,
                      y_host_.bytes))
    return;
  y_host_.values.resize(count);
  y_host_.tables.resize(count);
  download(y_host_.values.data(), y_.data(), count, stream_);
  download(y_host_.tables.data(), tables_.data(), count, stream_);
  stream_.wait();
  rans::encode_by(layout, y_tables_.host(), y_host_.values, y_host_.tables, y_host_.bytes);
}

LatentBits CudaBackend::bits() {
  return {bits_of(model_->z_tables(), z_host_.values, z_host_.tables), y_bits_};
}

}  // namespace feat::hyperprior
