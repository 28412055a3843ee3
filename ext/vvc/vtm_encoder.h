// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Intra coding of one picture by VTM's EncoderApp, with the settings of the published baseline: its
// encoder_intra_vtm.cfg, 4:0:0, conformance window, all bit depths those of the picture.
#pragma once

#include "ext/vvc/vtm_process.h"

namespace feat {

struct VtmEncoder {
  std::string program;
  std::string config;
};

// Finds both files; an empty path is searched for. False with a sentence in `message`.
bool find_vtm_encoder(const std::string &vtm_path, const std::string &config, VtmEncoder &vtm,
                      std::string &message);

// The unit that VTM writes and, unless null, the picture it decodes to. Of the options only the QP
// and the MD5 matter.
vvc::Status vtm_encode(const VtmEncoder &vtm, const vvc::Plane<const uint16_t> &picture,
                       int bit_depth, const vvc::EncodeOptions &options, GCancellable *cancellable,
                       std::vector<uint8_t> &unit, std::vector<uint16_t> *reconstruction);

}  // namespace feat
