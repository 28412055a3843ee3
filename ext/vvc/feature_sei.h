// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The feature description as an SEI message user_data_unregistered (docs/bitstream.md).
#pragma once

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

// The message for a unit. With `picture`, the decoded one, its checksum covers that as well.
vvc::UserData to_user_data(const GstFeatureInfo *info, bool in_every_unit,
                           const vvc::Plane<const uint16_t> *picture);

// The description in the first message with the project's UUID; its `info` is null if there is no
// such message. Fails with kCorrupt if the message is damaged, and with kChecksum if `verify` is
// set and the picture is not the one it was sent with.
vvc::Status from_user_data(const vvc::Picture &picture, bool verify, SentDescription &description);

}  // namespace feat
