// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/models.h"

#include <glib.h>
#include <glib/gstdio.h>

#include <new>
#include <string_view>
#include <utility>

#include "gst/common/gstcpp.h"
#include "gst/common/search_path.h"
#include "gst/common/sentence.h"
#include "gst/common/shelf.h"

namespace feat {

namespace {

using hyperprior::Status;

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

Shelf<LoadedModel> &shelf() {
  static auto *const instance = new Shelf<LoadedModel>(
      read_model, [](const LoadedModel &item) { return item.model().id(); },
      [](const LoadedModel &item) { return item.model().hash(); });
  return *instance;  // outlives whatever an element does at the end
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
  model = shelf().keep(std::move(model));
  return {};
}

ModelPtr find_model(uint32_t id) {
  return shelf().find(id, search_path(), kModelSuffix);
}

std::string model_search_path() {
  return search_path().text();
}

std::string model_id_text(uint32_t id) {
  const CharPtr text(g_strdup_printf("%08x", id));
  return text.get();
}

}  // namespace feat
