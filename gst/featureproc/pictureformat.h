// SPDX-License-Identifier: LGPL-2.1-or-later
// The video formats that carry codes, and the layouts of tensors in pictures.
#pragma once

#include <gst/feature/gstfeature.h>
#include <gst/video/video.h>

#include "gst/common/gstcpp.h"
#include "kernels/pack.h"

namespace feat {

// How codes lie in the samples of a video format's first plane, left-justified in depth bits.
struct PictureFormat {
  const char *name;
  guint depth;    // most bits of a code
  guint top;      // bits of a sample up to the code's highest one
  guint bytes;    // of a sample
  guint neutral;  // sample of the chroma planes, where there are any
  bool subsampled;
};

// Ends with a name of nullptr; in the order of preference for codes of a depth.
extern const PictureFormat kPictureFormats[];

// nullptr for one that carries no codes, or that the running GStreamer does not know.
const PictureFormat *picture_format_find(const gchar *name);
PlaneFormat plane_format(const PictureFormat &format, guint bit_depth);

// The names of the formats that hold codes of bit_depth bits, as a list in s; best first for a
// picture of odd or even sides.
void set_picture_formats(GstStructure *s, guint bit_depth, bool odd);
// The largest depth of the formats in a structure of video caps, 0 where none fits.
guint largest_depth(const GstStructure *s);
// Caps of all formats, of any size.
GstCaps *picture_caps();

// Settings that choose a packing; with automatic the conditions, the task or the shape decide.
struct PackingSettings {
  bool automatic = true;
  GstFeaturePacking packing = GST_FEATURE_PACKING_NONE;
  guint grid_rows = 0;
  guint grid_columns = 0;
};
// Sets info's packing and checks that it fits its shape.
gboolean choose_packing(const PackingSettings &settings, GstFeatureConditions conditions,
                        GstFeatureInfo *info, gint *width, gint *height, GError **error);

PictureLayout picture_layout(const GstFeatureInfo *info);

// A mapped picture, unmapped at the end of the scope.
class MappedPicture {
 public:
  MappedPicture(const GstVideoInfo &info, GstBuffer *buffer, GstMapFlags flags)
      : ok_(gst_video_frame_map(&frame_, &info, buffer, without_reference(flags)) != FALSE) {}
  ~MappedPicture() {
    if (ok_) gst_video_frame_unmap(&frame_);
  }
  MappedPicture(const MappedPicture &) = delete;
  MappedPicture &operator=(const MappedPicture &) = delete;
  bool ok() const { return ok_; }
  GstVideoFrame *frame() { return &frame_; }

 private:
  static GstMapFlags without_reference(GstMapFlags flags) {
    return static_cast<GstMapFlags>(static_cast<guint>(flags) |
                                    static_cast<guint>(GST_VIDEO_FRAME_MAP_FLAG_NO_REF));
  }

  GstVideoFrame frame_;
  bool ok_;
};

enum PackingChoice { PACKING_AUTO, PACKING_ROWS, PACKING_STACK, PACKING_MOSAIC };
GType packing_choice_get_type();

}  // namespace feat
