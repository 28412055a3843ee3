// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace feat::native {

// Whether `text` is UTF-8 without control characters other than line feed and tab: something that
// can be shown to a person.
bool is_utf8_text(std::string_view text);

}  // namespace feat::native
