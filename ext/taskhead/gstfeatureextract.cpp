// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featureextract
 * @title: featureextract
 * @short_description: makes features: the first half of a model that is cut in two
 *
 * Runs a method of a TorchScript model on pictures or tensors and gives what it returns.
 *
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=1 ! video/x-raw,format=RGB,width=96,height=96 !  \
 *   featureextract model=vit.pt method=cls task=cls ! npyenc ! filesink location=feature.npy
 * ]|
 *
 * Since: 0.1
 */
#include "ext/taskhead/gstfeatureextract.h"

#include <gst/video/video.h>

#include "ext/taskhead/picture.h"

using namespace feat;

GST_DEBUG_CATEGORY_STATIC(featureextract_debug);
#define GST_CAT_DEFAULT featureextract_debug

namespace {

// Of the streaming thread.
struct ExtractState {
  bool is_video = false;
  GstVideoInfo video = {};
  InfoPtr tensor;
  gint fps_n = 0;
  gint fps_d = 1;
  std::vector<float> planes;
  std::vector<uint8_t> bytes;
};

}  // namespace

struct _GstFeatureExtract {
  GstModelFilter parent;
  ExtractState *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureExtract, gst_feature_extract, GST_TYPE_MODEL_FILTER)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(
    featureextract, "featureextract", GST_RANK_NONE, GST_TYPE_FEATURE_EXTRACT,
    GST_DEBUG_CATEGORY_INIT(featureextract_debug, "featureextract", 0, "makes features"))

static std::string start(GstModelFilter *filter) {
  *GST_FEATURE_EXTRACT(filter)->state = {};
  return {};
}

static std::string set_caps(GstModelFilter *filter, const GstCaps *caps) {
  ExtractState &s = *GST_FEATURE_EXTRACT(filter)->state;
  const guint64 max_points = settings_of(filter).max_points;
  s.is_video = gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-raw");
  std::string error;
  if (!s.is_video) {
    s.tensor = info_for_model(caps, max_points, error);
    if (s.tensor) gst_feature_info_get_framerate(s.tensor.get(), &s.fps_n, &s.fps_d);
    return error;
  }
  if (!gst_video_info_from_caps(&s.video, caps))
    return "The caps do not tell how large the picture is.";
  const guint64 points = guint64{3} * static_cast<guint64>(GST_VIDEO_INFO_WIDTH(&s.video)) *
                         static_cast<guint64>(GST_VIDEO_INFO_HEIGHT(&s.video));
  if (points > max_points)
    return "A picture of " + std::to_string(GST_VIDEO_INFO_WIDTH(&s.video)) + "x" +
           std::to_string(GST_VIDEO_INFO_HEIGHT(&s.video)) + " has " + std::to_string(points) +
           " points; the limit (max-points) is " + std::to_string(max_points) + ".";
  s.fps_n = GST_VIDEO_INFO_FPS_N(&s.video);
  s.fps_d = GST_VIDEO_INFO_FPS_D(&s.video);
  return {};
}

static std::string read_picture(ExtractState &s, GstBuffer *buffer, TorchTensor &input) {
  GstVideoFrame frame;
  if (!gst_video_frame_map(&frame, &s.video, buffer, GST_MAP_READ))
    return "the picture cannot be read";
  Picture picture;
  picture.data = static_cast<uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0));
  picture.stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);
  picture.width = static_cast<size_t>(GST_VIDEO_FRAME_WIDTH(&frame));
  picture.height = static_cast<size_t>(GST_VIDEO_FRAME_HEIGHT(&frame));
  planes_of(picture, s.planes);
  gst_video_frame_unmap(&frame);
  input = planes_tensor(s.planes, picture.height, picture.width);
  return {};
}

static std::string read_buffer(GstModelFilter *filter, GstBuffer *buffer, TorchTensor &input) {
  ExtractState &s = *GST_FEATURE_EXTRACT(filter)->state;
  if (s.is_video) return read_picture(s, buffer, input);
  const MappedBuffer map(buffer, GST_MAP_READ);
  if (!map.ok()) return "it cannot be read";
  std::string wrong = wrong_size(s.tensor.get(), map.size());
  if (wrong.empty()) input = edge_input(s.tensor.get(), {map.data(), map.size()}, s.bytes);
  return wrong;
}

static std::string make_feature(GstModelFilter *filter, guint64, const TorchTensor &output,
                                CapsPtr &caps, BufferPtr &buffer) {
  ExtractState &s = *GST_FEATURE_EXTRACT(filter)->state;
  const std::string wrong = non_finite_of(output);
  if (!wrong.empty()) return "the model's output: " + wrong;
  const InfoPtr info = info_of(output);
  gst_feature_info_set_task(info.get(), settings_of(filter).task);
  gst_feature_info_set_framerate(info.get(), s.fps_n, s.fps_d);
  caps.reset(gst_feature_info_to_caps(info.get()));
  buffer.reset(gst_buffer_new_memdup(output.data, output.bytes));
  return {};
}

static void gst_feature_extract_finalize(GObject *object) {
  delete GST_FEATURE_EXTRACT(object)->state;
  G_OBJECT_CLASS(gst_feature_extract_parent_class)->finalize(object);
}

static void gst_feature_extract_class_init(GstFeatureExtractClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *filter_class = GST_MODEL_FILTER_CLASS(klass);
  object_class->set_property = set_filter_property;
  object_class->get_property = get_filter_property;
  object_class->finalize = gst_feature_extract_finalize;
  filter_class->name = "featureextract";
  filter_class->start = start;
  filter_class->set_caps = set_caps;
  filter_class->read = read_buffer;
  filter_class->make = make_feature;
  install_filter_properties(object_class, "Task that is written into the caps");
  CapsPtr sink = tensor_caps(kTorchFormats);
  sink.reset(gst_caps_merge(sink.release(), gst_caps_from_string(GST_VIDEO_CAPS_MAKE("RGB"))));
  const CapsPtr src = tensor_caps(kTorchFormats);
  add_pad_templates(element_class, sink.get(), src.get());
  gst_element_class_set_static_metadata(element_class, "Feature extractor", "Filter/Feature",
                                        "Makes features with the first half of a TorchScript model",
                                        "GStreamer feature plug-ins");
}

static void gst_feature_extract_init(GstFeatureExtract *self) {
  self->state = new ExtractState();
}
