// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The feature description as an SEI message user_data_unregistered (docs/bitstream.md).
#pragma once

#include <optional>
#include <vector>

#include "codecs/vvc/vvc.h"
#include "gst/common/gstcpp.h"

namespace feat {

// A description as it travels: what it says, and whether every unit of the stream has one, so that
// a unit without is damaged.
struct SentDescription {
  InfoPtr info;
  bool in_every_unit = false;
};

vvc::UserData to_user_data(const GstFeatureInfo *info, bool in_every_unit);

// The description in the first message with the project's UUID; its `info` is null if there is no
// such message. False with `error` set if the message is damaged.
bool from_user_data(const std::vector<vvc::UserData> &messages, SentDescription &description,
                    GError **error);

}  // namespace feat
