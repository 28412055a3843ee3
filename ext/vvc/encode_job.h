// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One frame on its way through the encoder.
#pragma once

#include <gst/video/gstvideoencoder.h>

#include <memory>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "ext/vvc/vtm_encoder.h"
#include "gst/common/gstcpp.h"
#include "gst/common/work_queue.h"

namespace feat {

// What frames of the same caps have in common.
struct EncodeSetup {
  vvc::EncoderConfig config;
  GstVideoInfo video_info;
  InfoPtr info;        // null where the caps have no description
  guint64 points = 0;  // feature points of one frame
  bool use_vtm = false;
  VtmEncoder vtm;
};

// What a worker keeps from one frame to the next.
struct EncodeScratch {
  std::shared_ptr<const EncodeSetup> setup;  // that the encoder was made for
  std::unique_ptr<vvc::Encoder> encoder;
  int threads = 0;
  std::vector<uint16_t> samples;
  std::vector<uint16_t> reconstruction;  // by VTM
};

struct EncodeJob {
  GstVideoCodecFrame *frame = nullptr;
  std::shared_ptr<const EncodeSetup> setup;
  vvc::EncodeOptions options;
  bool described = false;      // the unit carries the description
  bool in_every_unit = false;  // and so do all others
  bool crc32 = false;          // of the picture, in the description
  bool late = false;           // dropped without being coded

  vvc::Status status;  // not to be coded if it is an error before
  std::vector<uint8_t> unit;
  int qp = 0;  // that was chosen
  size_t slice_bytes = 0;
  size_t description_bytes = 0;
  gint64 microseconds = 0;
};

// Codes the job's frame into its unit.
void encode_frame(EncodeJob &job, EncodeScratch &scratch, int threads, GCancellable *cancellable);

}  // namespace feat
