// SPDX-License-Identifier: LGPL-2.1-or-later
// Tensors of 32-bit floats through a pipeline inside this program: quantised, coded as H.266,
// decoded, restored. A real application has the network between two such halves.
#pragma once

#include <gst/app/app.h>
#include <gst/feature/gstfeature.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct LinkSettings {
  std::vector<gint> shape{1, 1, 32, 576};
  double min = -20;  // values outside of min and max are clipped
  double max = 20;
  int qp = -1;  // 0 to 63; -1: the coder loses nothing, the quantiser alone rounds
};

struct GObjectUnref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, GObjectUnref>;

class FeatureLink {
 public:
  // Called for each tensor that comes out, in a thread of the pipeline.
  using OnTensor = std::function<void(std::span<const float>)>;

  // Throws std::runtime_error with one sentence where these settings cannot work.
  FeatureLink(const LinkSettings &settings, OnTensor on_tensor);
  ~FeatureLink();
  FeatureLink(const FeatureLink &) = delete;
  FeatureLink &operator=(const FeatureLink &) = delete;

  gsize points() const { return points_; }

  // These three may be called from any thread.
  bool push(const std::vector<float> &tensor);  // waits for room; false: no more are taken
  void end();                                   // nothing more comes; what is inside comes out
  void fail(const std::string &sentence);       // run() ends with this error

  // From the first tensor to the last, an error, or Ctrl-C. Returns the error, "" for none.
  std::string run();
  bool interrupted() const { return interrupted_; }
  guint64 bytes() const { return bytes_; }  // of coded units, known at the end

 private:
  static GstFlowReturn on_sample(GstAppSink *sink, gpointer self);
  static gboolean on_message(GstBus *bus, GstMessage *message, gpointer self);
  static gboolean on_interrupt(gpointer self);

  OnTensor on_tensor_;
  gsize points_ = 0;
  Owned<GstElement> pipeline_;
  Owned<GstAppSrc> source_;
  GMainLoop *loop_ = nullptr;
  std::vector<guint> signals_;
  std::string error_;
  bool interrupted_ = false;
  guint64 bytes_ = 0;
};
