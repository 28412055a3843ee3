// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What features over RTP cost: payloader, depayloader, and the round trip over UDP on loopback.
//
//   rtp-bench --shape 1,1,257,1536 --features 20 --repeat 5 --mtu 1400 --json rtp.json
//
// Payloads take turns within each repeat, so that ratios hold on a busy machine. Payloader and
// depayloader are fed from the thread that measures, and its processor time is theirs. In the round
// trip one feature is under way at a time; processor time is that of the whole process, the
// kernel's part included. Figures are medians over all features of all repeats.
#include <gio/gio.h>
#include <gst/gst.h>
#include <gst/rtp/gstrtpbuffer.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "gst/common/gstcpp.h"

namespace {

struct Options {
  std::string shape = "1,1,257,1536";
  int features = 10;
  int repeat = 5;
  int mtu = 1400;
  std::string json;
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "rtp-bench: %s\n", message.c_str());
  std::exit(1);
}

Options parse(int argc, char **argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (i + 1 >= argc) fail("no value after " + arg);
    const char *value = argv[++i];
    if (arg == "--shape") {
      o.shape = value;
    } else if (arg == "--features") {
      o.features = std::max(1, std::atoi(value));
    } else if (arg == "--repeat") {
      o.repeat = std::max(1, std::atoi(value));
    } else if (arg == "--mtu") {
      o.mtu = std::atoi(value);
    } else if (arg == "--json") {
      o.json = value;
    } else {
      fail("unknown option " + arg);
    }
  }
  return o;
}

// What is sent. The pipeline makes it of a test feature, or, where `random_bpfp` is not 0, of as
// many random bytes; `element` must be there.
struct Kind {
  const char *name;
  const char *element;
  const char *pipeline;
  double random_bpfp;
  std::vector<const char *> payloads;  // of rtpNAMEpay and rtpNAMEdepay
};

const std::vector<Kind> &kinds() {
  static const std::vector<Kind> all = {
      {"raw float32", "featuretestsrc", "", 0, {"feature", "gst"}},
      {"quantised, 10 bit",
       "featurequant",
       " ! featuretrunc ! featurequant",
       0,
       {"feature", "gst"}},
      {"H.266, QP 22",
       "vvcfeatenc",
       " ! featuretrunc ! featurequant ! featurepack ! vvcfeatenc effort=0 qp=22",
       0,
       {"feature", "vvcfeat", "gst"}},
      // Units as the paper's Hyperprior baseline makes them of classification features: 2.01 BPFP
      // (Table 3). Payloaders do not look inside.
      {"Hyperprior-sized",
       "capssetter",
       " ! capssetter replace=true caps=application/x-feature-hyperprior,alignment=unit",
       2.01,
       {"feature", "gst"}},
  };
  return all;
}

bool has_element(const std::string &name) {
  GstElementFactory *factory = gst_element_factory_find(name.c_str());
  if (factory != nullptr) gst_object_unref(factory);
  return factory != nullptr;
}

GstElement *launch(const std::string &description) {
  feat::ErrorSlot error;
  GstElement *pipeline = gst_parse_launch(description.c_str(), error.out());
  if (pipeline == nullptr || error.is_set()) fail(description + ": " + error.message());
  return pipeline;
}

GstElement *child(GstElement *pipeline, const char *name) {
  GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline), name);
  if (element == nullptr) fail(std::string("no ") + name);
  gst_object_unref(element);  // the pipeline keeps it
  return element;
}

void check_bus(GstElement *pipeline) {
  GstBus *bus = gst_element_get_bus(pipeline);
  GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
  gst_object_unref(bus);
  if (message == nullptr) return;
  feat::ErrorSlot error;
  gst_message_parse_error(message, error.out(), nullptr);
  fail(error.message());
}

// Units of a kind, as they go into a payloader.
struct Units {
  feat::CapsPtr caps;
  std::vector<feat::BufferPtr> buffers;
  double bytes = 0;  // of one, on average
};

std::string source_of(const Kind &kind, const Options &o) {
  if (kind.random_bpfp == 0) return "featuretestsrc pattern=cls shape=<" + o.shape + ">";
  double points = 1;
  for (size_t at = 0; at < o.shape.size(); at = std::min(o.shape.find(',', at), o.shape.size()) + 1)
    points *= std::atof(o.shape.c_str() + at);
  const auto bytes = static_cast<uint64_t>(points * kind.random_bpfp / 8);
  return "featuretestsrc pattern=noise format=U8 shape=<" + std::to_string(bytes) + ">";
}

Units make_units(const Kind &kind, const Options &o) {
  GstElement *pipeline = launch(source_of(kind, o) + " num-buffers=" + std::to_string(o.features) +
                                kind.pipeline + " ! appsink name=sink sync=false max-buffers=0");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  Units units;
  for (;;) {
    GstSample *sample = nullptr;
    g_signal_emit_by_name(child(pipeline, "sink"), "pull-sample", &sample);
    if (sample == nullptr) break;
    if (units.caps == nullptr) units.caps.reset(gst_caps_ref(gst_sample_get_caps(sample)));
    units.buffers.emplace_back(gst_buffer_copy_deep(gst_sample_get_buffer(sample)));
    units.bytes += static_cast<double>(gst_buffer_get_size(units.buffers.back().get()));
    gst_sample_unref(sample);
  }
  check_bus(pipeline);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
  if (units.buffers.empty()) fail(std::string("no units of ") + kind.name);
  units.bytes /= static_cast<double>(units.buffers.size());
  return units;
}

double seconds_of(clockid_t clock) {
  timespec t = {};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

struct Times {
  std::vector<double> wall;
  std::vector<double> cpu;
};

// Times one call.
template <typename Function>
void timed(Times &times, clockid_t cpu_clock, const Function &function) {
  const double wall = seconds_of(CLOCK_MONOTONIC);
  const double cpu = seconds_of(cpu_clock);
  function();
  times.cpu.push_back(seconds_of(cpu_clock) - cpu);
  times.wall.push_back(seconds_of(CLOCK_MONOTONIC) - wall);
}

// An element between two pads of our own: what is pushed is processed before push() returns.
class Alone {
 public:
  explicit Alone(const std::string &description) : element_(launch(description)) {
    gst_object_ref_sink(element_);
    src_ = gst_pad_new("src", GST_PAD_SRC);
    sink_ = gst_pad_new("sink", GST_PAD_SINK);
    gst_pad_set_element_private(sink_, this);
    gst_pad_set_chain_function(sink_, [](GstPad *pad, GstObject *, GstBuffer *buffer) {
      return static_cast<Alone *>(gst_pad_get_element_private(pad))->take(buffer);
    });
    gst_pad_set_active(sink_, TRUE);
    gst_pad_set_active(src_, TRUE);
    link("sink", src_, true);
    link("src", sink_, false);
    gst_element_set_state(element_, GST_STATE_PLAYING);
  }
  ~Alone() {
    gst_element_set_state(element_, GST_STATE_NULL);
    gst_pad_set_active(src_, FALSE);
    gst_pad_set_active(sink_, FALSE);
    gst_object_unref(src_);
    gst_object_unref(sink_);
    gst_object_unref(element_);
  }
  Alone(const Alone &) = delete;
  Alone &operator=(const Alone &) = delete;

  void set_caps(GstCaps *caps) {
    gst_pad_push_event(src_, gst_event_new_stream_start("bench"));
    gst_pad_push_event(src_, gst_event_new_caps(caps));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(src_, gst_event_new_segment(&segment));
  }
  feat::CapsPtr output_caps() const { return feat::CapsPtr(gst_pad_get_current_caps(sink_)); }
  void push(GstBuffer *buffer) {
    if (gst_pad_push(src_, buffer) != GST_FLOW_OK) fail("a push failed");
  }
  // What came out is kept, or counted alone.
  std::vector<feat::BufferPtr> *keep = nullptr;
  size_t count = 0;

 private:
  void link(const char *name, GstPad *own, bool upstream) {
    GstPad *pad = gst_element_get_static_pad(element_, name);
    const GstPadLinkReturn linked = upstream ? gst_pad_link(own, pad) : gst_pad_link(pad, own);
    gst_object_unref(pad);
    if (linked != GST_PAD_LINK_OK) fail("cannot link");
  }
  GstFlowReturn take(GstBuffer *buffer) {
    feat::BufferPtr owned(buffer);
    count++;
    if (keep != nullptr) keep->push_back(std::move(owned));
    return GST_FLOW_OK;
  }

  GstElement *element_;
  GstPad *src_ = nullptr;
  GstPad *sink_ = nullptr;
};

struct Case {
  const Kind *kind;
  const Units *units;
  std::string payload;
  double packets = 0;  // a feature
  Times pay;
  Times depay;
  Times trip;
  size_t lost = 0;
};

GstBuffer *unit_at(const Units &units, size_t i) {
  GstBuffer *buffer = gst_buffer_copy(units.buffers[i % units.buffers.size()].get());
  GST_BUFFER_PTS(buffer) = i * GST_SECOND / 30;
  GST_BUFFER_DTS(buffer) = GST_CLOCK_TIME_NONE;
  return buffer;
}

void run_alone(Case &c, const Options &o) {
  Alone pay("rtp" + c.payload + "pay mtu=" + std::to_string(o.mtu));
  Alone depay("rtp" + c.payload + "depay");
  pay.set_caps(c.units->caps.get());
  bool begun = false;
  const size_t n = c.units->buffers.size();
  for (size_t i = 0; i <= n; i++) {
    std::vector<feat::BufferPtr> packets;
    pay.keep = &packets;
    GstBuffer *unit = unit_at(*c.units, i);
    Times first;  // of a first unit, which negotiates
    timed(i == 0 ? first : c.pay, CLOCK_THREAD_CPUTIME_ID, [&] { pay.push(unit); });
    c.packets = static_cast<double>(packets.size());
    if (!begun) depay.set_caps(pay.output_caps().get());
    begun = true;
    // In one memory, as a socket gives them.
    for (auto &packet : packets) packet.reset(gst_buffer_copy_deep(packet.get()));
    depay.count = 0;
    timed(i == 0 ? first : c.depay, CLOCK_THREAD_CPUTIME_ID, [&] {
      for (auto &packet : packets) depay.push(packet.release());
    });
    if (depay.count != 1) fail("a feature did not come out of rtp" + c.payload + "depay");
  }
}

// A socket on loopback with room for a burst of packets, on any free port.
GSocket *receiving_socket(guint16 &port) {
  feat::ErrorSlot error;
  GSocket *socket = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                 G_SOCKET_PROTOCOL_UDP, error.out());
  if (socket == nullptr) fail(error.message());
  GInetAddress *loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
  GSocketAddress *any = g_inet_socket_address_new(loopback, 0);
  if (!g_socket_bind(socket, any, FALSE, error.out())) fail(error.message());
  g_object_unref(any);
  g_object_unref(loopback);
  const int size = 32 << 20;
  const int fd = g_socket_get_fd(socket);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
  GSocketAddress *bound = g_socket_get_local_address(socket, error.out());
  if (bound == nullptr) fail(error.message());
  port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
  g_object_unref(bound);
  return socket;
}

double process_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval &t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void run_trip(Case &c, const Options &o) {
  guint16 port = 0;
  GSocket *socket = receiving_socket(port);
  GstElement *sender =
      launch("appsrc name=src format=time block=true ! rtp" + c.payload +
             "pay name=pay mtu=" + std::to_string(o.mtu) +
             " ! udpsink host=127.0.0.1 sync=false async=false port=" + std::to_string(port));
  GstElement *receiver = launch("udpsrc name=src close-socket=false ! rtp" + c.payload +
                                "depay ! appsink name=sink sync=false");
  g_object_set(child(sender, "src"), "caps", c.units->caps.get(), nullptr);
  gst_element_set_state(sender, GST_STATE_PLAYING);

  const size_t n = c.units->buffers.size();
  size_t received = 0;
  for (size_t i = 0; i <= n; i++) {
    Times first;
    Times &times = i == 0 ? first : c.trip;
    const double wall = seconds_of(CLOCK_MONOTONIC);
    const double cpu = process_seconds();
    GstBuffer *unit = unit_at(*c.units, i);
    GstFlowReturn flow = GST_FLOW_OK;
    g_signal_emit_by_name(child(sender, "src"), "push-buffer", unit, &flow);
    gst_buffer_unref(unit);
    if (i == 0) {
      // The receiver has to know the caps; the first packets wait in the socket.
      GstPad *pad = gst_element_get_static_pad(child(sender, "pay"), "src");
      GstCaps *caps = nullptr;
      while ((caps = gst_pad_get_current_caps(pad)) == nullptr) {
        check_bus(sender);
        g_usleep(1000);
      }
      gst_object_unref(pad);
      g_object_set(child(receiver, "src"), "caps", caps, "socket", socket, nullptr);
      gst_caps_unref(caps);
      gst_element_set_state(receiver, GST_STATE_PLAYING);
    }
    GstSample *sample = nullptr;
    constexpr guint64 kPatience = 3 * GST_SECOND;
    g_signal_emit_by_name(child(receiver, "sink"), "try-pull-sample", kPatience, &sample);
    check_bus(sender);
    check_bus(receiver);
    if (sample == nullptr) {
      c.lost++;
      continue;
    }
    gst_sample_unref(sample);
    received++;
    times.cpu.push_back(process_seconds() - cpu);
    times.wall.push_back(seconds_of(CLOCK_MONOTONIC) - wall);
  }
  gst_element_set_state(sender, GST_STATE_NULL);
  gst_element_set_state(receiver, GST_STATE_NULL);
  gst_object_unref(sender);
  gst_object_unref(receiver);
  g_object_unref(socket);
  if (received == 0) fail("no feature came back over UDP with rtp" + c.payload + "pay");
}

void print_row(const Case &c, const char *what, const Times &times) {
  const double wall = median(times.wall);
  std::printf("| %-17s | rtp%-7s | %-10s | %8.0f | %9.1f | %9.0f | %8.3f | %8.3f |\n", c.kind->name,
              c.payload.c_str(), what, c.units->bytes, wall > 0 ? 1 / wall : 0,
              wall > 0 ? c.packets / wall : 0, 1e3 * wall, 1e3 * median(times.cpu));
}

void write_json(const std::string &path, const Options &o, const std::vector<Case> &cases,
                const std::vector<std::string> &absent) {
  std::FILE *file = path == "-" ? stdout : std::fopen(path.c_str(), "w");
  if (file == nullptr) fail("cannot write " + path);
  std::fprintf(file, "{\"shape\": \"%s\", \"mtu\": %d, \"repeat\": %d, \"absent\": [",
               o.shape.c_str(), o.mtu, o.repeat);
  for (size_t i = 0; i < absent.size(); i++)
    std::fprintf(file, "%s\"%s\"", i > 0 ? ", " : "", absent[i].c_str());
  std::fprintf(file, "], \"results\": [");
  const char *separator = "\n";
  for (const Case &c : cases) {
    const std::pair<const char *, const Times *> parts[] = {
        {"pay", &c.pay}, {"depay", &c.depay}, {"round trip", &c.trip}};
    for (const auto &[what, times] : parts) {
      std::fprintf(file,
                   "%s  {\"kind\": \"%s\", \"payload\": \"%s\", \"part\": \"%s\", \"bytes\": %.0f, "
                   "\"packets\": %.0f, \"seconds\": %.9f, \"cpu_seconds\": %.9f, \"features\": "
                   "%zu, \"lost\": %zu}",
                   separator, c.kind->name, c.payload.c_str(), what, c.units->bytes, c.packets,
                   median(times->wall), median(times->cpu), times->wall.size(),
                   times == &c.trip ? c.lost : 0);
      separator = ",\n";
    }
  }
  std::fprintf(file, "\n]}\n");
  if (file != stdout) std::fclose(file);
}

}  // namespace

int main(int argc, char **argv) {
  gst_init(nullptr, nullptr);
  const Options o = parse(argc, argv);
  std::vector<Units> units;
  std::vector<std::string> absent;
  std::vector<Case> cases;
  units.reserve(kinds().size());
  for (const Kind &kind : kinds()) {
    if (!has_element(kind.element)) {
      absent.emplace_back(kind.name);
      std::printf("%s: absent, there is no element %s\n", kind.name, kind.element);
      continue;
    }
    units.push_back(make_units(kind, o));
    for (const char *payload : kind.payloads) {
      if (!has_element(std::string("rtp") + payload + "pay")) {
        absent.push_back(std::string("rtp") + payload + "pay");
        std::printf("%s: absent, there is no element rtp%spay\n", kind.name, payload);
        continue;
      }
      cases.push_back({&kind, &units.back(), payload, 0, {}, {}, {}, 0});
    }
  }
  for (int i = 0; i < o.repeat; i++) {
    for (Case &c : cases) {
      run_alone(c, o);
      run_trip(c, o);
    }
  }
  std::printf("\n| %-17s | %-10s | %-10s | %8s | %9s | %9s | %8s | %8s |\n", "kind", "payload",
              "part", "bytes", "features/s", "packets/s", "ms", "CPU ms");
  std::printf("|---|---|---|---|---|---|---|---|\n");
  for (const Case &c : cases) {
    print_row(c, "pay", c.pay);
    print_row(c, "depay", c.depay);
    print_row(c, "round trip", c.trip);
    if (c.lost > 0) std::printf("%zu features were lost in the round trip\n", c.lost);
  }
  if (!o.json.empty()) write_json(o.json, o, cases, absent);
  return 0;
}
