// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A pipeline that is kept: what goes in comes out at the other end, sample by sample.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>
#include <vector>

#include "gst/common/gstcpp.h"
#include "pipelines/bench/array.h"

namespace feat::bench {

struct Unref {
  void operator()(GstSample *p) const { gst_sample_unref(p); }
  void operator()(GstElement *p) const { gst_object_unref(p); }
  void operator()(GstBus *p) const { gst_object_unref(p); }
  void operator()(GstMessage *p) const { gst_message_unref(p); }
};
using SamplePtr = std::unique_ptr<GstSample, Unref>;
using ElementPtr = std::unique_ptr<GstElement, Unref>;
using BusPtr = std::unique_ptr<GstBus, Unref>;
using MessagePtr = std::unique_ptr<GstMessage, Unref>;

// A tensor as it goes into a pipeline; `index` becomes the buffer's offset.
SamplePtr to_sample(const Array &tensor, uint64_t index, const std::string &task);
Array to_array(GstSample *sample);
// Bytes of a sample, and of the codec's data in its caps.
uint64_t count_bytes(GstSample *sample);

// A pipeline from a description; throws Error with GStreamer's sentence. Started with play().
ElementPtr make_pipeline(const std::string &description);
void play(GstElement *pipeline);
// What an error or a warning says, and which element says it.
std::string text_of(GstMessage *message);
// Throws what an error message on the bus says. Returns the text of a warning, if there is one.
std::string check_bus(GstBus *bus);

class PipelineStage {
 public:
  // What stands between the two ends.
  explicit PipelineStage(const std::string &description);
  ~PipelineStage();
  PipelineStage(const PipelineStage &) = delete;
  PipelineStage &operator=(const PipelineStage &) = delete;

  // Elements of this project give one unit for each tensor and go on. Others may need the end of
  // the stream before all is out: then there is a new pipeline for each sample, from prepare() on.
  bool kept() const { return kept_; }
  void prepare();
  std::vector<SamplePtr> run(const std::vector<SamplePtr> &input);
  // From the first buffer's entry to the last one's exit, of the last run.
  double seconds() const { return seconds_; }

  // For those who look at properties of the elements.
  GstElement *pipeline() const { return pipeline_.get(); }

 private:
  void build();
  void push(GstSample *sample);
  SamplePtr pull();

  std::string description_;
  ElementPtr pipeline_;
  ElementPtr source_;
  ElementPtr sink_;
  BusPtr bus_;
  bool kept_ = true;
  bool playing_ = false;
  double seconds_ = 0;
};

}  // namespace feat::bench
