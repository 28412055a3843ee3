// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where profiles come from: a file that is named, or the one in the search path that a unit needs.
// The search path is $GST_FEATURE_PROFILE_PATH, folders separated as in PATH, and the folder where
// this project installs profiles.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codecs/feature/profile.h"

namespace feat {

using ProfilePtr = std::shared_ptr<const native::Profile>;

// Of files that are found by name or hash.
inline constexpr char kProfileSuffix[] = ".featureprofile";

// Loads a file, or the profile of that name in the search path: "smollm2" is smollm2.featureprofile
// there. A sentence on what is wrong, or empty.
std::string load_profile(const std::string &name, ProfilePtr &profile);

// The profile that a unit names: one of those that are loaded in this process, else one in the
// search path. Null if there is none.
ProfilePtr find_profile(uint32_t id);

// The folders, for messages.
std::string profile_search_path();

// As text: the whole hash, or the half that units have.
std::string hash_text(native::ProfileHash hash);
std::string id_text(uint32_t id);

}  // namespace feat
