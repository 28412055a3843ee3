// SPDX-License-Identifier: LGPL-2.1-or-later
//
// hyperpriorenc and hyperpriordec with LibTorch.
#include <fstream>
#include <sstream>

#include "tests/check/hyperprior_util.h"

using namespace test;

namespace {

constexpr int kWidth = 70;
constexpr int kHeight = 50;

bool has_libtorch() {
  std::ifstream maps("/proc/self/maps");
  std::stringstream text;
  text << maps.rdbuf();
  fail_unless(text.str().find("libgstreamer") != std::string::npos);
  return text.str().find("libtorch") != std::string::npos;
}

std::vector<guint16> decode(const Bytes &unit, std::string &device) {
  GstHarness *h = harness_of("hyperpriordec", false);
  gst_harness_set_src_caps_str(h, kHyperpriorUnitCaps);
  fail_unless_equals_int(gst_harness_push(h, buffer_of(unit)), GST_FLOW_OK);
  GstBuffer *out = gst_harness_pull(h);
  fail_unless(out != nullptr);
  auto samples = samples_of(out, kWidth, kHeight, 10);
  gst_buffer_unref(out);
  device = stat_string(h, "device");
  gst_harness_teardown(h);
  return samples;
}

int largest_difference(const std::vector<guint16> &a, const std::vector<guint16> &b) {
  int largest = 0;
  for (size_t i = 0; i < a.size(); i++) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

// Reading a plugin, as scanning does, and making its elements does not load LibTorch.
GST_START_TEST(test_loaded_late) {
  for (const char *name : {"hyperpriorenc", "hyperpriordec"}) {
    GstElement *element = gst_element_factory_make(name, nullptr);
    fail_unless(element != nullptr);
    gst_element_set_state(element, GST_STATE_READY);
    fail_if(has_libtorch(), "%s loads LibTorch before it starts", name);
    gst_element_set_state(element, GST_STATE_NULL);
    gst_object_unref(element);
  }
  GstHarness *h = harness_of("hyperpriordec", false);
  fail_unless(has_libtorch());
  gst_harness_teardown(h);
}
GST_END_TEST

// Networks that do nothing but move numbers give what those without LibTorch give.
GST_START_TEST(test_agrees_with_plain_networks) {
  for (const char *quality : {"quality=0.3", "quality=1"}) {
    const Bytes unit =
        encode_units(kWidth, kHeight, 1, make_info(kHeight, kWidth).get(), 10, quality)[0];
    std::string device;
    const auto decoded = decode(unit, device);
    fail_unless(device == "cpu" || device == "cuda:0", "%s", device.c_str());
    fail_unless(largest_difference(decoded, reference(unit)) <= 1);
  }
}
GST_END_TEST

GST_START_TEST(test_cpu) {
  GstHarness *h = harness_of("hyperpriorenc device=cpu threads=2", false);
  expect_equal(stat_string(h, "device"), "cpu");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_no_such_device) {
  for (const char *element : {"hyperpriorenc", "hyperpriordec model=default"}) {
    const std::string text = start_error(element + std::string(" device=cuda:99"));
    expect_contains(text, "device=cuda:99: ");
    expect_contains(text, "CUDA device");
    expect_contains(start_error(element + std::string(" device=abacus")),
                    "device=abacus is none of auto, cpu, cuda and cuda:N");
  }
}
GST_END_TEST

static Suite *hyperpriortorch_suite(void) {
  Suite *s = suite_create("hyperpriortorch");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_loaded_late);  // the first one, where all run in one process
  tcase_add_test(tc, test_agrees_with_plain_networks);
  tcase_add_test(tc, test_cpu);
  tcase_add_test(tc, test_no_such_device);
  return s;
}

GST_CHECK_MAIN(hyperpriortorch)
