// SPDX-License-Identifier: LGPL-2.1-or-later
//
// backend=vtm against a real VTM, in the folder VTM_PATH or in PATH; without one it is skipped.

#include <glib/gstdio.h>

#include <cstdio>

#include "ext/vvc/h266_stream.h"
#include "ext/vvc/vtm_decoder.h"
#include "ext/vvc/vtm_encoder.h"
#include "tests/check/vvcfeat_util.h"

using namespace test;
using feat::vvc::Picture;

namespace {

constexpr int kWidth = 40;
constexpr int kHeight = 24;
constexpr char kUnitCaps[] = "video/x-h266, stream-format=byte-stream, alignment=au";

const char *vtm_path() {
  return g_getenv("VTM_PATH");
}

GstHarness *new_vtm(const std::string &element, int threads = 1) {
  std::string description = element + " backend=vtm threads=" + std::to_string(threads);
  if (vtm_path() != nullptr) description += " vtm-path=\"" + std::string(vtm_path()) + "\"";
  return harness_of(description, threads == 1);
}

std::vector<guint8> pull(GstHarness *h) {
  GstBuffer *out = gst_harness_pull(h);
  auto bytes = bytes_of(out);
  gst_buffer_unref(out);
  return bytes;
}

// VTM run by hand with its configuration, as the published baseline does.
std::vector<guint8> by_hand(const std::vector<guint16> &samples, int width, int height, int bits,
                            int qp, bool md5) {
  feat::VtmEncoder vtm;
  std::string message;
  fail_unless(feat::find_vtm_encoder(vtm_path() != nullptr ? vtm_path() : "", "", vtm, message));
  gchar *folder = g_dir_make_tmp(nullptr, nullptr);
  const std::string in = std::string(folder) + "/in.yuv";
  const std::string out = std::string(folder) + "/out.266";
  std::vector<guint8> raw;
  for (const guint16 sample : samples) {
    raw.push_back(static_cast<guint8>(sample));
    if (bits > 8) raw.push_back(static_cast<guint8>(sample >> 8));
  }
  fail_unless(g_file_set_contents(in.c_str(), reinterpret_cast<const gchar *>(raw.data()),
                                  static_cast<gssize>(raw.size()), nullptr));
  gchar *command = g_strdup_printf(
      "'%s' -c '%s' -i '%s' -b '%s' -o '' -wdt %d -hgt %d -f 1 -fr 30 -q %d "
      "--InputChromaFormat=400 --ConformanceWindowMode=1 --InputBitDepth=%d "
      "--InternalBitDepth=%d --OutputBitDepth=%d --SEIDecodedPictureHash=%d",
      vtm.program.c_str(), vtm.config.c_str(), in.c_str(), out.c_str(), width, height, qp, bits,
      bits, bits, md5 ? 1 : 0);
  gint status = 0;
  gchar *report = nullptr;
  fail_unless(g_spawn_command_line_sync(command, &report, nullptr, &status, nullptr));
  fail_unless_equals_int(status, 0);
  gchar *contents = nullptr;
  gsize size = 0;
  fail_unless(g_file_get_contents(out.c_str(), &contents, &size, nullptr));
  std::vector<guint8> unit(contents, contents + size);
  g_unlink(in.c_str());
  g_unlink(out.c_str());
  g_rmdir(folder);
  for (gchar *text : {folder, command, report, contents}) g_free(text);
  return unit;
}

std::vector<guint8> without_prefix_sei(const std::vector<guint8> &unit) {
  std::vector<guint8> rest;
  const auto keep = [&](int type, std::span<const uint8_t> nal) {
    if (type != 23) rest.insert(rest.end(), nal.begin(), nal.end());
  };
  feat::for_each_nal(unit, keep);
  rest.insert(rest.begin(), 0);  // the zero byte of the first start code
  return rest;
}

Picture decode_built_in(const std::vector<guint8> &unit) {
  Picture picture;
  const auto status = feat::vvc::Decoder::create({})->decode(unit, picture);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return picture;
}

}  // namespace

// The paper's counts: the unit without our description is the file of VTM alone.
GST_START_TEST(test_same_as_by_hand) {
  struct Case {
    int width, height, bits, qp;
  };
  for (const Case &c : {Case{40, 24, 10, 22}, Case{64, 64, 10, 42}, Case{17, 9, 10, 32},
                        Case{1, 1, 10, 32}, Case{40, 24, 8, 27}}) {
    for (const bool described : {false, true}) {
      if (described && c.width != 17) continue;  // one is enough
      GstHarness *h = new_vtm("vvcfeatenc");
      g_object_set(h->element, "qp", c.qp, nullptr);
      const InfoPtr info =
          described ? make_info(c.height, c.width, static_cast<guint>(c.bits)) : InfoPtr();
      const bool gray8 = c.bits == 8;
      gst_harness_set_src_caps(
          h, frame_caps(gray8 ? "GRAY8" : "GRAY16_LE", c.width, c.height, info.get()).release());
      const auto samples = content(c.width, c.height, c.bits);
      for (const bool md5 : {false, true}) {
        if (md5) gst_util_set_object_arg(G_OBJECT(h->element), "picture-hash", "md5");
        gst_harness_push(h, frame(samples, c.width, c.height, c.bits, gray8));
        const auto unit = pull(h);
        const auto expected = by_hand(samples, c.width, c.height, c.bits, c.qp, md5);
        fail_unless(described || unit == expected);
        fail_unless(without_prefix_sei(unit) == expected);
        const Picture picture = decode_built_in(unit);
        fail_unless_equals_int(picture.md5_present, md5);
        fail_unless_equals_int(static_cast<int>(picture.user_data.size()), described ? 1 : 0);
        if (!md5) {
          fail_unless_equals_uint64(stat(h, "bytes"), unit.size());
          fail_unless_equals_uint64(stat(h, "bytes") - stat(h, "description-bytes"),
                                    expected.size());
        }
      }
      gst_harness_teardown(h);
    }
  }
}
GST_END_TEST

// Units of both encoders, with either hash, through both decoders.
GST_START_TEST(test_either_decodes_either) {
  for (const int bits : {8, 10}) {
    const InfoPtr info = make_info(kHeight, kWidth, static_cast<guint>(bits));
    std::vector<std::vector<guint8>> units = encode(kWidth, kHeight, 1, 30, info.get(), bits);
    GstHarness *enc = new_vtm("vvcfeatenc");
    gst_harness_set_src_caps(enc, frame_caps("GRAY16_LE", kWidth, kHeight, info.get()).release());
    for (const char *hash : {"crc32", "md5"}) {
      gst_util_set_object_arg(G_OBJECT(enc->element), "picture-hash", hash);
      gst_harness_push(enc, frame(content(kWidth, kHeight, bits), kWidth, kHeight, bits));
      units.push_back(pull(enc));
    }
    gst_harness_teardown(enc);
    for (const auto &unit : units) {
      const Picture picture = decode_built_in(unit);
      const std::vector<guint16> expected(picture.samples.begin(), picture.samples.end());
      for (const bool vtm : {false, true}) {
        GstHarness *h = vtm ? new_vtm("vvcfeatdec") : gst_harness_new("vvcfeatdec");
        gst_harness_set_src_caps_str(h, kUnitCaps);
        gst_harness_push(h, buffer_of(unit));
        GstBuffer *out = gst_harness_pull(h);
        fail_unless(samples_of(out, kWidth, kHeight, bits, bits == 8) == expected);
        gst_buffer_unref(out);
        GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
        const InfoPtr read(gst_feature_info_from_caps(caps, nullptr));
        fail_unless(read && gst_feature_info_is_equal(read.get(), info.get()));
        gst_caps_unref(caps);
        gst_harness_teardown(h);
      }
    }
  }
}
GST_END_TEST

// Several processes at a time: the same units and pictures, in order.
GST_START_TEST(test_parallel) {
  constexpr int kFrames = 7;
  const InfoPtr info = make_info(kHeight, kWidth);
  std::vector<std::vector<guint8>> first;
  for (const int threads : {1, 3}) {
    GstHarness *h = new_vtm("vvcfeatenc", threads);
    gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", kWidth, kHeight, info.get()).release());
    for (unsigned i = 1; i <= kFrames; i++) {
      gst_harness_push(h, frame(content(kWidth, kHeight, 10, i), kWidth, kHeight, 10));
    }
    gst_harness_push_event(h, gst_event_new_eos());
    std::vector<std::vector<guint8>> units;
    for (int i = 0; i < kFrames; i++) units.push_back(pull(h));
    gst_harness_teardown(h);
    if (first.empty()) first = units;
    fail_unless(units == first);

    h = new_vtm("vvcfeatdec", threads);
    gst_harness_set_src_caps_str(h, kUnitCaps);
    for (const auto &unit : units) gst_harness_push(h, buffer_of(unit));
    gst_harness_push_event(h, gst_event_new_eos());
    for (const auto &unit : units) {
      const Picture picture = decode_built_in(unit);
      GstBuffer *out = gst_harness_pull(h);
      fail_unless(samples_of(out, kWidth, kHeight, 10) ==
                  std::vector<guint16>(picture.samples.begin(), picture.samples.end()));
      gst_buffer_unref(out);
    }
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// Units without parameter sets of their own: those of the first unit serve all.
GST_START_TEST(test_sets_in_first_unit) {
  const auto units = encode(kWidth, kHeight, 2, 30, nullptr);
  std::vector<guint8> bare;
  const auto keep = [&](int type, std::span<const uint8_t> nal) {
    if (type != 15 && type != 16) bare.insert(bare.end(), nal.begin(), nal.end());
  };
  feat::for_each_nal(units[1], keep);
  GstHarness *h = new_vtm("vvcfeatdec");
  gst_harness_set_src_caps_str(h, kUnitCaps);
  gst_harness_push(h, buffer_of(units[0]));
  gst_harness_push(h, buffer_of(bare));
  pull(h);
  GstBuffer *out = gst_harness_pull(h);
  const Picture picture = decode_built_in(units[1]);
  fail_unless(samples_of(out, kWidth, kHeight, 10) ==
              std::vector<guint16>(picture.samples.begin(), picture.samples.end()));
  gst_buffer_unref(out);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_wrong_hash) {
  auto with_md5 = encode(kWidth, kHeight, 1, 30, nullptr)[0];
  with_md5[with_md5.size() - 5] ^= 4;  // in the MD5 at its end
  const auto with_crc =
      with_wrong_crc(encode(kWidth, kHeight, 1, 30, make_info(kHeight, kWidth).get())[0]);
  for (const auto &[unit, warning] :
       {std::pair{with_md5,
                  "A unit was dropped: the decoded picture does not agree with its MD5 message."},
        std::pair{with_crc,
                  "A unit was dropped: the decoded picture and its feature description do not "
                  "agree with their CRC-32."}}) {
    GstHarness *h = new_vtm("vvcfeatdec");
    Bus bus(h);
    gst_harness_set_src_caps_str(h, kUnitCaps);
    gst_harness_push(h, buffer_of(unit));
    const std::string text = bus.next(GST_MESSAGE_WARNING);
    fail_unless_equals_string(text.c_str(), warning);
    g_object_set(h->element, "verify-hash", FALSE, nullptr);
    gst_harness_push(h, buffer_of(unit));
    pull(h);
    fail_unless_equals_uint64(stat(h, "damaged"), 1);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// What VTM says of a damaged unit is in the warning, and the stream goes on.
GST_START_TEST(test_damaged_unit) {
  const auto unit = encode(kWidth, kHeight, 1, 30, nullptr)[0];
  auto damaged = unit;
  damaged.resize(damaged.size() / 3);
  GstHarness *h = new_vtm("vvcfeatdec");
  Bus bus(h);
  gst_harness_set_src_caps_str(h, kUnitCaps);
  gst_harness_push(h, buffer_of(damaged));
  const std::string warning = bus.next(GST_MESSAGE_WARNING);
  fail_if(warning.find("DecoderApp") == std::string::npos, "%s", warning.c_str());
  gst_harness_push(h, buffer_of(unit));
  pull(h);
  fail_unless_equals_uint64(stat(h, "damaged"), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

static Suite *vvcfeatvtm_suite() {
  Suite *s = suite_create("vvcfeatvtm");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_same_as_by_hand);
  tcase_add_test(tc, test_either_decodes_either);
  tcase_add_test(tc, test_parallel);
  tcase_add_test(tc, test_sets_in_first_unit);
  tcase_add_test(tc, test_wrong_hash);
  tcase_add_test(tc, test_damaged_unit);
  return s;
}

int main(int argc, char **argv) {
  feat::VtmEncoder vtm;
  std::string message;
  const std::string path = vtm_path() != nullptr ? vtm_path() : "";
  if (!feat::find_vtm_encoder(path, "", vtm, message) ||
      feat::find_vtm_decoder(path, message).empty()) {
    std::printf("skipped: %s (the variable VTM_PATH names VTM's folder for this test)\n",
                message.c_str());
    return 77;
  }
  gst_check_init(&argc, &argv);
  return gst_check_run_suite(vvcfeatvtm_suite(), "vvcfeatvtm", __FILE__);
}
