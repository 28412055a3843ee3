// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/profiles.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <map>
#include <mutex>
#include <new>
#include <string_view>

#include "gst/codec/unit_description.h"
#include "gst/common/gstcpp.h"
#include "gst/common/search_path.h"

namespace feat {

namespace {

// A file as it was when it was read.
struct KnownFile {
  gint64 size = 0;
  gint64 changed = 0;
  uint32_t id = 0;  // 0: not a profile
};

// Shared by all elements of the process.
struct Shelf {
  std::mutex mutex;
  std::map<uint32_t, std::weak_ptr<const native::Profile>> loaded;
  std::map<std::string, KnownFile> files;  // of the search path
};

Shelf &shelf() {
  static Shelf *const instance = new Shelf();  // outlives whatever an element does at the end
  return *instance;
}

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

// The shelf's lock held.
ProfilePtr look_into(Shelf &known, const std::string &path, uint32_t id) {
  GStatBuf status;
  if (g_stat(path.c_str(), &status) != 0) return nullptr;
  KnownFile now;
  now.size = static_cast<gint64>(status.st_size);
  now.changed = static_cast<gint64>(status.st_mtime);
  const auto found = known.files.find(path);
  if (found != known.files.end() && found->second.size == now.size &&
      found->second.changed == now.changed && found->second.id != id) {
    return nullptr;
  }
  ProfilePtr profile;
  if (!read_profile(path, profile).empty()) profile = nullptr;
  now.id = profile ? profile->id() : 0;
  known.files[path] = now;
  return now.id == id ? profile : nullptr;
}

}  // namespace

std::string load_profile(const std::string &name, ProfilePtr &profile) {
  profile = nullptr;
  const std::string path = search_path().path_of(name, kProfileSuffix);
  if (path.empty())
    return "There is no profile " + name + " in " + profile_search_path() + ", and no such file.";
  std::string wrong = read_profile(path, profile);
  if (!wrong.empty()) return wrong;
  Shelf &known = shelf();
  const std::lock_guard lock(known.mutex);
  // One copy for all elements that use it.
  auto &place = known.loaded[profile->id()];
  const ProfilePtr there = place.lock();
  if (there && there->hash() == profile->hash()) {
    profile = there;
  } else {
    place = profile;
  }
  return {};
}

ProfilePtr find_profile(uint32_t id) {
  Shelf &known = shelf();
  const std::lock_guard lock(known.mutex);
  const auto loaded = known.loaded.find(id);
  if (loaded != known.loaded.end()) {
    if (ProfilePtr profile = loaded->second.lock()) return profile;
  }
  ProfilePtr profile;
  search_path().find(kProfileSuffix, [&](const std::string &path) {
    profile = look_into(known, path, id);
    return profile != nullptr;
  });
  if (profile) known.loaded[id] = profile;
  return profile;
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
