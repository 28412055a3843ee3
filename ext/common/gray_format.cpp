// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/common/gray_format.h"

namespace feat {

GstVideoFormat gray10_format() {
  static const GstVideoFormat format = gst_video_format_from_string("GRAY10_LE16");
  return format;
}

const char *gray_format_list() {
  return gray10_format() != GST_VIDEO_FORMAT_UNKNOWN ? "{ GRAY16_LE, GRAY8, GRAY10_LE16 }"
                                                     : "{ GRAY16_LE, GRAY8 }";
}

int gray_bits(GstVideoFormat format) {
  switch (format) {
    case GST_VIDEO_FORMAT_GRAY8:
      return 8;
    case GST_VIDEO_FORMAT_GRAY16_LE:
      return 16;
    default:
      return 10;
  }
}

namespace {

// How far a sample of the frame stands left of the codec's sample; negative: right.
int left_shift(const GstVideoFrame *frame, int bit_depth) {
  return gray_bits(GST_VIDEO_FRAME_FORMAT(frame)) - bit_depth;
}

guint8 *row_of(const GstVideoFrame *frame, int y) {
  return static_cast<guint8 *>(GST_VIDEO_FRAME_PLANE_DATA(frame, 0)) +
         static_cast<gsize>(y) * static_cast<gsize>(GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0));
}

uint16_t shifted(unsigned value, int left) {
  return static_cast<uint16_t>(left >= 0 ? value << left : value >> -left);
}

}  // namespace

void read_gray(const GstVideoFrame *frame, int bit_depth, std::vector<uint16_t> &samples) {
  const int width = GST_VIDEO_FRAME_WIDTH(frame);
  const int height = GST_VIDEO_FRAME_HEIGHT(frame);
  const int left = -left_shift(frame, bit_depth);
  samples.resize(static_cast<size_t>(width) * static_cast<size_t>(height));
  uint16_t *out = samples.data();
  for (int y = 0; y < height; y++, out += width) {
    const guint8 *in = row_of(frame, y);
    if (GST_VIDEO_FRAME_FORMAT(frame) == GST_VIDEO_FORMAT_GRAY8) {
      for (int x = 0; x < width; x++) out[x] = shifted(in[x], left);
    } else {
      for (int x = 0; x < width; x++) {
        out[x] = shifted(GST_READ_UINT16_LE(in + 2 * static_cast<gsize>(x)), left);
      }
    }
  }
}

void write_gray(const uint16_t *samples, int bit_depth, GstVideoFrame *frame) {
  const int width = GST_VIDEO_FRAME_WIDTH(frame);
  const int height = GST_VIDEO_FRAME_HEIGHT(frame);
  const int left = left_shift(frame, bit_depth);
  for (int y = 0; y < height; y++, samples += width) {
    guint8 *out = row_of(frame, y);
    if (GST_VIDEO_FRAME_FORMAT(frame) == GST_VIDEO_FORMAT_GRAY8) {
      for (int x = 0; x < width; x++) out[x] = static_cast<guint8>(shifted(samples[x], left));
    } else {
      for (int x = 0; x < width; x++) {
        GST_WRITE_UINT16_LE(out + 2 * static_cast<gsize>(x), shifted(samples[x], left));
      }
    }
  }
}

}  // namespace feat
