// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/vtm_process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "gst/common/gstcpp.h"

namespace feat {

namespace {

namespace fs = std::filesystem;
using vvc::Status;

constexpr char kStdout[] = "stdout.txt";
constexpr char kStderr[] = "stderr.txt";
constexpr std::streamoff kTailBytes = 2000;
constexpr int kTailLines = 4;

Status failure(std::string message) {
  return {Status::Code::kInvalidArgument, std::move(message)};
}

bool is_program(const fs::path &path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

std::string joined(std::span<const char *const> names) {
  std::string list;
  for (const char *name : names) list += (list.empty() ? "" : " or ") + std::string(name);
  return list;
}

std::string end_of(const std::string &path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - kTailBytes));
  std::string text(std::istreambuf_iterator<char>(file), {});
  for (char &c : text) {
    if (static_cast<unsigned char>(c) > 126 || (c < 32 && c != '\n')) c = c == '\t' ? ' ' : '?';
  }
  return text;
}

// The last lines that are not blank, in one: "a / b".
std::string last_lines(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.find_first_not_of(" ?") != std::string::npos) lines.push_back(line);
    at = end + 1;
  }
  std::string out;
  for (size_t i = lines.size() - std::min<size_t>(lines.size(), kTailLines); i < lines.size();
       i++) {
    out += (out.empty() ? "" : " / ") + lines[i];
  }
  return out;
}

// What the program said before it failed: errors, or else the end of its report.
std::string last_words(const PrivateFolder &folder) {
  std::string errors = last_lines(end_of(folder.file(kStderr)));
  const std::string report = last_lines(end_of(folder.file(kStdout)));
  if (errors.empty()) errors = report;
  return errors.empty() ? ", and wrote nothing" : ": " + errors;
}

// Runs in the child between fork() and exec(): system calls alone.
void set_up_child(gpointer data) {
  const auto limit = static_cast<rlim_t>(*static_cast<const uint64_t *>(data));
  const rlimit file_size = {limit, limit};
  setrlimit(RLIMIT_FSIZE, &file_size);
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  setpgid(0, 0);  // an interrupt from the terminal is for the pipeline, which then ends the child
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

// Kills the child unless it has ended, and what it has started (vtm-path may be a script).
void kill_child(GCancellable *, gpointer data) {
  auto *child = static_cast<GSubprocess *>(data);
  const gchar *id = g_subprocess_get_identifier(child);
  if (id != nullptr) kill(-static_cast<pid_t>(g_ascii_strtoll(id, nullptr, 10)), SIGKILL);
  g_subprocess_force_exit(child);
}

}  // namespace

std::string find_vtm_program(std::span<const char *const> names, const std::string &vtm_path,
                             std::string &message) {
  if (vtm_path.empty()) {
    for (const char *name : names) {
      const CharPtr found(g_find_program_in_path(name));
      if (found) return fs::absolute(found.get()).string();
    }
    message = joined(names) + " of VTM is not in PATH; the property vtm-path says where it is.";
    return {};
  }
  const fs::path path = fs::absolute(vtm_path);
  if (is_program(path)) return path.string();
  for (const char *name : names) {
    if (is_program(path / name)) return (path / name).string();
  }
  message = "vtm-path " + vtm_path + " is neither a program nor a folder with the program " +
            joined(names) + ".";
  return {};
}

std::string find_vtm_config(const std::string &name, const std::string &program,
                            std::string &message) {
  constexpr int kLevels = 6;  // of folders, from the program to the root of a build tree
  std::error_code error;
  const fs::path real = fs::canonical(program, error);
  fs::path folder = (error ? fs::path(program) : real).parent_path();
  const fs::path first = folder;
  for (int level = 0; level < kLevels; level++) {
    for (const fs::path &path : {folder / name, folder / "cfg" / name}) {
      if (fs::is_regular_file(path, error)) return path.string();
    }
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  message = name + " is not in " + first.string() + ", nor in the " + std::to_string(kLevels - 1) +
            " folders above it or their cfg; the property vtm-config says where it is.";
  return {};
}

PrivateFolder::PrivateFolder() {
  ErrorSlot error;
  const CharPtr made(g_dir_make_tmp("gst-vvc-XXXXXX", error.out()));
  if (made) {
    path_ = made.get();
  } else {
    status_ = failure(std::string("A temporary folder cannot be made: ") + error.message() + ".");
  }
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Status PrivateFolder::write(const char *name, std::span<const uint8_t> bytes) const {
  const std::string path = file(name);
  errno = 0;
  FILE *out = std::fopen(path.c_str(), "wbx");
  bool written = out != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size();
  int error = errno;
  if (out != nullptr && std::fclose(out) != 0 && written) {
    written = false;
    error = errno;
  }
  if (written) return {};
  return failure("The " + std::to_string(bytes.size()) + " bytes of " + path +
                 " cannot be written: " + g_strerror(error) + ".");
}

Status PrivateFolder::read(const char *name, uint64_t limit, std::vector<uint8_t> &bytes) const {
  const std::string path = file(name);
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return failure("VTM ended well, but has not written " + path + ".");
  const auto size = static_cast<uint64_t>(in.tellg());
  if (size > limit) {
    return failure("VTM has written " + std::to_string(size) + " bytes to " + path +
                   ", more than the " + std::to_string(limit) + " expected.");
  }
  bytes.resize(size);
  in.seekg(0);
  in.read(reinterpret_cast<char *>(bytes.data()), static_cast<std::streamsize>(size));
  if (in) return {};
  return failure(path + " cannot be read.");
}

Status run_vtm(const std::vector<std::string> &command, const PrivateFolder &folder,
               uint64_t max_file, GCancellable *cancellable, std::string &output) {
  using LauncherPtr = std::unique_ptr<GSubprocessLauncher, GObjectDeleter>;
  using ChildPtr = std::unique_ptr<GSubprocess, GObjectDeleter>;
  const LauncherPtr launcher(g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE));
  g_subprocess_launcher_set_cwd(launcher.get(), folder.path().c_str());
  g_subprocess_launcher_set_stdout_file_path(launcher.get(), folder.file(kStdout).c_str());
  g_subprocess_launcher_set_stderr_file_path(launcher.get(), folder.file(kStderr).c_str());
  g_subprocess_launcher_set_child_setup(launcher.get(), set_up_child, &max_file, nullptr);
  std::vector<const gchar *> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string &argument : command) arguments.push_back(argument.c_str());
  arguments.push_back(nullptr);

  if (g_cancellable_is_cancelled(cancellable) != FALSE) return failure("cancelled");
  ErrorSlot error;
  const ChildPtr child(g_subprocess_launcher_spawnv(launcher.get(), arguments.data(), error.out()));
  if (!child) return failure(command[0] + " cannot be started: " + error.message() + ".");
  // Not by the cancellable of g_subprocess_wait(), which misses what was cancelled just before.
  const gulong handler =
      g_cancellable_connect(cancellable, G_CALLBACK(kill_child), child.get(), nullptr);
  g_subprocess_wait(child.get(), nullptr, nullptr);
  g_cancellable_disconnect(cancellable, handler);
  if (g_cancellable_is_cancelled(cancellable) != FALSE) return failure("cancelled");
  output = end_of(folder.file(kStdout));
  if (g_subprocess_get_successful(child.get()) != FALSE) return {};
  std::string how;
  if (g_subprocess_get_if_signaled(child.get()) != FALSE) {
    const int number = g_subprocess_get_term_sig(child.get());
    how = "was ended by signal " + std::to_string(number) + " (" + g_strsignal(number) + ")";
  } else {
    how = "ended with status " + std::to_string(g_subprocess_get_exit_status(child.get()));
  }
  return {Status::Code::kCorrupt, command[0] + " " + how + last_words(folder)};
}

}  // namespace feat
