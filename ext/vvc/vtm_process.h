// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The reference software VTM as a child process: where its programs are, a private folder to run
// them in, and what became of them.
#pragma once

#include <gio/gio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "codecs/vvc/vvc.h"

namespace feat {

struct GObjectDeleter {
  void operator()(gpointer object) const { g_object_unref(object); }
};
using CancellablePtr = std::unique_ptr<GCancellable, GObjectDeleter>;

// The program of one of these names (best first): `vtm_path` itself or in that folder, or in PATH
// where it is empty. Otherwise empty, and `message` says what was searched where.
std::string find_vtm_program(std::span<const char *const> names, const std::string &vtm_path,
                             std::string &message);

// A file of VTM's folder cfg, beside the program or further up, as in a build tree.
std::string find_vtm_config(const std::string &name, const std::string &program,
                            std::string &message);

// A folder that only this user can enter, removed with all it holds.
class PrivateFolder {
 public:
  PrivateFolder();
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder &) = delete;
  PrivateFolder &operator=(const PrivateFolder &) = delete;

  const vvc::Status &status() const { return status_; }
  std::string file(const char *name) const { return path_ + "/" + name; }
  const std::string &path() const { return path_; }

  vvc::Status write(const char *name, std::span<const uint8_t> bytes) const;
  // A file of at most `limit` bytes.
  vvc::Status read(const char *name, uint64_t limit, std::vector<uint8_t> &bytes) const;

 private:
  std::string path_;
  vvc::Status status_;
};

// Runs `command` (program and arguments) in the folder and waits for it to end; files that it
// writes beyond `max_file` bytes end it. If cancelled it is killed at once. Fails unless the
// program exits with 0: with kCorrupt if it ran, the message then ends in the last lines it wrote.
// `output` is the end of its standard output.
vvc::Status run_vtm(const std::vector<std::string> &command, const PrivateFolder &folder,
                    uint64_t max_file, GCancellable *cancellable, std::string &output);

}  // namespace feat
