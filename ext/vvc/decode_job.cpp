// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/decode_job.h"

#include <new>
#include <span>

#include "ext/vvc/vtm_decoder.h"
#include "gst/common/gstcpp.h"

namespace feat {

namespace {

using vvc::Status;

Status decode_built_in(DecodeJob &job, std::span<const uint8_t> unit, DecodeScratch &scratch,
                       int threads) {
  vvc::DecoderConfig config = job.config;
  config.threads = threads;
  const vvc::DecoderConfig &made = scratch.config;
  if (!scratch.decoder || made.max_points != config.max_points || made.threads != threads ||
      made.check_md5 != config.check_md5) {
    scratch.decoder.reset();
    scratch.decoder = vvc::Decoder::create(config);
    scratch.config = config;
  }
  return scratch.decoder->decode(unit, job.picture);
}

}  // namespace

void decode_unit(DecodeJob &job, DecodeScratch &scratch, int threads, GCancellable *cancellable) {
  const gint64 begin = g_get_monotonic_time();
  const MappedBuffer map(job.frame->input_buffer, GST_MAP_READ);
  if (!map.ok()) {
    job.status = {Status::Code::kCorrupt, "its buffer could not be mapped"};
    return;
  }
  try {
    std::span<const uint8_t> unit(map.data(), map.size());
    std::vector<uint8_t> whole = std::move(job.missing_sets);
    if (!whole.empty()) {
      whole.insert(whole.end(), unit.begin(), unit.end());
      unit = whole;
    }
    job.status = job.vtm_program.empty()
                     ? decode_built_in(job, unit, scratch, threads)
                     : vtm_decode(job.vtm_program, unit, job.config, cancellable, job.picture);
    if (job.status.ok()) {
      job.status = from_user_data(job.picture, job.config.check_md5, job.description);
    }
  } catch (const std::bad_alloc &) {
    job.status = {Status::Code::kLimit, "there is not enough memory for it"};
  }
  job.microseconds = g_get_monotonic_time() - begin;
}

}  // namespace feat
