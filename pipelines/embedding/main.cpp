// SPDX-License-Identifier: LGPL-2.1-or-later
// An application with feature coding inside. The file that it reads stands for the first half of a
// model, the file that it writes for the second half. docs/embedding.md explains it.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "feature_link.h"

static_assert(std::endian::native == std::endian::little, "tensors are little-endian");

namespace {

struct Arguments {
  LinkSettings link;
  const char *input = nullptr;
  const char *output = nullptr;
};

constexpr const char *kUsage =
    "usage: embedding [--shape 1,1,32,576] [--min -20] [--max 20] [--qp 0..63] INPUT OUTPUT\n"
    "Codes the tensors in INPUT (32-bit floats, one tensor after the other; - is the standard\n"
    "input) as H.266, decodes them, and writes them to OUTPUT. Values below min and above max are\n"
    "clipped. Without --qp the coding is lossless, and only the quantiser (10 bits) rounds.\n";

// The number at `text`, which is moved behind it; throws a sentence that names the option.
double number(const std::string &option, const char **text, double min, double max) {
  char *rest;
  const double value = g_ascii_strtod(*text, &rest);
  if (rest == *text || !(value >= min && value <= max))
    throw std::runtime_error(option + " has '" + *text + "', which is not a number in its range.");
  *text = rest;
  return value;
}

void set_option(LinkSettings &link, const std::string &option, const char *text) {
  if (option == "--shape") {
    link.shape.clear();
    do {
      link.shape.push_back(static_cast<gint>(number(option, &text, 1, G_MAXINT)));
    } while (*text == ',' && text++ != nullptr);
  } else if (option == "--min") {
    link.min = number(option, &text, -G_MAXDOUBLE, G_MAXDOUBLE);
  } else if (option == "--max") {
    link.max = number(option, &text, -G_MAXDOUBLE, G_MAXDOUBLE);
  } else if (option == "--qp") {
    link.qp = static_cast<int>(number(option, &text, 0, 63));
  } else {
    throw std::runtime_error("There is no option '" + option + "'; --help lists them.");
  }
  if (*text != '\0') throw std::runtime_error(option + " ends with '" + text + "'.");
}

Arguments parse(int argc, char **argv) {
  Arguments result;
  std::vector<const char *> files;
  for (int i = 1; i < argc; i++) {
    if (!g_str_has_prefix(argv[i], "--")) {
      files.push_back(argv[i]);
      continue;
    }
    if (i + 1 == argc) throw std::runtime_error(std::string(argv[i]) + " needs a value.");
    set_option(result.link, argv[i], argv[i + 1]);
    i++;
  }
  if (result.link.min >= result.link.max)
    throw std::runtime_error("--min is " + std::to_string(result.link.min) + " and --max is " +
                             std::to_string(result.link.max) + "; min must be below max.");
  if (files.size() != 2)
    throw std::runtime_error("INPUT and OUTPUT are needed; --help explains them.");
  result.input = files[0];
  result.output = files[1];
  return result;
}

// Fills the tensor from a file or a pipe. Returns its bytes: less than all at the end, or once
// asked to stop.
size_t read_tensor(int file, std::vector<float> &tensor, const std::stop_token &stop) {
  const size_t size = tensor.size() * sizeof(float);
  size_t done = 0;
  while (done < size && !stop.stop_requested()) {
    pollfd wait = {file, POLLIN, 0};
    if (poll(&wait, 1, 100) <= 0) continue;
    const ssize_t got = read(file, reinterpret_cast<char *>(tensor.data()) + done, size - done);
    if (got < 0 && errno != EINTR) throw std::runtime_error(std::strerror(errno));
    if (got == 0) break;
    done += got > 0 ? got : 0;
  }
  return done;
}

// The first half of the model: a thread of its own that hands over tensor after tensor.
void produce(const std::stop_token &stop, int file, FeatureLink &link) {
  try {
    std::vector<float> tensor(link.points());
    const size_t size = tensor.size() * sizeof(float);
    for (size_t count = 0;; count++) {
      const size_t got = read_tensor(file, tensor, stop);
      if (stop.stop_requested()) return;
      if (got == 0) break;
      if (got < size)
        throw std::runtime_error("it ends inside tensor " + std::to_string(count) + ", after " +
                                 std::to_string(got) + " of " + std::to_string(size) + " bytes");
      if (!link.push(tensor)) return;
    }
    link.end();
  } catch (const std::exception &problem) {
    link.fail(std::string("The input cannot be read: ") + problem.what() + ".");
  }
}

int run(const Arguments &arguments) {
  const int input =
      std::strcmp(arguments.input, "-") == 0 ? STDIN_FILENO : open(arguments.input, O_RDONLY);
  if (input < 0)
    throw std::runtime_error(std::string(arguments.input) + ": " + std::strerror(errno) + ".");
  const std::unique_ptr<FILE, int (*)(FILE *)> output(std::fopen(arguments.output, "wb"),
                                                      std::fclose);
  if (!output)
    throw std::runtime_error(std::string(arguments.output) + ": " + std::strerror(errno) + ".");

  guint64 count = 0;
  FeatureLink *self = nullptr;
  FeatureLink link(arguments.link, [&](std::span<const float> tensor) {  // the second half
    if (std::fwrite(tensor.data(), sizeof(float), tensor.size(), output.get()) != tensor.size() ||
        std::fflush(output.get()) != 0)
      self->fail(std::string("The output cannot be written: ") + std::strerror(errno) + ".");
    count++;
  });
  self = &link;
  std::string error;
  {
    std::jthread producer(produce, input, std::ref(link));  // stopped and joined at the end
    error = link.run();
  }
  if (!error.empty()) throw std::runtime_error(error);
  std::printf("%" G_GUINT64_FORMAT " tensors, %" G_GUINT64_FORMAT " bytes coded", count,
              link.bytes());
  if (count > 0)
    std::printf(", %.4f bits per feature point", 8. * link.bytes() / (count * link.points()));
  std::printf("%s\n", link.interrupted() ? ", then interrupted" : "");
  return link.interrupted() ? 130 : 0;
}

}  // namespace

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (std::strcmp(argv[i], "--help") != 0 && std::strcmp(argv[i], "-h") != 0) continue;
    std::fputs(kUsage, stdout);
    return 0;
  }
  int status = 1;
  try {
    const Arguments arguments = parse(argc, argv);
    gst_init(nullptr, nullptr);
    status = run(arguments);
  } catch (const std::exception &problem) {
    std::fprintf(stderr, "embedding: %s\n", problem.what());
  }
  if (gst_is_initialized()) gst_deinit();  // only leak checkers need this
  return status;
}
