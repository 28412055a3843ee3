// SPDX-License-Identifier: LGPL-2.1-or-later
#include "npy-util.h"

namespace {

Bytes encode(const char *description, const std::string &caps, const Bytes &data) {
  Stage stage(description);
  fail_unless(stage.caps(caps.c_str()));
  return stage.run<guint8>(data);
}

}  // namespace

// What NumPy wrote comes out again byte for byte, header included.
GST_START_TEST(test_same_as_numpy) {
  for (const char *name :
       {"u1", "i1", "u2_le", "i2_le", "u4_le", "i4_le", "u8_le", "i8_le", "f2_le", "f4_le", "f8_le",
        "scalar", "vector", "no_points", "eight_dims"}) {
    Stage stage("npydec ! npyenc");
    fail_unless(stage.caps("application/x-npy"));
    const Bytes file = fixture(name);
    fail_unless(stage.run<guint8>(file) == file, "%s", name);
    stage.check_output_caps("application/x-npy");
  }
}
GST_END_TEST;

GST_START_TEST(test_header) {
  const Bytes one = encode("npyenc", TENSOR "format=F32LE, shape=(int)<1>", Bytes(4));
  fail_unless_equals_int(one.size(), 128 + 4);
  const std::string expected =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }" + std::string(60, ' ') + "\n";
  fail_unless(std::string(one.begin() + 10, one.begin() + 128) == expected);
  fail_unless_equals_int(one[8], 118);
  // The longest shape there is leaves room in the same 128 bytes.
  const Bytes wide =
      encode("npyenc", TENSOR "format=U8, shape=(int)<1,1,1,0,100000000,100000000,100,1>", {});
  fail_unless_equals_int(wide.size(), 128);
}
GST_END_TEST;

GST_START_TEST(test_bfloat16) {
  const Bytes data = {0xc0, 0x3f, 0x20, 0xc1};  // 1.5 and -10
  const std::string caps = TENSOR "format=BF16LE, shape=(int)<2>";
  fail_unless(encode("npyenc bfloat16=raw", caps, data) ==
              encode("npydec ! npyenc bfloat16=raw", "application/x-npy", fixture("bfloat16")));
  const Bytes raw = encode("npyenc bfloat16=raw ! npydec", caps, data);
  fail_unless(raw == data);
  const Bytes wide = encode("npyenc ! npydec", caps, data);
  fail_unless(wide == (Bytes{0, 0, 0xc0, 0x3f, 0, 0, 0x20, 0xc1}));
}
GST_END_TEST;

GST_START_TEST(test_quantised) {
  const std::string caps = TENSOR
      "format=U16LE, shape=(int)<1,2>, bit-depth=10, range-min=(double)<-1.0>, "
      "range-max=(double)<1.0>, rounding=nearest, source-format=F32LE";
  const Bytes data = {0xff, 0x03, 0x01, 0x00};
  const Bytes file = encode("npyenc", caps, data);
  fail_unless(std::string(file.begin(), file.end()).find("'<u2'") != std::string::npos);
  fail_unless(Bytes(file.begin() + 128, file.end()) == data);
}
GST_END_TEST;

GST_START_TEST(test_renegotiation_flush_eos) {
  Stage stage("npyenc");
  fail_unless(stage.caps(TENSOR "format=U8, shape=(int)<2>, framerate=5/1"));
  fail_unless_equals_int(stage.push(Bytes(2), GST_SECOND), GST_FLOW_OK);
  GstBuffer *buffer = stage.pull();
  fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), GST_SECOND);
  gst_buffer_unref(buffer);
  fail_unless(stage.caps(TENSOR "format=U8, shape=(int)<3>, framerate=5/1"));
  fail_unless_equals_int(stage.run<guint8>(Bytes(3)).size(), 131);
  check_flush_and_eos<guint8>(&stage, Bytes{1, 2, 3});
}
GST_END_TEST;

GST_START_TEST(test_bad_input) {
  Stage wrong_size("npyenc");
  fail_unless(wrong_size.caps(TENSOR "format=F32LE, shape=(int)<2,3>"));
  fail_unless_equals_int(wrong_size.push(Bytes(23)), GST_FLOW_ERROR);
  wrong_size.check_error("a buffer has 23 bytes; its caps say 24");
  check_bad_caps({"npyenc", TENSOR "format=F32LE", "shape"});
}
GST_END_TEST;

static Suite *npyenc_suite(void) {
  Suite *suite = suite_create("npyenc");
  TCase *tc = tcase_create("general");
  suite_add_tcase(suite, tc);
  tcase_add_test(tc, test_same_as_numpy);
  tcase_add_test(tc, test_header);
  tcase_add_test(tc, test_bfloat16);
  tcase_add_test(tc, test_quantised);
  tcase_add_test(tc, test_renegotiation_flush_eos);
  tcase_add_test(tc, test_bad_input);
  return suite;
}

GST_CHECK_MAIN(npyenc);
