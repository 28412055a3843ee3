// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What all elements of a process share of things that come from files and are named by a number:
// profiles, models. T is const, and has been read by `read`, which gives a sentence on what is
// wrong, or an empty one.
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "gst/common/search_path.h"

namespace feat {

template <class T>
class Shelf {
 public:
  using Ptr = std::shared_ptr<const T>;
  using Read = std::string(const std::string &path, Ptr &item);
  using IdOf = uint32_t(const T &item);
  using HashOf = uint64_t(const T &item);

  Shelf(Read *read, IdOf *id_of, HashOf *hash_of) : read_(read), id_of_(id_of), hash_of_(hash_of) {}

  // One copy for all elements that use it: `item`, or the one of the same hash that is there.
  Ptr keep(Ptr item) {
    const std::lock_guard lock(mutex_);
    auto &place = loaded_[id_of_(*item)];
    Ptr there = place.lock();
    if (there && hash_of_(*there) == hash_of_(*item)) return there;
    place = item;
    return item;
  }

  // One that is loaded, else one in the search path; null if there is none.
  Ptr find(uint32_t id, const SearchPath &search_path, const char *suffix) {
    const std::lock_guard lock(mutex_);
    const auto loaded = loaded_.find(id);
    if (loaded != loaded_.end()) {
      if (Ptr item = loaded->second.lock()) return item;
    }
    Ptr item;
    search_path.find(suffix, [&](const std::string &path) {
      item = look_into(path, id);
      return item != nullptr;
    });
    if (item) loaded_[id] = item;
    return item;
  }

 private:
  // A file as it was when it was read.
  struct KnownFile {
    gint64 size = 0;
    gint64 changed = 0;
    bool usable = false;
    uint32_t id = 0;
  };

  Ptr look_into(const std::string &path, uint32_t id) {
    GStatBuf status;
    if (g_stat(path.c_str(), &status) != 0) return nullptr;
    KnownFile now;
    now.size = static_cast<gint64>(status.st_size);
    now.changed = static_cast<gint64>(status.st_mtime);
    const auto found = files_.find(path);
    if (found != files_.end() && found->second.size == now.size &&
        found->second.changed == now.changed && (!found->second.usable || found->second.id != id)) {
      return nullptr;
    }
    Ptr item;
    now.usable = read_(path, item).empty();
    if (now.usable) now.id = id_of_(*item);
    files_[path] = now;
    return now.usable && now.id == id ? item : nullptr;
  }

  Read *const read_;
  IdOf *const id_of_;
  HashOf *const hash_of_;
  std::mutex mutex_;
  std::map<uint32_t, std::weak_ptr<const T>> loaded_;
  std::map<std::string, KnownFile> files_;  // of the search path
};

}  // namespace feat
