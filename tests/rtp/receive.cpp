// SPDX-License-Identifier: LGPL-2.1-or-later

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "gst/common/gstcpp.h"
#include "tests/rtp/peer.h"
#include "tests/rtp/tally.h"
#include "tests/rtp/units.h"

namespace test {

namespace {

constexpr gint64 kQuiet = 2 * G_USEC_PER_SEC;  // longer than rtpjitterbuffer holds packets
constexpr gint64 kPatience = 20 * G_USEC_PER_SEC;

std::string describe(const ReceiveOptions &o) {
  return "udpsrc name=src port=0 buffer-size=4194304 address=" + o.address + " caps=\"" + o.caps +
         "\" ! " + o.chain + " ! appsink name=sink sync=false async=false emit-signals=true";
}

struct Delivered {
  const bool keep;
  std::mutex mutex;
  std::vector<uint32_t> units;  // where they are kept
  std::atomic<guint64> right = 0;
  std::atomic<guint64> wrong = 0;
};

GstFlowReturn take(GstElement *sink, Delivered *delivered) {
  GstSample *sample = nullptr;
  g_signal_emit_by_name(sink, "pull-sample", &sample);
  if (sample == nullptr) return GST_FLOW_EOS;
  {
    const feat::MappedBuffer map(gst_sample_get_buffer(sample), GST_MAP_READ);
    const auto index = read_unit({map.data(), map.size()});
    (index ? delivered->right : delivered->wrong)++;
    if (index && delivered->keep) {
      const std::lock_guard lock(delivered->mutex);
      delivered->units.push_back(*index);
    }
  }
  gst_sample_unref(sample);
  return GST_FLOW_OK;
}

long resident_kib() {
  long pages = 0;
  if (FILE *file = std::fopen("/proc/self/statm", "r"); file != nullptr) {
    if (std::fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

// Gives rtpulpfecdec the packets that rtpstorage keeps, which a description cannot.
void join_correction(const Pipeline &pipeline) {
  const ElementPtr storage = pipeline.find("storage");
  const ElementPtr correction = pipeline.find("fec");
  if (storage == nullptr || correction == nullptr) return;
  GObject *kept = nullptr;
  g_object_get(storage.get(), "internal-storage", &kept, nullptr);
  g_object_set(correction.get(), "storage", kept, nullptr);
  g_object_unref(kept);
}

void print_stats(const Pipeline &pipeline) {
  const ElementPtr depay = pipeline.find("depay");
  GstStructure *stats = nullptr;
  g_object_get(depay.get(), "stats", &stats, nullptr);
  if (stats == nullptr) return;
  const feat::CharPtr text(gst_structure_to_string(stats));
  g_print("stats %s\n", text.get());
  gst_structure_free(stats);
}

}  // namespace

int receive_units(const ReceiveOptions &o) {
  Pipeline pipeline(describe(o));
  if (pipeline.get() == nullptr) return 1;
  join_correction(pipeline);
  Tally arrived(kPayloadType);
  Tally network(kPayloadType, false);
  if (o.report) arrived.watch(pipeline.pad("depay", "sink").get());
  network.watch(pipeline.pad("src", "src").get());
  Delivered delivered{.keep = o.report};
  g_signal_connect(pipeline.find("sink").get(), "new-sample", G_CALLBACK(take), &delivered);
  if (!pipeline.play()) return 1;
  gint port = 0;
  g_object_get(pipeline.find("src").get(), "port", &port, nullptr);
  g_print("port %d\n", port);
  std::fflush(stdout);

  // Until standard input ends.
  std::atomic<bool> ended = false;
  std::thread watcher([&ended] {
    while (std::getchar() != EOF) {
    }
    ended = true;
  });
  gint64 next_line = g_get_monotonic_time();
  while (!ended && pipeline.errors() == 0) {
    g_usleep(20000);
    if (o.memory_interval == 0 || g_get_monotonic_time() < next_line) continue;
    next_line += o.memory_interval * G_USEC_PER_SEC;
    g_print("memory %ld %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", resident_kib(),
            delivered.right.load(), delivered.wrong.load());
    std::fflush(stdout);
  }
  // What is still on its way.
  const gint64 end = g_get_monotonic_time();
  while (g_get_monotonic_time() - std::max(end, network.last()) < kQuiet &&
         g_get_monotonic_time() - end < kPatience && pipeline.errors() == 0) {
    g_usleep(10000);
  }
  const int errors = pipeline.errors();
  print_stats(pipeline);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  watcher.join();

  for (const auto &[key, unit] : arrived.units()) {
    g_print("arrived %u %u %zu\n", key.first, key.second, unit.packets.count());
  }
  for (const uint32_t index : delivered.units) g_print("delivered %u\n", index);
  g_print("total %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %d\n", delivered.right.load(),
          delivered.wrong.load(), pipeline.warnings());
  return errors == 0 ? 0 : 1;
}

}  // namespace test
