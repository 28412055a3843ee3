// SPDX-License-Identifier: LGPL-2.1-or-later
#include "npy-util.h"

namespace {

using Values = std::vector<double>;

const Values kUnsigned = {0, 1, 2, 100, 120, 7};
const Values kSigned = {0, -1, 2, 100, -120, 7};
const Values kReal = {0, -1.5, 2, 100, -120.25, 7};

struct Stream : Stage {
  explicit Stream(const char *description = "npydec") : Stage(description) {
    fail_unless(caps("application/x-npy"));
  }
  void check_no_error() {
    const std::string text = error();
    fail_unless(text.empty(), "%s", text.c_str());
  }
  void eos() { gst_harness_push_event(harness(), gst_event_new_eos()); }
  // Pushes bytes in pieces of one size.
  GstFlowReturn feed(const Bytes &bytes, gsize piece) {
    GstFlowReturn flow = GST_FLOW_OK;
    for (gsize i = 0; i < bytes.size() && flow == GST_FLOW_OK; i += piece)
      flow = push(Bytes(bytes.begin() + static_cast<long>(i),
                        bytes.begin() + static_cast<long>(std::min(bytes.size(), i + piece))));
    return flow;
  }
};

template <class S>
Values load(const Bytes &bytes) {
  Values values;
  for (gsize i = 0; i + S::kSize <= bytes.size(); i += S::kSize)
    values.push_back(S::load(bytes.data() + i));
  return values;
}

struct Fixture {
  const char *name;
  const char *caps;
  Values (*load)(const Bytes &);
  const Values &values;
};

#define SHAPE23 ", shape=(int)<2,3>"
using feat::Scalar;
const Fixture kFixtures[] = {
    {"bool", TENSOR "format=U8" SHAPE23, load<Scalar<guint8>>, *new Values{1, 0, 1, 0, 0, 1}},
    {"u1", TENSOR "format=U8" SHAPE23, load<Scalar<guint8>>, kUnsigned},
    {"i1", TENSOR "format=S8" SHAPE23, load<Scalar<gint8>>, kSigned},
    {"u2_le", TENSOR "format=U16LE" SHAPE23, load<Scalar<guint16>>, kUnsigned},
    {"u2_be", TENSOR "format=U16LE" SHAPE23, load<Scalar<guint16>>, kUnsigned},
    {"i2_le", TENSOR "format=S16LE" SHAPE23, load<Scalar<gint16>>, kSigned},
    {"i2_be", TENSOR "format=S16LE" SHAPE23, load<Scalar<gint16>>, kSigned},
    {"u4_le", TENSOR "format=U32LE" SHAPE23, load<Scalar<guint32>>, kUnsigned},
    {"u4_be", TENSOR "format=U32LE" SHAPE23, load<Scalar<guint32>>, kUnsigned},
    {"i4_le", TENSOR "format=S32LE" SHAPE23, load<Scalar<gint32>>, kSigned},
    {"i4_be", TENSOR "format=S32LE" SHAPE23, load<Scalar<gint32>>, kSigned},
    {"u8_le", TENSOR "format=U64LE" SHAPE23, load<Scalar<uint64_t>>, kUnsigned},
    {"u8_be", TENSOR "format=U64LE" SHAPE23, load<Scalar<uint64_t>>, kUnsigned},
    {"i8_le", TENSOR "format=S64LE" SHAPE23, load<Scalar<int64_t>>, kSigned},
    {"i8_be", TENSOR "format=S64LE" SHAPE23, load<Scalar<int64_t>>, kSigned},
    {"f2_le", TENSOR "format=F16LE" SHAPE23, load<feat::Half>, kReal},
    {"f2_be", TENSOR "format=F16LE" SHAPE23, load<feat::Half>, kReal},
    {"f4_le", TENSOR "format=F32LE" SHAPE23, load<Scalar<float>>, kReal},
    {"f4_be", TENSOR "format=F32LE" SHAPE23, load<Scalar<float>>, kReal},
    {"f8_le", TENSOR "format=F64LE" SHAPE23, load<Scalar<double>>, kReal},
    {"f8_be", TENSOR "format=F64LE" SHAPE23, load<Scalar<double>>, kReal},
    {"version2", TENSOR "format=F32LE" SHAPE23, load<Scalar<float>>, kReal},
    {"version3", TENSOR "format=F32LE" SHAPE23, load<Scalar<float>>, kReal},
    {"scalar", TENSOR "format=F32LE, shape=(int)<>", load<Scalar<float>>, *new Values{2.5}},
    {"vector", TENSOR "format=F32LE, shape=(int)<5>", load<Scalar<float>>,
     *new Values{1, 2, 3, 4, 5}},
    {"no_points", TENSOR "format=F32LE, shape=(int)<0,3>", load<Scalar<float>>, *new Values{}},
    {"eight_dims", TENSOR "format=F32LE, shape=(int)<1,1,2,1,1,1,2,1>", load<Scalar<float>>,
     *new Values{0, 1, 2, 3}},
    {"fortran_vector", TENSOR "format=F32LE, shape=(int)<1,3,1>", load<Scalar<float>>,
     *new Values{1, 2, 3}},
    {"bfloat16", TENSOR "format=BF16LE, shape=(int)<2>", load<feat::BFloat16>,
     *new Values{1.5, -10}},
};

// Headers that are refused, whole files from NumPy or texts.
struct Bad {
  const char *text;
  const char *message;
};

const Bad kBadFixtures[] = {
    {"bad_fortran", "shape (2, 3) with descr '<f4' is in Fortran order"},
    {"bad_nine_dims", "9 dimensions; at most 8"},
    {"bad_complex", "descr '<c8' means complex numbers"},
    {"bad_object", "descr '|O' means Python objects"},
    {"bad_bytes", "descr '|S3' means byte strings"},
    {"bad_string", "descr '<U3' means strings"},
    {"bad_structured", "descr [('a', '<i4'), ('b', '<f4')] means structured data"},
    {"bad_void", "descr '|V2' means raw or structured data"},
    {"bad_date", "descr '<M8[D]' means dates or times"},
    {"bad_longdouble", "descr '<f16' is not a supported element type"},
};

#define HEAD "{'descr': '<f4', 'fortran_order': False, 'shape': "
const Bad kBadHeaders[] = {
    {"", "expected '{'"},
    {"{", "expected a string"},
    {"{}", "no key 'descr'"},
    {"{'descr': '<f4', 'shape': (2,)}", "no key 'fortran_order'"},
    {"{'descr': '<f4', 'fortran_order': False}", "no key 'shape'"},
    {HEAD "(2,), 'more': 1}", "unknown key 'more'"},
    {HEAD "(2,), 'shape': (2,)}", "second key 'shape'"},
    {HEAD "(2,)} x", "text behind the dictionary"},
    {HEAD "(2,)", "expected ',' or '}'"},
    {HEAD "(2)}", "a number, not a tuple"},
    {HEAD "(2 3)}", "expected ',' or ')'"},
    {HEAD "(,)}", "expected a dimension"},
    {HEAD "(-2,)}", "negative dimension"},
    {HEAD "(2", "expected ',' or ')'"},
    {HEAD "[2]}", "expected '('"},
    {HEAD "(99999999999999999999,)}", "more than 64 bits"},
    {HEAD "(2147483648,)}", "dimension 0 of the shape is 2147483648"},
    {HEAD "(2147483647, 2147483647, 2147483647)}", "overflow the address space"},
    {HEAD "(0, 2147483647, 2147483647, 4)}", "overflow the address space"},
    {HEAD "(16385, 16384)}", "268451840 points; the limit (max-points) is 268435456"},
    {"{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "expected True or False"},
    {"{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}", "expected ',' or '}'"},
    {"{'descr': 'f\\x34', 'fortran_order': False, 'shape': (2,)}", "unsupported character"},
    {"{'descr': '', 'fortran_order': False, 'shape': (2,)}", "descr '' is not a supported"},
    {"{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}", "descr '<f3' is not a supported"},
    {"{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}", "descr '|f4' has no byte order"},
    {"{'descr': '<\xff\x01', 'fortran_order': False, 'shape': (2,)}", "descr '<\?\?' is not"},
};

void check_refused(const Bytes &bytes, const char *message, const char *what) {
  Stream stream;
  fail_unless_equals_int(stream.push(bytes), GST_FLOW_ERROR);
  const std::string text = stream.error();
  fail_unless(text.find(message) != std::string::npos, "%s: '%s' is not in '%s'", what, message,
              text.c_str());
  fail_unless(text.find("array 0 at byte 0: ") == 0, "%s", text.c_str());
  stream.eos();
  stream.check_no_error();  // one error is enough
}

}  // namespace

GST_START_TEST(test_fixtures) {
  for (const Fixture &f : kFixtures) {
    for (const gsize piece : {gsize{1}, gsize{7}, gsize{100000}}) {
      Stream stream;
      fail_unless_equals_int(stream.feed(fixture(f.name), piece), GST_FLOW_OK);
      fail_unless(f.load(stream.pull_values<guint8>()) == f.values, "%s", f.name);
      stream.check_output_caps(f.caps);
      stream.eos();
      stream.check_no_error();
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_other_spellings) {
  Stream stream;  // another order of keys, double quotes, no spaces, long integers of Python 2
  const Bytes data = {1, 0, 2, 0};
  for (const char *header :
       {"{\"shape\":(2L,),\"fortran_order\":False,\"descr\":\"<u2\"}   ",
        "{ 'fortran_order' : False , 'descr' : 'u2' , 'shape' : ( 2 , ) , } "}) {
    fail_unless_equals_int(stream.push(npy_file(header, data)), GST_FLOW_OK);
    fail_unless(stream.pull_values<guint8>() == data);
  }
  stream.check_output_caps(TENSOR "format=U16LE, shape=(int)<2>");
}
GST_END_TEST;

GST_START_TEST(test_several_arrays) {
  const Bytes all = fixture("f4_le") + fixture("f4_be") + fixture("scalar") + fixture("no_points") +
                    fixture("u1");
  for (const gsize piece : {gsize{1}, gsize{131}, all.size()}) {
    Stream stream;
    fail_unless_equals_int(stream.feed(all, piece), GST_FLOW_OK);
    const gsize sizes[] = {24, 24, 4, 0, 6};
    for (guint i = 0; i < 5; i++) {
      GstBuffer *buffer = stream.pull();
      fail_unless(buffer != nullptr);
      fail_unless_equals_int(gst_buffer_get_size(buffer), sizes[i]);
      fail_unless_equals_uint64(GST_BUFFER_OFFSET(buffer), i);
      fail_unless(!GST_BUFFER_PTS_IS_VALID(buffer));
      gst_buffer_unref(buffer);
    }
    fail_unless(stream.pull() == nullptr);
    stream.check_output_caps(TENSOR "format=U8" SHAPE23);
  }
}
GST_END_TEST;

GST_START_TEST(test_timestamps) {
  Stream kept;
  fail_unless_equals_int(kept.push(fixture("f4_le"), 5 * GST_SECOND), GST_FLOW_OK);
  GstBuffer *buffer = kept.pull();
  fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), 5 * GST_SECOND);
  gst_buffer_unref(buffer);

  Stream counted("npydec framerate=30000/1001 task=seg");
  for (guint64 i = 0; i < 4; i++) {
    fail_unless_equals_int(counted.push(fixture("f4_le"), 5 * GST_SECOND), GST_FLOW_OK);
    buffer = counted.pull();
    const GstClockTime pts = gst_util_uint64_scale(i, 1001 * GST_SECOND, 30000);
    fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), pts);
    fail_unless_equals_uint64(GST_BUFFER_DURATION(buffer),
                              gst_util_uint64_scale(i + 1, 1001 * GST_SECOND, 30000) - pts);
    gst_buffer_unref(buffer);
  }
  counted.check_output_caps(TENSOR "format=F32LE" SHAPE23
                                   ", task=seg, framerate=(fraction)30000/1001");
}
GST_END_TEST;

GST_START_TEST(test_refused) {
  for (const Bad &bad : kBadFixtures) check_refused(fixture(bad.text), bad.message, bad.text);
  for (const Bad &bad : kBadHeaders) check_refused(npy_file(bad.text), bad.message, bad.text);
  std::string many = HEAD "(";
  for (int i = 0; i < 65; i++) many += "1,";
  check_refused(npy_file(many + ")}"), "more than 64 dimensions", "65 dimensions");
  check_refused(Bytes(64, 'x'), "no NPY array: the magic bytes", "no magic");
  check_refused(npy_file(HEAD "(2,)}", {}, 4), "NPY version 4.0 is unknown", "version");
  // A header of 64 KiB is read, one byte more is not, and neither is one of 4 GiB.
  const std::string full = std::string(HEAD "(0,)}");
  check_refused(npy_file(full + std::string(65536 - full.size(), ' '), {}, 2),
                "the NPY header has 65537 bytes; at most 65536 are accepted", "huge header");
  check_refused(Bytes{0x93, 'N', 'U', 'M', 'P', 'Y', 3, 0, 255, 255, 255, 255},
                "the NPY header has 4294967295 bytes", "4 GiB header");
  Stream stream;
  const std::string largest = full + std::string(65535 - full.size(), ' ');
  fail_unless_equals_int(stream.push(npy_file(largest, {}, 2)), GST_FLOW_OK);
  fail_unless(stream.pull_values<float>().empty());
}
GST_END_TEST;

GST_START_TEST(test_max_points) {
  Stream stream("npydec max-points=5");
  fail_unless_equals_int(stream.push(fixture("vector")), GST_FLOW_OK);
  fail_unless_equals_int(stream.push(fixture("f4_le")), GST_FLOW_ERROR);
  stream.check_error("array 1 at byte 148: NPY header: shape (2, 3) has 6 points; the limit");
}
GST_END_TEST;

// Cut anywhere, the file gives an error at the end of the stream that says what is missing.
GST_START_TEST(test_truncated) {
  const Bytes whole = fixture("f4_le");
  for (gsize size = 1; size < whole.size(); size++) {
    Stream stream;
    stream.push(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
    stream.eos();
    const std::string text = stream.error();
    fail_unless(text.find("array 0 at byte 0: the stream ends early") == 0, "%s", text.c_str());
    if (size >= 128) {
      const std::string missing = std::to_string(152 - size) + " of 24 data bytes are missing";
      fail_unless(text.find(missing) != std::string::npos, "%s", text.c_str());
    } else {
      fail_unless(text.find("bytes of the header are missing") != std::string::npos);
    }
    fail_unless(stream.pull() == nullptr);
  }
  Stream second;
  second.push(whole + Bytes{0x93});
  second.eos();
  second.check_error("array 1 at byte 152: the stream ends early, at least 9 bytes");
  Stream empty;
  empty.eos();
  empty.check_error("the stream is empty");
}
GST_END_TEST;

GST_START_TEST(test_flush_and_discontinuity) {
  Stream stream;
  const Bytes whole = fixture("f4_le");
  stream.push(Bytes(whole.begin(), whole.begin() + 140));
  fail_unless(gst_harness_push_event(stream.harness(), gst_event_new_flush_start()));
  fail_unless(gst_harness_push_event(stream.harness(), gst_event_new_flush_stop(TRUE)));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);
  fail_unless(gst_harness_push_event(stream.harness(), gst_event_new_segment(&segment)));
  fail_unless_equals_int(stream.push(whole), GST_FLOW_OK);
  fail_unless(load<Scalar<float>>(stream.pull_values<guint8>()) == kReal);

  // What was under way at a discontinuity is dropped.
  stream.push(Bytes(whole.begin(), whole.begin() + 140));
  GstBuffer *buffer = gst_buffer_new_memdup(whole.data(), whole.size());
  GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  fail_unless_equals_int(gst_harness_push(stream.harness(), buffer), GST_FLOW_OK);
  fail_unless(load<Scalar<float>>(stream.pull_values<guint8>()) == kReal);
  fail_unless(stream.pull() == nullptr);
  stream.eos();
  stream.check_no_error();
}
GST_END_TEST;

namespace {

// Runs a pipeline to its end. Returns the first error, "" for none.
std::string play(const std::string &description) {
  GstElement *pipeline = gst_parse_launch(description.c_str(), nullptr);
  fail_unless(pipeline != nullptr, "%s", description.c_str());
  GstBus *bus = gst_element_get_bus(pipeline);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstMessage *message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  fail_unless(message != nullptr, "%s does not end", description.c_str());
  std::string text;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError *error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    text = error->message;
    g_error_free(error);
  }
  gst_message_unref(message);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(pipeline);
  return text;
}

// For gst_parse_launch: the folder's name may have spaces.
std::string at(const std::string &path) {
  return "location=\"" + path + "\"";
}

void check_plays(const std::string &description) {
  const std::string text = play(description);
  fail_unless(text.empty(), "%s", text.c_str());
}

}  // namespace

GST_START_TEST(test_files) {
  GError *error = nullptr;
  gchar *folder = g_dir_make_tmp("npydec-XXXXXX", &error);
  fail_unless(folder != nullptr);
  const std::string base = folder;
  const char *names[] = {"f4_le", "scalar", "f4_be"};
  for (int i = 0; i < 3; i++) {
    const Bytes bytes = fixture(names[i]);
    const std::string name = base + "/" + std::to_string(i) + ".npy";
    fail_unless(g_file_set_contents(name.c_str(), reinterpret_cast<const gchar *>(bytes.data()),
                                    static_cast<gssize>(bytes.size()), nullptr));
  }
  const std::string out = base + "/out";
  const auto written = [&] {
    gchar *contents = nullptr;
    gsize size = 0;
    fail_unless(g_file_get_contents(out.c_str(), &contents, &size, nullptr));
    Bytes bytes(contents, contents + size);
    g_free(contents);
    return bytes;
  };
  const std::string sink = " ! filesink " + at(out);
  check_plays("filesrc blocksize=3 " + at(data_path("f4_be")) + " ! npydec" + sink);
  fail_unless(load<Scalar<float>>(written()) == kReal);
  check_plays("multifilesrc " + at(base + "/%d.npy") + " ! npydec" + sink);
  Values expected = kReal;
  expected.push_back(2.5);
  expected.insert(expected.end(), kReal.begin(), kReal.end());
  fail_unless(load<Scalar<float>>(written()) == expected);
  // decodebin finds the element by the first bytes of the file.
  check_plays("filesrc " + at(data_path("f4_le")) +
              " ! decodebin caps=application/x-feature-tensor" + sink);
  fail_unless(load<Scalar<float>>(written()) == kReal);
  fail_unless(play("filesrc " + at(base) + " ! npydec ! fakesink").find("is a directory") !=
              std::string::npos);
  for (const char *name : {"/0.npy", "/1.npy", "/2.npy", "/out", ""})
    fail_unless_equals_int(g_remove((base + name).c_str()), 0);
  g_free(folder);
}
GST_END_TEST;

// What downstream does not take is not missing.
GST_START_TEST(test_downstream_stops) {
  Bytes arrays;
  for (int i = 0; i < 4; i++) {
    const Bytes array = fixture("f4_le");
    arrays.insert(arrays.end(), array.begin(), array.end());
  }
  for (const gsize piece : {gsize{50}, arrays.size()}) {
    Stream s("npydec ! identity eos-after=2");
    fail_unless_equals_int(s.feed(arrays, piece), GST_FLOW_EOS);
    s.eos();
    s.check_no_error();
  }
}
GST_END_TEST;

static Suite *npydec_suite(void) {
  Suite *suite = suite_create("npydec");
  TCase *tc = tcase_create("general");
  suite_add_tcase(suite, tc);
  tcase_add_test(tc, test_fixtures);
  tcase_add_test(tc, test_other_spellings);
  tcase_add_test(tc, test_several_arrays);
  tcase_add_test(tc, test_timestamps);
  tcase_add_test(tc, test_refused);
  tcase_add_test(tc, test_max_points);
  tcase_add_test(tc, test_truncated);
  tcase_add_test(tc, test_flush_and_discontinuity);
  tcase_add_test(tc, test_files);
  tcase_add_test(tc, test_downstream_stops);
  return suite;
}

GST_CHECK_MAIN(npydec);
