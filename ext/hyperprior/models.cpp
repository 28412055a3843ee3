// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/models.h"

#include <glib.h>
#include <glib/gstdio.h>

#include <map>
#include <mutex>
#include <new>
#include <string_view>

#include "gst/common/gstcpp.h"
#include "gst/common/search_path.h"
#include "gst/common/sentence.h"

namespace feat {

namespace {

using hyperprior::Status;

// A file as it was when it was read.
struct KnownFile {
  gint64 size = 0;
  gint64 changed = 0;
  bool usable = false;
  uint32_t id = 0;
};

// Shared by all elements of the process.
struct Shelf {
  std::mutex mutex;
  std::map<uint32_t, std::weak_ptr<const LoadedModel>> loaded;
  std::map<std::string, KnownFile> files;  // of the search path
};

Shelf &shelf() {
  static Shelf *const instance = new Shelf();  // outlives whatever an element does at the end
  return *instance;
}

SearchPath search_path() {
  return {"GST_FEATURE_HYPERPRIOR_PATH", HYPERPRIOR_MODELS_DIR};
}

std::string path_of(const std::string &name) {
  std::string path = search_path().path_of(name, kModelSuffix);
  if (!path.empty() && g_file_test(path.c_str(), G_FILE_TEST_IS_REGULAR) == FALSE) {
    std::string with_suffix = path + kModelSuffix;
    if (g_file_test(with_suffix.c_str(), G_FILE_TEST_IS_REGULAR) != FALSE) return with_suffix;
  }
  return path;
}

// Too large a file is not read.
std::string check_size(const std::string &path) {
  GStatBuf status;
  if (g_stat(path.c_str(), &status) != 0) return {};  // reading it will say why
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size <= hyperprior::kMaxModelBytes) return {};
  return "The model in " + path + " has " + std::to_string(size) + " bytes, above the limit of " +
         std::to_string(hyperprior::kMaxModelBytes) + ".";
}

std::string read_model(const std::string &path, ModelPtr &model) {
  std::string wrong = check_size(path);
  if (!wrong.empty()) return wrong;
  ErrorSlot error;
  gchar *contents = nullptr;
  gsize size = 0;
  if (!g_file_get_contents(path.c_str(), &contents, &size, error.out()))
    return std::string("The model cannot be read: ") + without_stop(error.message()) + ".";
  const CharPtr owner(contents);
  Status status;
  try {
    auto loaded = std::make_shared<LoadedModel>();
    const auto *bytes = reinterpret_cast<const uint8_t *>(contents);
    const auto parsed = hyperprior::Model::load({bytes, size}, status);
    if (parsed) loaded->entropy = hyperprior::EntropyModel::create(parsed, status);
    if (loaded->entropy) {
      loaded->file.assign(bytes, bytes + size);
      model = std::move(loaded);
      return {};
    }
  } catch (const std::bad_alloc &) {
    status = {Status::Code::kLimit, "there is not enough memory for it"};
  }
  return "The model in " + path + " cannot be used: " + without_stop(status.message) + ".";
}

// The shelf's lock held.
ModelPtr look_into(Shelf &known, const std::string &path, uint32_t id) {
  GStatBuf status;
  if (g_stat(path.c_str(), &status) != 0) return nullptr;
  KnownFile now;
  now.size = static_cast<gint64>(status.st_size);
  now.changed = static_cast<gint64>(status.st_mtime);
  const auto found = known.files.find(path);
  if (found != known.files.end() && found->second.size == now.size &&
      found->second.changed == now.changed && (!found->second.usable || found->second.id != id)) {
    return nullptr;
  }
  ModelPtr model;
  now.usable = read_model(path, model).empty();
  if (now.usable) now.id = model->model().id();
  known.files[path] = now;
  return now.usable && now.id == id ? model : nullptr;
}

}  // namespace

std::string name_in_family(const std::string &name, int index) {
  constexpr std::string_view kSuffix = kModelSuffix;
  const std::string end = "-" + std::to_string(index);
  if (!std::string_view(name).ends_with(kSuffix)) return name + end;
  return name.substr(0, name.size() - kSuffix.size()) + end + kModelSuffix;
}

std::string load_model(const std::string &name, ModelPtr &model) {
  model = nullptr;
  const std::string path = path_of(name);
  if (path.empty())
    return "There is no model " + name + " in " + model_search_path() + ", and no such file.";
  std::string wrong = read_model(path, model);
  if (!wrong.empty()) return wrong;
  Shelf &known = shelf();
  const std::lock_guard lock(known.mutex);
  // One copy for all elements that use it.
  auto &place = known.loaded[model->model().id()];
  const ModelPtr there = place.lock();
  if (there && there->model().hash() == model->model().hash()) {
    model = there;
  } else {
    place = model;
  }
  return {};
}

ModelPtr find_model(uint32_t id) {
  Shelf &known = shelf();
  const std::lock_guard lock(known.mutex);
  const auto loaded = known.loaded.find(id);
  if (loaded != known.loaded.end()) {
    if (ModelPtr model = loaded->second.lock()) return model;
  }
  ModelPtr model;
  search_path().find(kModelSuffix, [&](const std::string &path) {
    model = look_into(known, path, id);
    return model != nullptr;
  });
  if (model) known.loaded[id] = model;
  return model;
}

std::string model_search_path() {
  return search_path().text();
}

std::string model_id_text(uint32_t id) {
  const CharPtr text(g_strdup_printf("%08x", id));
  return text.get();
}

}  // namespace feat
