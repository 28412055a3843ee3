// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/stream_description.h"

#include <utility>

namespace feat {

void StreamDescription::forget_sent() {
  sent_ = {};
  lost_ = false;
}

void StreamDescription::set_caps(InfoPtr info) {
  caps_info_ = std::move(info);
  if (caps_info_) forget_sent();
}

bool StreamDescription::read(SentDescription sent, std::string &message) {
  if (!sent.info && sent_.in_every_unit) {
    message = "it has no feature description, which every unit of this stream should have";
    return false;
  }
  if (!sent.info && lost_ && !caps_info_) {
    message = "its feature description may have been in a unit that was dropped before it";
    return false;
  }
  if (sent.info) {
    sent_ = std::move(sent);
    lost_ = false;
  }
  return true;
}

void StreamDescription::unit_dropped() {
  // Where not every unit has a description, this one may have had another.
  if (!sent_.info || sent_.in_every_unit) return;
  sent_ = {};
  lost_ = true;
}

}  // namespace feat
