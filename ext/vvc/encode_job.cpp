// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/encode_job.h"

#include <algorithm>
#include <new>

#include "ext/common/gray_format.h"
#include "ext/vvc/feature_sei.h"
#include "ext/vvc/h266_stream.h"

namespace feat {

namespace {

using vvc::Status;

Status read_frame(const EncodeJob &job, std::vector<uint16_t> &samples) {
  const EncodeSetup &setup = *job.setup;
  GstVideoFrame video;
  if (!gst_video_frame_map(&video, &setup.video_info, job.frame->input_buffer, GST_MAP_READ)) {
    return {Status::Code::kInvalidArgument, "An input frame could not be mapped."};
  }
  read_gray(&video, setup.config.bit_depth, samples);
  gst_video_frame_unmap(&video);
  return {};
}

// Lossless is a promise, and cheap to verify.
bool is_same(const vvc::Plane<const uint16_t> &a, const vvc::Plane<const uint16_t> &b) {
  for (int y = 0; y < a.height; y++) {
    const uint16_t *row = a.data + y * a.stride;
    if (!std::equal(row, row + a.width, b.data + y * b.stride)) return false;
  }
  return true;
}

using Picture = vvc::Plane<const uint16_t>;

// The description of the unit whose decoded picture is this one.
vvc::UserData make_description(const EncodeJob &job, const Picture &decoded) {
  return to_user_data(job.setup->info.get(), job.in_every_unit, job.crc32 ? &decoded : nullptr);
}

size_t sei_bytes(const vvc::UserData &message) {
  return vvc::insert_user_data({}, {&message, 1}).size();
}

Status encode_built_in(EncodeJob &job, const Picture &picture, EncodeScratch &scratch,
                       int threads) {
  Status status;
  if (scratch.setup != job.setup || scratch.threads != threads) {
    vvc::EncoderConfig config = job.setup->config;
    config.threads = threads;
    scratch.encoder.reset();
    scratch.encoder = vvc::Encoder::create(config, status);
    if (!scratch.encoder) return status;
    scratch.setup = job.setup;
    scratch.threads = threads;
  }
  vvc::EncodeOptions options = job.options;
  if (options.target_bytes != 0 && job.described) {
    // That of any picture takes as much.
    const uint64_t description = sei_bytes(make_description(job, picture));
    options.target_bytes -= std::min(description, options.target_bytes - 1);
  }
  status = scratch.encoder->encode(picture, options, {}, job.unit);
  job.qp = scratch.encoder->qp();
  if (status.ok() && options.lossless && !is_same(picture, scratch.encoder->reconstruction())) {
    status = {Status::Code::kUnsupported, "The codec has not coded the picture without loss."};
  }
  return status;
}

Status encode_with_vtm(EncodeJob &job, const Picture &picture, EncodeScratch &scratch,
                       GCancellable *cancellable) {
  job.qp = job.options.qp;
  return vtm_encode(job.setup->vtm, picture, job.setup->config.bit_depth, job.options, cancellable,
                    job.unit, job.crc32 ? &scratch.reconstruction : nullptr);
}

void add_description(EncodeJob &job, const Picture &decoded) {
  const vvc::UserData message = make_description(job, decoded);
  job.unit = vvc::insert_user_data(job.unit, {&message, 1});
  job.description_bytes = sei_bytes(message);
}

}  // namespace

void encode_frame(EncodeJob &job, EncodeScratch &scratch, int threads, GCancellable *cancellable) {
  const gint64 begin = g_get_monotonic_time();
  try {
    job.status = read_frame(job, scratch.samples);
    if (!job.status.ok()) return;
    const vvc::EncoderConfig &config = job.setup->config;
    const Picture picture{scratch.samples.data(), config.width, config.height, config.width};
    const bool vtm = job.setup->use_vtm;
    job.status = vtm ? encode_with_vtm(job, picture, scratch, cancellable)
                     : encode_built_in(job, picture, scratch, threads);
    if (!job.status.ok()) return;
    if (job.described) {
      add_description(job, vtm ? Picture{scratch.reconstruction.data(), config.width, config.height,
                                         config.width}
                               : scratch.encoder->reconstruction());
    }
    job.slice_bytes = slice_bytes(job.unit);
  } catch (const std::bad_alloc &) {
    job.status = {Status::Code::kLimit, "There is not enough memory to code a picture of " +
                                            std::to_string(job.setup->config.width) + "x" +
                                            std::to_string(job.setup->config.height) + "."};
  }
  job.microseconds = g_get_monotonic_time() - begin;
}

}  // namespace feat
