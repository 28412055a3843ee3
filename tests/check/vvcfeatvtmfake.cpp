// SPDX-License-Identifier: LGPL-2.1-or-later
//
// backend=vtm against scripts that stand in for VTM's programs: what they are told, and what
// becomes of it when they fail, hang or lie. Each test has a folder of its own for temporary files.

#include <glib/gstdio.h>

#include <filesystem>

#include "tests/check/vvcfeat_util.h"

using namespace test;
namespace fs = std::filesystem;

namespace {

constexpr char kUnitCaps[] = "video/x-h266, stream-format=byte-stream, alignment=au";

fs::path folder;  // of the running test: bin/ with the scripts, tmp/ for the element

void write_file(const fs::path &path, const std::string &text) {
  fail_unless(g_file_set_contents(path.c_str(), text.c_str(), -1, nullptr));
}

void write_program(const char *name, const std::string &script) {
  const fs::path path = folder / "bin" / name;
  write_file(path, "#!/bin/sh\n" + script + "\n");
  fail_unless_equals_int(g_chmod(path.c_str(), 0755), 0);
}

GstHarness *new_element(const std::string &element, const std::string &properties = "",
                        bool live = true) {
  return harness_of(
      element + " backend=vtm vtm-path=\"" + (folder / "bin").string() + "\" " + properties, live);
}

GstHarness *new_encoder(const std::string &properties = "", bool live = true) {
  GstHarness *h = new_element("vvcfeatenc", properties, live);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, nullptr).release());
  return h;
}

GstFlowReturn push_frame(GstHarness *h, unsigned seed = 1) {
  return gst_harness_push(h, frame(content(16, 8, 10, seed), 16, 8, 10));
}

void wait_for(const fs::path &path) {
  while (!fs::exists(path)) g_usleep(1000);
}

// The error of an encoder of one frame.
std::string encoder_error(const std::string &script) {
  write_program("EncoderApp", script);
  GstHarness *h = new_encoder("threads=1");
  Bus bus(h);
  fail_unless_equals_int(push_frame(h), GST_FLOW_ERROR);
  const std::string error = bus.next(GST_MESSAGE_ERROR);
  gst_harness_teardown(h);
  fail_unless(fs::is_empty(folder / "tmp"), "temporary files stay");
  return error;
}

void expect_part(const std::string &text, const std::string &part) {
  fail_if(text.find(part) == std::string::npos, "no '%s' in '%s'", part.c_str(), text.c_str());
}

void set_up() {
  gchar *made = g_dir_make_tmp("vvcfeat test-XXXXXX", nullptr);
  folder = made;
  g_free(made);
  fs::create_directory(folder / "bin");
  fs::create_directory(folder / "tmp");
  write_file(folder / "bin" / "encoder_intra_vtm.cfg", "");
  // Read by GLib once in each process, and each test is one.
  g_setenv("TMPDIR", (folder / "tmp").c_str(), TRUE);
}

void tear_down() {
  fs::remove_all(folder);
}

// Why an element of these properties does not start.
std::string start_error(const std::string &description) {
  GstElement *element = gst_parse_launch(description.c_str(), nullptr);
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(element, bus);
  fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                         GST_STATE_CHANGE_FAILURE);
  GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
  fail_unless(message != nullptr);
  GError *error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  fail_unless(g_error_matches(error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND));
  std::string text = error->message;
  g_error_free(error);
  gst_message_unref(message);
  gst_element_set_state(element, GST_STATE_NULL);
  gst_bus_set_flushing(bus, TRUE);
  gst_object_unref(element);
  gst_object_unref(bus);
  return text;
}

}  // namespace

GST_START_TEST(test_missing_programs) {
  const std::string bin = (folder / "bin").string();
  fail_unless(start_error("vvcfeatenc backend=vtm vtm-path=\"" + bin + "\"") ==
              "vtm-path " + bin +
                  " is neither a program nor a folder with the program EncoderAppStatic or "
                  "EncoderApp.");
  g_setenv("PATH", bin.c_str(), TRUE);
  fail_unless(start_error("vvcfeatdec backend=vtm") ==
              "DecoderAppStatic or DecoderApp of VTM is not in PATH; the property vtm-path says "
              "where it is.");
}
GST_END_TEST

GST_START_TEST(test_missing_configuration) {
  write_program("EncoderApp", "exit 0");
  fs::remove(folder / "bin" / "encoder_intra_vtm.cfg");
  const std::string bin = (folder / "bin").string();
  expect_part(start_error("vvcfeatenc backend=vtm vtm-path=\"" + bin + "\""),
              "encoder_intra_vtm.cfg is not in " + bin);
  fail_unless(start_error("vvcfeatenc backend=vtm vtm-path=\"" + bin +
                          "\" vtm-config=nowhere.cfg") == "vtm-config nowhere.cfg is not a file.");
}
GST_END_TEST

// As in a build tree, with the program found through a link.
GST_START_TEST(test_configuration_of_build_tree) {
  fs::remove(folder / "bin" / "encoder_intra_vtm.cfg");
  fs::create_directories(folder / "vtm" / "bin" / "umake" / "gcc-12" / "x86_64" / "release");
  fs::create_directory(folder / "vtm" / "cfg");
  write_file(folder / "vtm" / "cfg" / "encoder_intra_vtm.cfg", "");
  write_program("EncoderApp", "echo \"$@\" >&2; exit 1");
  const fs::path real = folder / "vtm/bin/umake/gcc-12/x86_64/release/EncoderApp";
  fs::rename(folder / "bin" / "EncoderApp", real);
  fs::create_symlink(real, folder / "bin" / "EncoderApp");
  GstHarness *h = new_encoder("threads=1");
  Bus bus(h);
  push_frame(h);
  expect_part(bus.next(GST_MESSAGE_ERROR),
              "-c " + (folder / "vtm/cfg/encoder_intra_vtm.cfg").string());
  gst_harness_teardown(h);
}
GST_END_TEST

// EncoderAppStatic goes before EncoderApp, and is told what the published baseline tells it.
GST_START_TEST(test_command) {
  write_program("EncoderAppStatic", "echo \"$@\" >&2; ls -ld . >&2; exit 1");
  const std::string error = encoder_error("exit 2");
  expect_part(error, "EncoderAppStatic ended with status 1");
  for (const char *part :
       {"--SourceWidth=16 --SourceHeight=8", "--FramesToBeEncoded=1", "--InputChromaFormat=400",
        "--ConformanceWindowMode=1", "--InternalBitDepth=10", "--InputBitDepth=10",
        "--OutputBitDepth=10", "--QP=32", "--SEIDecodedPictureHash=0", "drwx------"}) {
    expect_part(error, part);
  }
}
GST_END_TEST

GST_START_TEST(test_failures) {
  std::string error = encoder_error("echo one; echo 'bad cfg' >&2; exit 3");
  expect_part(error, "EncoderApp ended with status 3: bad cfg");
  error = encoder_error("echo early; echo 'last line'; exit 1");
  expect_part(error, "ended with status 1: early / last line");
  error = encoder_error("kill -9 $$");
  expect_part(error, "was ended by signal 9 (Killed), and wrote nothing");
  error = encoder_error("exit 0");
  expect_part(error, "VTM ended well, but has not written");
  error = encoder_error("echo 'POC 0 ( I-SLICE )  624 bits'; printf 12345 > unit.266");
  expect_part(error, "VTM reports 624 bits, but");
  expect_part(error, "has 5 bytes; is the disk full?");
  error = encoder_error("head -c 100000000 /dev/zero > unit.266 || kill -25 $$");
  expect_part(error, "signal 25");
}
GST_END_TEST

// A change of state ends programs that would never end, and their folders.
GST_START_TEST(test_state_change_kills) {
  for (const int threads : {1, 3}) {
    const fs::path begun = folder / "begun";
    write_program("EncoderApp", "touch '" + begun.string() + "'; sleep 100000");
    GstHarness *h = new_encoder("threads=" + std::to_string(threads), false);
    GThread *pusher = g_thread_new(
        "pusher",
        [](gpointer data) -> gpointer {
          auto *harness = static_cast<GstHarness *>(data);
          for (int i = 0; i < 4; i++) push_frame(harness);
          return nullptr;
        },
        h);
    wait_for(begun);
    gst_element_set_state(h->element, GST_STATE_NULL);
    g_thread_join(pusher);
    fail_unless(fs::is_empty(folder / "tmp"), "temporary files stay");
    fs::remove(begun);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_flush_kills) {
  const fs::path begun = folder / "begun";
  write_program("EncoderApp", "touch '" + begun.string() + "'; exec sleep 100000");
  GstHarness *h = new_encoder("threads=2", false);
  Bus bus(h);
  fail_unless_equals_int(push_frame(h), GST_FLOW_OK);
  wait_for(begun);
  gst_harness_push_event(h, gst_event_new_flush_start());
  gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
  fail_unless(fs::is_empty(folder / "tmp"), "temporary files stay");
  fail_unless(bus.next(GST_MESSAGE_ERROR).empty());
  // The element works on.
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(h, gst_event_new_segment(&segment));
  write_program("EncoderApp", "printf unit > unit.266");
  fail_unless_equals_int(push_frame(h), GST_FLOW_OK);
  GstBuffer *out = gst_harness_pull(h);
  fail_unless_equals_int(static_cast<int>(gst_buffer_get_size(out)), 4);
  gst_buffer_unref(out);
  gst_harness_teardown(h);
}
GST_END_TEST

// The first to fail is the last but one of four; those before it leave, and no other.
GST_START_TEST(test_error_in_its_turn) {
  // The name of its input's first byte tells a frame from the next.
  write_program("EncoderApp",
                "n=$(head -c 1 picture.yuv | od -An -tu1 | tr -d ' ')\n"
                "[ $n != 3 ] || { echo 'number 3' >&2; exit 1; }\n"
                "[ $n != 1 ] || sleep 0.2\n"
                "printf \"unit $n\" > unit.266");
  GstHarness *h = new_encoder("threads=4", false);
  Bus bus(h);
  for (guint16 i = 1; i <= 4; i++) {
    gst_harness_push(h, frame(std::vector<guint16>(16 * 8, i), 16, 8, 10));
  }
  gst_harness_push_event(h, gst_event_new_eos());
  expect_part(bus.next(GST_MESSAGE_ERROR), "number 3");
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 2);
  for (const char *expected : {"unit 1", "unit 2"}) {
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_int(gst_buffer_memcmp(out, 0, expected, 6), 0);
    gst_buffer_unref(out);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

// max-points is looked at before a process is started.
GST_START_TEST(test_max_points) {
  write_program("DecoderApp", "echo 'was started' >&2; exit 1");
  GstHarness *h = new_element("vvcfeatdec", "threads=1 max-points=500");
  Bus bus(h);
  gst_harness_set_src_caps_str(h, kUnitCaps);
  gst_harness_push(h, buffer_of(encode(40, 24, 1, 30, nullptr)[0]));
  fail_unless(bus.next(GST_MESSAGE_WARNING) ==
              "A unit was dropped: a picture of 40x24 has more than max-points 500 samples.");
  gst_harness_push(h, buffer_of(encode(16, 8, 1, 30, nullptr)[0]));
  expect_part(bus.next(GST_MESSAGE_WARNING), "was started");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_decoder_output_of_wrong_size) {
  write_program("DecoderApp", "printf 123 > picture.yuv");
  GstHarness *h = new_element("vvcfeatdec", "threads=1");
  Bus bus(h);
  gst_harness_set_src_caps_str(h, kUnitCaps);
  gst_harness_push(h, buffer_of(encode(16, 8, 1, 30, nullptr)[0]));
  expect_part(bus.next(GST_MESSAGE_WARNING),
              "VTM has written 3 bytes, a grey picture of 16x8 has 256");
  fail_unless(fs::is_empty(folder / "tmp"));
  gst_harness_teardown(h);
}
GST_END_TEST

static Suite *vvcfeatvtmfake_suite() {
  Suite *s = suite_create("vvcfeatvtmfake");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_checked_fixture(tc, set_up, tear_down);
  tcase_add_test(tc, test_missing_programs);
  tcase_add_test(tc, test_missing_configuration);
  tcase_add_test(tc, test_configuration_of_build_tree);
  tcase_add_test(tc, test_command);
  tcase_add_test(tc, test_failures);
  tcase_add_test(tc, test_state_change_kills);
  tcase_add_test(tc, test_flush_kills);
  tcase_add_test(tc, test_error_in_its_turn);
  tcase_add_test(tc, test_max_points);
  tcase_add_test(tc, test_decoder_output_of_wrong_size);
  return s;
}

GST_CHECK_MAIN(vvcfeatvtmfake)
