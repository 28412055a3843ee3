// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/profiles.h"

#include <gio/gio.h>

#include <new>
#include <string_view>
#include <utility>

#include "gst/codec/unit_description.h"
#include "gst/common/gstcpp.h"
#include "gst/common/search_path.h"
#include "gst/common/shelf.h"

namespace feat {

namespace {

SearchPath search_path() {
  return {"GST_FEATURE_PROFILE_PATH", FEATURE_PROFILES_DIR};
}

std::string read_profile(const std::string &path, ProfilePtr &profile) {
  ErrorSlot error;
  gchar *contents = nullptr;
  gsize size = 0;
  if (!g_file_get_contents(path.c_str(), &contents, &size, error.out()))
    return std::string("The profile cannot be read: ") + without_stop(error.message()) + ".";
  const CharPtr owner(contents);
  native::Status status;
  try {
    status = native::Profile::parse({reinterpret_cast<const uint8_t *>(contents), size}, profile);
  } catch (const std::bad_alloc &) {
    status = {native::Status::Code::kLimit, "there is not enough memory for it"};
  }
  if (status.ok()) return {};
  std::string message = without_stop(status.message);
  constexpr std::string_view kPrefix = "profile: ";
  if (message.starts_with(kPrefix)) message.erase(0, kPrefix.size());
  return "The profile in " + path + " cannot be used: " + message + ".";
}

Shelf<native::Profile> &shelf() {
  static auto *const instance = new Shelf<native::Profile>(
      read_profile, [](const native::Profile &item) { return item.id(); },
      [](const native::Profile &item) { return item.hash(); });
  return *instance;  // outlives whatever an element does at the end
}

}  // namespace

std::string load_profile(const std::string &name, ProfilePtr &profile) {
  profile = nullptr;
  const std::string path = search_path().path_of(name, kProfileSuffix);
  if (path.empty())
    return "There is no profile " + name + " in " + profile_search_path() + ", and no such file.";
  std::string wrong = read_profile(path, profile);
  if (!wrong.empty()) return wrong;
  profile = shelf().keep(std::move(profile));
  return {};
}

ProfilePtr find_profile(uint32_t id) {
  return shelf().find(id, search_path(), kProfileSuffix);
}

std::string profile_search_path() {
  return search_path().text();
}

std::string hash_text(native::ProfileHash hash) {
  const CharPtr text(g_strdup_printf("%016" G_GINT64_MODIFIER "x", static_cast<guint64>(hash)));
  return text.get();
}

std::string id_text(uint32_t id) {
  const CharPtr text(g_strdup_printf("%08x", id));
  return text.get();
}

}  // namespace feat
