// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One access unit on its way through the decoder.
#pragma once

#include <gst/video/gstvideodecoder.h>

#include <memory>
#include <string>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "ext/vvc/feature_sei.h"
#include "gst/common/work_queue.h"

namespace feat {

// What a worker keeps from one unit to the next.
struct DecodeScratch {
  std::unique_ptr<vvc::Decoder> decoder;
  vvc::DecoderConfig config;  // that the decoder was made for
};

struct DecodeJob {
  GstVideoCodecFrame *frame = nullptr;
  std::vector<uint8_t> missing_sets;  // parameter sets of earlier units
  vvc::DecoderConfig config;          // check_md5: the CRC-32 as well
  std::string vtm_program;            // empty: the built-in codec

  // kInvalidArgument: not the unit is to blame, and the stream cannot go on.
  vvc::Status status;
  vvc::Picture picture;
  SentDescription description;
  gint64 microseconds = 0;
};

// Decodes the job's frame into its picture.
void decode_unit(DecodeJob &job, DecodeScratch &scratch, int threads, GCancellable *cancellable);

}  // namespace feat
