// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What vvcfeatenc promises instead of a QP: no loss, a size, an error.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/check/vvcfeat_util.h"

using namespace test;

namespace {

constexpr int kWidth = 256;
constexpr int kHeight = 192;

// Pushes a frame through `pipeline` and returns what comes out.
feat::BufferPtr run(const char *pipeline, const std::vector<guint16> &samples) {
  GstHarness *h = gst_harness_new_parse(pipeline);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", kWidth, kHeight, nullptr).release());
  fail_unless_equals_int(gst_harness_push(h, frame(samples, kWidth, kHeight, 10)), GST_FLOW_OK);
  gst_harness_push_event(h, gst_event_new_eos());
  feat::BufferPtr out(gst_harness_pull(h));
  fail_unless(out != nullptr);
  gst_harness_teardown(h);
  return out;
}

double mean_squared_error(const feat::BufferPtr &out, const std::vector<guint16> &samples) {
  feat::MappedBuffer map(out.get(), GST_MAP_READ);
  fail_unless(map.size() >= 2 * samples.size());
  double sum = 0;
  for (size_t i = 0; i < samples.size(); i++) {
    const double d = (GST_READ_UINT16_LE(map.data() + 2 * i) >> 6) - samples[i];
    sum += d * d;
  }
  return sum / static_cast<double>(samples.size());
}

}  // namespace

GST_START_TEST(test_lossless) {
  const auto samples = content(kWidth, kHeight, 10);
  fail_unless_equals_float(
      mean_squared_error(run("vvcfeatenc lossless=true ! vvcfeatdec", samples), samples), 0.0);
  // At the same time smaller than the 10 bits of a sample.
  const auto unit = run("vvcfeatenc lossless=true", samples);
  fail_unless(gst_buffer_get_size(unit.get()) * 8 < size_t{kWidth} * kHeight * 10);
}
GST_END_TEST

GST_START_TEST(test_target_bpfp) {
  const auto samples = content(kWidth, kHeight, 10, 7);
  for (const double target : {0.4, 1.5}) {
    const std::string pipeline = "vvcfeatenc effort=1 target-bpfp=" + std::to_string(target);
    const auto unit = run(pipeline.c_str(), samples);
    const double bpfp =
        8.0 * static_cast<double>(gst_buffer_get_size(unit.get())) / (kWidth * kHeight);
    fail_unless(std::abs(bpfp / target - 1) <= 0.03, "%g bits per point for %g", bpfp, target);
  }
}
GST_END_TEST

GST_START_TEST(test_target_mse) {
  const auto samples = content(kWidth, kHeight, 10, 3);
  for (const double target : {3.0, 6.0}) {
    const std::string pipeline =
        "vvcfeatenc effort=1 target-mse=" + std::to_string(target) + " ! vvcfeatdec";
    const double mse = mean_squared_error(run(pipeline.c_str(), samples), samples);
    fail_unless(std::abs(mse / target - 1) <= 0.03, "MSE %g for %g", mse, target);
  }
}
GST_END_TEST

static Suite *vvcfeatgoals_suite() {
  Suite *s = suite_create("vvcfeatgoals");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_lossless);
  tcase_add_test(tc, test_target_bpfp);
  tcase_add_test(tc, test_target_mse);
  return s;
}

GST_CHECK_MAIN(vvcfeatgoals)
