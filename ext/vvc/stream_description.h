// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which description of a feature is in force in a stream of decoded units.
#pragma once

#include <string>

#include "codecs/vvc/vvc.h"
#include "ext/vvc/feature_sei.h"

namespace feat {

class StreamDescription {
 public:
  // From upstream's caps, null without; in force until the next one in band.
  void set_caps(InfoPtr info);
  // Takes note of what a decoded unit says; false with a message if it says nothing where it must
  // not.
  bool read(SentDescription sent, std::string &message);
  // A unit was dropped, and its description with it.
  void unit_dropped();
  void forget_sent();
  // Null if there is none.
  const GstFeatureInfo *current() const { return sent_.info ? sent_.info.get() : caps_info_.get(); }

 private:
  InfoPtr caps_info_;
  SentDescription sent_;  // in the stream; stays until the next one
  bool lost_ = false;     // its successor may have been in a unit that was dropped
};

}  // namespace feat
