// SPDX-License-Identifier: LGPL-2.1-or-later

#include <cmath>

#include "tests/rtp/peer.h"
#include "tests/rtp/tally.h"
#include "tests/rtp/units.h"

namespace test {

namespace {

constexpr gint64 kQuiet = G_USEC_PER_SEC;  // longer than any delay of netsim

std::string describe(const SendOptions &o) {
  return "appsrc name=src is-live=true format=time block=true max-buffers=4 caps=\"" +
         std::string(kUnitCaps) + "\" ! " + o.chain + " ! netsim name=net " + o.network +
         " ! udpsink name=sink sync=false async=false host=" + o.host +
         " port=" + std::to_string(o.port);
}

bool push(GstElement *src, uint32_t index, GstClockTime time, GstClockTime duration) {
  const std::vector<uint8_t> bytes = make_unit(index);
  GstBuffer *buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
  GST_BUFFER_PTS(buffer) = time;
  GST_BUFFER_DURATION(buffer) = duration;
  GstFlowReturn flow = GST_FLOW_ERROR;
  g_signal_emit_by_name(src, "push-buffer", buffer, &flow);
  gst_buffer_unref(buffer);
  return flow == GST_FLOW_OK;
}

void wait_until_quiet(const Tally &tally) {
  const auto idle = [&] { return g_get_monotonic_time() - tally.last(); };
  while (tally.last() == 0 || idle() < kQuiet) g_usleep(10000);
}

}  // namespace

int send_units(const SendOptions &o) {
  Pipeline pipeline(describe(o));
  if (pipeline.get() == nullptr) return 1;
  Tally sent(kPayloadType);
  Tally passed(kPayloadType);
  if (o.report) sent.watch(pipeline.pad("net", "sink").get());
  if (o.report) passed.watch(pipeline.pad("net", "src").get());
  if (!pipeline.play()) return 1;

  const ElementPtr src = pipeline.find("src");
  const auto duration = GST_SECOND / static_cast<GstClockTime>(o.rate);
  const gint64 begin = g_get_monotonic_time();
  for (uint32_t i = 0; i < o.units; i++) {
    const gint64 due = begin + static_cast<gint64>(i * duration / GST_USECOND);
    const gint64 early = due - g_get_monotonic_time();
    if (early > 0) g_usleep(static_cast<gulong>(early));
    if (!push(src.get(), o.first + i, i * duration, duration)) break;
    if (pipeline.errors() != 0) return 1;
  }
  if (o.report) wait_until_quiet(passed);
  if (pipeline.errors() != 0) return 1;

  const auto after = passed.units();
  for (const auto &[key, unit] : sent.units()) {
    const double place = static_cast<double>(unit.time) / static_cast<double>(duration);
    const auto index = o.first + static_cast<uint32_t>(std::lround(place));
    const auto at = after.find(key);
    g_print("sent %u %u %u %zu %zu\n", index, key.first, key.second, unit.packets.count(),
            at != after.end() ? at->second.packets.count() : size_t{0});
  }
  return 0;
}

}  // namespace test
