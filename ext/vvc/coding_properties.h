// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Properties that vvcfeatenc and vvcfeatdec share: who codes, and with how many threads.
#pragma once

#include <gst/gst.h>

#include <string>

namespace feat {

enum class Backend { kAuto, kBuiltin, kVtm };

struct CodingProperties {
  Backend backend = Backend::kAuto;
  std::string vtm_path;
  int threads = 0;  // 0: as many as there are cores

  bool uses_vtm() const { return backend == Backend::kVtm; }  // auto is the built-in codec
};

// Property ids of the element begin after these.
enum { PROP_CODING_0, PROP_BACKEND, PROP_VTM_PATH, PROP_THREADS, PROP_CODING_END };

void install_coding_properties(GObjectClass *object_class);
// Object lock held. False if the property is another one.
bool set_coding_property(CodingProperties &properties, guint id, const GValue *value);
bool get_coding_property(const CodingProperties &properties, guint id, GValue *value);

// How many frames to have in work, with how many threads in all.
struct Parallelism {
  int jobs = 1;
  int threads = 1;
};
// Frames of a live source never wait for each other: all threads work on one picture, unless the
// codec (VTM) cannot share a picture between threads.
Parallelism plan_parallelism(const CodingProperties &properties, GstPad *sink_pad);

// Latency that the frames in work may hold, from their rate; 0 if it is not known.
GstClockTime frames_duration(int frames, int fps_n, int fps_d);

}  // namespace feat
