// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Decoding of one access unit by VTM's DecoderApp.
#pragma once

#include "ext/vvc/vtm_process.h"

namespace feat {

// The program's path; empty with a sentence in `message` if there is none.
std::string find_vtm_decoder(const std::string &vtm_path, std::string &message);

// Decodes a unit that holds all its parameter sets. kInvalidArgument: VTM could not be run or was
// cancelled; any other error: the unit is to blame.
vvc::Status vtm_decode(const std::string &program, std::span<const uint8_t> unit,
                       const vvc::DecoderConfig &config, GCancellable *cancellable,
                       vvc::Picture &picture);

}  // namespace feat
