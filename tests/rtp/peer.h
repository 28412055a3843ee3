// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A sender and a receiver of test tensors over UDP, one a process.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

namespace test {

struct SendOptions {
  std::string host;
  int port = 0;
  std::string chain;    // from tensors to RTP packets
  std::string network;  // properties of netsim
  uint32_t first = 0;   // number of the first tensor
  uint32_t units = 0;
  int rate = 0;        // tensors a second
  bool report = true;  // what became of each tensor
};

struct ReceiveOptions {
  std::string address;
  std::string caps;
  // From RTP packets to tensors; the depayloader in it is called depay, an rtpstorage and an
  // rtpulpfecdec storage and fec.
  std::string chain;
  int memory_interval = 0;  // s between lines about memory; 0: none
  bool report = true;
};

inline constexpr uint8_t kPayloadType = 96;

// Exit status of the process.
int send_units(const SendOptions &options);
int receive_units(const ReceiveOptions &options);

struct GstObjectDeleter {
  void operator()(gpointer object) const { gst_object_unref(object); }
};
using ElementPtr = std::unique_ptr<GstElement, GstObjectDeleter>;
using PadPtr = std::unique_ptr<GstPad, GstObjectDeleter>;

// A pipeline that goes to NULL at the end of the scope.
class Pipeline {
 public:
  // Null in get() where the description is wrong, with a line on stderr.
  explicit Pipeline(const std::string &description);
  ~Pipeline();
  Pipeline(const Pipeline &) = delete;
  Pipeline &operator=(const Pipeline &) = delete;

  GstElement *get() const { return pipeline_.get(); }
  ElementPtr find(const char *name) const;
  PadPtr pad(const char *element, const char *pad) const;
  bool play() const;
  // Errors so far, with a line on stderr for each; warnings are counted only.
  int errors();
  int warnings() const { return warnings_; }

 private:
  ElementPtr pipeline_;
  int errors_ = 0;
  int warnings_ = 0;
};

}  // namespace test
