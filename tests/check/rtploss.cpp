// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Features over a network that loses, repeats and reorders packets: what comes out is bit for bit
// what went in, and exactly the features with a lost packet are missing. All of it by seeded random
// numbers, without clocks and threads; tests/rtp has real networks.

#include <random>
#include <set>

#include "tests/check/rtpfeature-util.h"
#include "tests/rtp/units.h"

namespace {

struct Packet {
  feat::BufferPtr buffer;
  guint32 unit = 0;
};
using Stream = std::vector<Packet>;

constexpr guint32 kUnits = 120;

constexpr char kFeatureCaps[] =
    "application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE, payload=96";
constexpr char kH266Caps[] =
    "application/x-rtp, media=video, clock-rate=90000, encoding-name=H266, payload=96";

struct Path {
  const char *name;
  const char *pay;
  const char *depay;
  const char *caps;
  bool sorts;  // takes packets in another order
};
constexpr Path kPaths[] = {
    {"tensors", "rtpfeaturepay config-interval=-1", "rtpfeaturedepay", kFeatureCaps, true},
    {"H.266",
     "featurepack ! vvcfeatenc lossless=true effort=0 threads=1 ! rtpfeaturepay config-interval=-1",
     "rtpfeaturedepay ! vvcfeatdec threads=1 ! featureunpack", kFeatureCaps, true},
    {"H.266 after RFC 9328",
     "featurepack ! vvcfeatenc lossless=true effort=0 threads=1 ! rtpvvcfeatpay",
     "rtpvvcfeatdepay ! vvcfeatdec threads=1 ! featureunpack", kH266Caps, false},
};

GstHarness *harness_of(const std::string &chain) {
  GstHarness *h = gst_harness_new_parse(chain.c_str());
  fail_unless(h != nullptr, "%s", chain.c_str());
  return h;
}

// The packets of the tensors first to last - 1, in order.
Stream send(GstHarness *pay, guint32 first, guint32 last) {
  Stream stream;
  for (guint32 unit = first; unit < last; ++unit) {
    const std::vector<guint8> bytes = test::make_unit(unit);
    GstBuffer *buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    GST_BUFFER_PTS(buffer) = unit * 20 * GST_MSECOND;
    GST_BUFFER_DURATION(buffer) = 20 * GST_MSECOND;
    fail_unless_equals_int(gst_harness_push(pay, buffer), GST_FLOW_OK);
    const size_t before = stream.size();
    while (GstBuffer *packet = gst_harness_try_pull(pay)) {
      stream.push_back({as_received(feat::BufferPtr(packet)), unit});
    }
    fail_unless(stream.size() > before + 3, "tensor %u takes %zu packets", unit,
                stream.size() - before);
  }
  return stream;
}

Stream send(const Path &path, guint32 units) {
  GstHarness *pay = harness_of(path.pay);
  gst_harness_set_src_caps_str(pay, test::kUnitCaps);
  Stream stream = send(pay, 0, units);
  gst_harness_teardown(pay);
  return stream;
}

Packet copy(const Packet &packet) {
  return {feat::BufferPtr(gst_buffer_copy_deep(packet.buffer.get())), packet.unit};
}

Stream copy(const Stream &stream) {
  Stream copies;
  for (const Packet &packet : stream) copies.push_back(copy(packet));
  return copies;
}

class Receiver {
 public:
  explicit Receiver(const Path &path) : harness_(harness_of(path.depay)) {
    gst_harness_set_src_caps_str(harness_, path.caps);
  }
  ~Receiver() { gst_harness_teardown(harness_); }
  Receiver(const Receiver &) = delete;
  Receiver &operator=(const Receiver &) = delete;

  void push(const Stream &stream) {
    for (const Packet &packet : stream) {
      fail_unless_equals_int(gst_harness_push(harness_, gst_buffer_copy(packet.buffer.get())),
                             GST_FLOW_OK);
      take();
    }
  }
  void end() {
    gst_harness_push_event(harness_, gst_event_new_eos());
    take();
  }
  const std::vector<guint32> &units() const { return units_; }

 private:
  void take() {
    while (GstBuffer *buffer = gst_harness_try_pull(harness_)) {
      const auto unit = test::read_unit(bytes_of(feat::BufferPtr(buffer)));
      fail_unless(unit.has_value(), "what came out behind tensor %d is none that went in",
                  units_.empty() ? -1 : static_cast<int>(units_.back()));
      units_.push_back(*unit);
    }
  }

  GstHarness *harness_;
  std::vector<guint32> units_;
};

using Random = std::mt19937;

bool happens(Random &random, double probability) {
  return std::uniform_real_distribution<>(0, 1)(random) < probability;
}

// Each takes packets away, and their tensors out of `complete`.
void lose(Stream &stream, std::set<guint32> &complete, const std::vector<bool> &lost) {
  Stream rest;
  for (size_t i = 0; i < stream.size(); ++i) {
    if (lost[i]) {
      complete.erase(stream[i].unit);
    } else {
      rest.push_back(std::move(stream[i]));
    }
  }
  stream = std::move(rest);
}

std::vector<bool> random_loss(size_t packets, double probability, Random &random) {
  std::vector<bool> lost(packets);
  for (size_t i = 0; i < packets; ++i) lost[i] = happens(random, probability);
  return lost;
}

std::vector<bool> bursts(size_t packets, Random &random) {
  std::vector<bool> lost(packets);
  for (size_t i = 0; i < packets; ++i) {
    if (!happens(random, 0.01)) continue;
    const size_t length = std::uniform_int_distribution<size_t>(2, 40)(random);
    for (const size_t end = std::min(packets, i + length); i < end; ++i) lost[i] = true;
  }
  return lost;
}

void expect(const Receiver &receiver, const std::set<guint32> &complete, const char *what) {
  const std::vector<guint32> expected(complete.begin(), complete.end());
  for (const guint32 unit : expected) {
    fail_if(
        std::find(receiver.units().begin(), receiver.units().end(), unit) == receiver.units().end(),
        "%s: tensor %u is missing, although all of its packets arrived", what, unit);
  }
  fail_unless(receiver.units() == expected, "%s: %zu tensors instead of %zu", what,
              receiver.units().size(), expected.size());
}

std::set<guint32> all(guint32 units) {
  std::set<guint32> numbers;
  for (guint32 i = 0; i < units; ++i) numbers.insert(i);
  return numbers;
}

// A network that does `damage(stream, complete, random)` to the packets of these tensors.
template <class Damage>
void run(const Path &path, Stream stream, guint32 units, const char *what, const Damage &damage) {
  Random random(units);
  std::set<guint32> complete = all(units);
  damage(stream, complete, random);
  Receiver receiver(path);
  receiver.push(stream);
  receiver.end();
  expect(receiver, complete, (std::string(path.name) + ", " + what).c_str());
}

}  // namespace

GST_START_TEST(test_loss) {
  const Path &path = kPaths[__i__];
  const Stream stream = send(path, kUnits);
  for (const double probability : {0.0, 0.01, 0.05, 0.2}) {
    size_t lost_units = 0;
    const auto damage = [&](Stream &damaged, std::set<guint32> &complete, Random &random) {
      lose(damaged, complete, random_loss(damaged.size(), probability, random));
      lost_units = kUnits - complete.size();
    };
    run(path, copy(stream), kUnits, "random loss", damage);
    fail_unless((lost_units > 0) == (probability > 0) && lost_units < kUnits, "%zu lost",
                lost_units);
  }
  size_t lost_units = 0;
  const auto damage = [&](Stream &damaged, std::set<guint32> &complete, Random &random) {
    lose(damaged, complete, bursts(damaged.size(), random));
    lost_units = kUnits - complete.size();
  };
  run(path, copy(stream), kUnits, "bursts", damage);
  fail_unless(lost_units > 10 && lost_units < kUnits - 10, "%zu lost", lost_units);
}
GST_END_TEST

// Every packet again, at once and some packets later, and some are lost but for the copy.
GST_START_TEST(test_duplicates) {
  run(kPaths[__i__], send(kPaths[__i__], 30), 30, "duplicates",
      [](Stream &stream, std::set<guint32> &complete, Random &random) {
        Stream doubled;
        for (size_t i = 0; i < stream.size(); ++i) {
          doubled.push_back(copy(stream[i]));
          doubled.push_back(copy(stream[i]));
          if (i >= 9) doubled.push_back(copy(stream[i - 9]));  // of a tensor that is done
        }
        stream = std::move(doubled);
        std::vector<bool> lost(stream.size());
        for (size_t i = 0; i < 18; i += 2) lost[i] = happens(random, 0.3);  // the copy follows
        std::set<guint32> none;
        lose(stream, none, lost);
      });
}
GST_END_TEST

// Packets change places with others up to three away: with the next tensor's at its border.
GST_START_TEST(test_reordering_and_loss) {
  if (!kPaths[__i__].sorts) return;  // rtpjitterbuffer's work: tests/rtp
  run(kPaths[__i__], send(kPaths[__i__], kUnits), kUnits, "reordering",
      [](Stream &stream, std::set<guint32> &complete, Random &random) {
        lose(stream, complete, random_loss(stream.size(), 0.02, random));
        for (size_t i = 0; i + 3 < stream.size(); i += 4) {
          std::shuffle(stream.begin() + static_cast<ptrdiff_t>(i),
                       stream.begin() + static_cast<ptrdiff_t>(i) + 4, random);
        }
      });
}
GST_END_TEST

// A sender dies within a tensor; another one, or the same one again, goes on.
GST_START_TEST(test_restarted_sender) {
  const Path &path = kPaths[__i__];
  Receiver receiver(path);
  std::set<guint32> complete;
  guint32 first = 0;
  for (int life = 0; life < 4; ++life) {
    GstHarness *pay = harness_of(path.pay);
    gst_harness_set_src_caps_str(pay, test::kUnitCaps);
    Stream stream = send(pay, first, first + 10);
    gst_harness_teardown(pay);
    if (life == 3)
      stream = [&] {
        Stream joined;  // a receiver that was away at the begin
        for (Packet &packet : stream) {
          if (packet.unit > first || !joined.empty()) joined.push_back(std::move(packet));
        }
        return joined;
      }();
    for (guint32 unit = first + (life == 3 ? 1 : 0); unit < first + 9; ++unit) {
      complete.insert(unit);
    }
    stream.pop_back();  // of the tenth
    receiver.push(stream);
    first += 10;
  }
  receiver.end();
  expect(receiver, complete, path.name);
}
GST_END_TEST

// Joining anywhere, with the description in every unit: the first whole tensor is the first out.
GST_START_TEST(test_late_join) {
  const Path &path = kPaths[__i__];
  const Stream stream = send(path, 6);
  for (size_t begin = 1; begin < stream.size(); begin += 2) {
    Stream rest;
    std::set<guint32> complete;
    for (size_t i = begin; i < stream.size(); ++i) {
      rest.push_back(copy(stream[i]));
      if (stream[i].unit != stream[begin - 1].unit) complete.insert(stream[i].unit);
    }
    Receiver receiver(path);
    receiver.push(rest);
    receiver.end();
    expect(receiver, complete, path.name);
  }
}
GST_END_TEST

static Suite *rtploss_suite() {
  Suite *s = suite_create("rtploss");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  const auto paths = have_element("vvcfeatenc") ? static_cast<int>(G_N_ELEMENTS(kPaths)) : 1;
  tcase_add_loop_test(tc, test_loss, 0, paths);
  tcase_add_loop_test(tc, test_duplicates, 0, paths);
  tcase_add_loop_test(tc, test_reordering_and_loss, 0, paths);
  tcase_add_loop_test(tc, test_restarted_sender, 0, paths);
  tcase_add_loop_test(tc, test_late_join, 0, paths);
  return s;
}

GST_CHECK_MAIN(rtploss)
