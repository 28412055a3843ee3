// SPDX-License-Identifier: LGPL-2.1-or-later
// The CBOR description byte for byte, and what is refused.
#include "feature-util.h"

static const Spec cls = {.shape = {1, 1, 257, 1536},
                         .bit_depth = 10,
                         .min = {-20},
                         .max = {20},
                         .packing = GST_FEATURE_PACKING_STACK,
                         .task = GST_FEATURE_TASK_CLS};

// One range, written after the keys 4 and 5 of a fixed rest.
static Spec with_range(gdouble min, gdouble max) {
  return {.shape = {}, .bit_depth = 10, .min = {min}, .max = {max}};
}

static const std::vector<std::pair<Spec, const char *>> &vectors() {
  static const std::vector<std::pair<Spec, const char *>> all = {
      {cls, "a6000101840101190101190600030a043308022001"},
      {{.shape = {}}, "a200010180"},
      {{.shape = {0, 2147483647}, .format = GST_FEATURE_FORMAT_S64LE},
       "a300010182001a7fffffff020c"},
      {{.shape = {2, 4, 1611, 1536},
        .bit_depth = 10,
        .rounding = GST_FEATURE_ROUNDING_FLOOR,
        .min = {-1, -2, -10, -20},
        .max = {1, 2, 10, 20},
        .axis = 1,
        .packing = GST_FEATURE_PACKING_STACK,
        .task = GST_FEATURE_TASK_DPT},
       "a800010184020419064b190600030a0484202129330601070108022003"},
      {{.shape = {1, 16, 128, 128},
        .format = GST_FEATURE_FORMAT_F16LE,
        .bit_depth = 10,
        .min = {-5.79},
        .max = {4.46},
        .packing = GST_FEATURE_PACKING_MOSAIC,
        .rows = 4,
        .columns = 4,
        .task = GST_FEATURE_TASK_TTI},
       "a9000101840110188018800202030a04fbc01728f5c28f5c2905fb4011d70a3d70a3d7080309820404"
       "2005"},
      {{.shape = {0, 3}, .bit_depth = 2, .axis = 0}, "a5000101820003030204800600"},
      // Numbers: integers where they are integral, else the shortest float that is exact (most
      // from appendix A of RFC 8949).
      {with_range(-24, 23),
       "a5000101800"
       "30a04370517"},
      {with_range(-25, 24), "a500010180030a043818051818"},
      {with_range(-256, 255), "a500010180030a0438ff0518ff"},
      {with_range(-257, 256), "a500010180030a0439010005190100"},
      {with_range(-4294967296.0, 4294967295.0), "a500010180030a043affffffff051affffffff"},
      {with_range(-4294967297.0, 4294967296.0), "a500010180030a04fbc1f000000010000005fa4f800000"},
      {with_range(-1.5, 1.5), "a400010180030a04f9be00"},
      {with_range(-0.0, 1), "a500010180030a04f980000501"},
      {with_range(0, 5.960464477539063e-8), "a500010180030a040005f90001"},
      {with_range(0, 0.00006103515625), "a500010180030a040005f90400"},
      {with_range(0, 1.1), "a500010180030a040005fb3ff199999999999a"},
      {with_range(-4.1, 3.4028234663852886e38), "a500010180030a04fbc01066666666666605fa7f7fffff"},
      {with_range(0, 1.0e300), "a500010180030a040005fb7e37e43c8800759c"},
      {with_range(-65504, 65504.5), "a500010180030a0439ffdf05fa477fe080"},
  };
  return all;
}

GST_START_TEST(test_vectors) {
  for (const auto &[spec, hex] : vectors()) {
    g_autoptr(GError) error = nullptr;
    g_autoptr(GstFeatureInfo) info = make_info(spec);
    const std::string written = to_hex(cbor_of(info));
    fail_unless_equals_string(written.c_str(), hex);
    const std::vector<guint8> bytes = from_hex(hex);
    g_autoptr(GstFeatureInfo) back = gst_feature_info_from_cbor(bytes.data(), bytes.size(), &error);
    fail_unless(back && gst_feature_info_is_equal(info, back), "%s: %s", hex,
                error ? error->message : "changed");
  }
  g_autoptr(GstFeatureInfo) info = make_info(cls);
  fail_unless(cbor_of(info).size() <= 40);
}
GST_END_TEST;

// Keys below 0 that nobody knows are passed over, whatever they hold.
GST_START_TEST(test_unknown_keys) {
  const char *const cases[] = {
      "a7000101840101190101190600030a04330802200121f6",
      "a8000101840101190101190600030a04330802200121a161618201022281fb3ff199999999999a",
      "a7000101840101190101190600030a043308022001381900",
      "a7000101840101190101190600030a0433080220012188000102030405c2410af5",
      "a7000101840101190101190600030a043308022001218181818181818100",
  };
  g_autoptr(GstFeatureInfo) info = make_info(cls);
  for (const char *hex : cases) {
    g_autoptr(GError) error = nullptr;
    const std::vector<guint8> bytes = from_hex(hex);
    g_autoptr(GstFeatureInfo) back = gst_feature_info_from_cbor(bytes.data(), bytes.size(), &error);
    fail_unless(back && gst_feature_info_is_equal(info, back), "%s: %s", hex,
                error ? error->message : "changed");
  }
}
GST_END_TEST;

GST_START_TEST(test_refused) {
  const std::string bomb = "a30001018021" + [] {
    std::string arrays;
    for (int i = 0; i < 100000; i++) arrays += "81";
    return arrays;
  }() + "00";
  const auto cbor = GST_FEATURE_ERROR_CBOR;
  const auto range = GST_FEATURE_ERROR_RANGE;
  const auto shape = GST_FEATURE_ERROR_SHAPE;
  const struct {
    std::string hex;
    GstFeatureError code;
    const char *text;
  } cases[] = {
      {"", cbor, "byte 0: ends too early"},
      {"00", cbor, "expected a map"},
      {"80", cbor, "expected a map"},
      {"a0", cbor, "no version"},
      {"a10001", cbor, "no shape"},
      {"a1000100", cbor, "no shape"},
      {"a10002", cbor, "a version other than 1"},
      {"a200020180", cbor, "a version other than 1"},
      {"a2001bffffffffffffffff0180", cbor, "a version other than 1"},
      {"a2002001 80", cbor, "expected an unsigned integer"},
      {"a201800001", cbor, "the version must come first"},
      {"a22001018000", cbor, "the version must come first"},
      {"a300010001 0180", cbor, "twice or out of order"},
      {"a4000101800180020c", cbor, "twice or out of order"},
      {"a400010180030a0202", cbor, "twice or out of order"},
      {"a40001018020012001", cbor, "twice or out of order"},
      {"a400010180200103 0a", cbor, "twice or out of order"},
      {"a20001018000", cbor, "bytes behind the map"},
      {"a20001f6f6", cbor, "a key that is not an integer"},
      {"a20001616180", cbor, "a key that is not an integer"},
      {"a20001f93c0080", cbor, "a key that is not an integer"},
      {"a3000101800a00", cbor, "an unknown key of 0 or more"},
      {"a300010180190100f6", cbor, "an unknown key of 0 or more"},
      {"a20001016161", cbor, "expected an array"},
      {"a20001018120", cbor, "expected an unsigned integer"},
      {"a2000101811a80000000", cbor, "larger than its key allows"},
      {"a2000101811bffffffffffffffff", cbor, "larger than its key allows"},
      {"a200010189000000000000000000", cbor, "longer than its key allows"},
      // lengths
      {"bbffffffffffffffff", cbor, "more pairs than bytes"},
      {"bb80000000000000000001", cbor, "more pairs than bytes"},
      {"a20001019bffffffffffffffff", cbor, "more items than bytes"},
      {"a300010180215bffffffffffffffff", cbor, "a string longer than the bytes"},
      {"a300010180217bfffffffffffffffe00", cbor, "a string longer than the bytes"},
      {"a300010180219b0000000100000000", cbor, "more items than bytes"},
      {"a30001018021bb8000000000000001", cbor, "more pairs than bytes"},
      {"a40001018105030a049a00010001", cbor, "more items than bytes"},
      {bomb, cbor, "nested more than 8 deep"},
      {"a30001018021c1c1c1c1c1c1c1c1c1c1c100", cbor, "nested more than 8 deep"},
      // heads
      {"bf00010180ff", cbor, "an indefinite length"},
      {"a200019f01ff", cbor, "an indefinite length"},
      {"a30001018021ff", cbor, "an indefinite length"},
      {"a300010180211c", cbor, "a reserved head"},
      {"a30001018021fd", cbor, "a reserved head"},
      {"a218000101 80", cbor, "a number in more bytes than it needs"},
      {"b8020001018 0", cbor, "a number in more bytes than it needs"},
      {"a20001018119000 5", cbor, "a number in more bytes than it needs"},
      {"a2000101811a0000ffff", cbor, "a number in more bytes than it needs"},
      {"a2000101811b00000000ffffffff", cbor, "a number in more bytes than it needs"},
      {"a30001018021f810", cbor, "a number in more bytes than it needs"},
      // not deterministic
      {"a3000101800201", cbor, "not the deterministic encoding"},
      {"a3000101800800", cbor, "not the deterministic encoding"},
      {"a3000101802000", cbor, "not the deterministic encoding"},
      {"a500010180030a04200501", cbor, "not the deterministic encoding"},
      {"a500010180030a04200700", cbor, "not the deterministic encoding"},
      {"a400010180030a04f9bc00", cbor, "not the deterministic encoding"},
      {"a400010180030a04fabfc00000", cbor, "not the deterministic encoding"},
      {"a400010180030a04fbbff8000000000000", cbor, "not the deterministic encoding"},
      {"a400010180030a048120", cbor, "not the deterministic encoding"},
      {"a5000101 8101030a04200600", cbor, "not the deterministic encoding"},
      {"a400010180200021f6", cbor, "not the deterministic encoding"},
      // values
      {"a3000101800200", cbor, "an unknown element format"},
      {"a300010180020d", cbor, "larger than its key allows"},
      {"a3000101800300", cbor, "a bit depth outside 2 to 16"},
      {"a40001018003010420", cbor, "a bit depth outside 2 to 16"},
      {"a40001018003110420", cbor, "larger than its key allows"},
      {"a300010180030a", cbor, "a bit depth without a range"},
      {"a400010180030a0501", cbor, "a bit depth without a range"},
      {"a3000101800420", cbor, "without a bit depth"},
      {"a3000101800701", cbor, "without a bit depth"},
      {"a3000101800600", cbor, "without a bit depth"},
      {"a400010180030a04f97e00", cbor, "not finite"},
      {"a400010180030a04f9fc00", cbor, "not finite"},
      {"a400010180030a04fa7fc00000", cbor, "not finite"},
      {"a400010180030a04fbfff0000000000000", cbor, "not finite"},
      {"a400010180030a041b0000000100000000", cbor, "more than 32 bits"},
      {"a400010180030a04f6", cbor, "expected a number"},
      {"a400010180030a044100", cbor, "expected a number"},
      {"a400010180030a04f820", cbor, "expected a number"},
      {"a400010180030a0401", range, "1 to -1"},
      {"a500010180030a04010501", range, "1 to 1"},
      {"a500010180030a0420058101", cbor, "not the deterministic encoding"},
      {"a500010180030a0420058001", cbor, ""},
      {"a500010180030a0482202005820101", range, "2 ranges were given"},
      {"a500010180030a048220200501", cbor, "differ in number"},
      {"a50001018103030a0482202006 00", range, "2 ranges were given where axis 0 needs 3"},
      {"a500010180030a04200600", range, "range axis 0 is outside"},
      {"a500010180030a04200608", cbor, "larger than its key allows"},
      {"a500010180030a04200702", cbor, "larger than its key allows"},
      {"a3000101800804", cbor, "larger than its key allows"},
      {"a3000101800803", cbor, "a grid that does not go with the packing"},
      {"a300010180 09820101", cbor, "a grid that does not go with the packing"},
      {"a40001018008030981 01", cbor, "a grid that is not two integers"},
      {"a40001018008030983010101", cbor, "longer than its key allows"},
      {"a4000101800803098200 01", cbor, "a grid that does not go with the packing"},
      {"a400010180080309820102", shape, "1 x 2 needs 2 channels"},
      {"a300010183020202 0801", shape, "cannot be packed as rows"},
      {"a300010181000802", shape, "every dimension to be 1 or more"},
      {"a3000101802006", cbor, "larger than its key allows"},
      {"a200010183 1a7fffffff1a7fffffff1a7fffffff", shape, "larger than the address space"},
  };
  for (const auto &c : cases) {
    std::string hex;
    for (char digit : c.hex) {
      if (digit != ' ') hex += digit;
    }
    g_autoptr(GError) error = nullptr;
    const std::vector<guint8> bytes = from_hex(hex.c_str());
    g_autoptr(GstFeatureInfo) info = gst_feature_info_from_cbor(bytes.data(), bytes.size(), &error);
    fail_unless(info == nullptr, "accepted %s", hex.c_str());
    check_error(error, c.code, c.text, hex.substr(0, 80).c_str());
  }
  g_autoptr(GError) error = nullptr;
  fail_unless(gst_feature_info_from_cbor(nullptr, 0, &error) == nullptr);
  check_error(error, cbor, "ends too early", "nothing");
}
GST_END_TEST;

// No two encodings mean the same, so damage is either seen or means something else.
GST_START_TEST(test_damage) {
  for (const auto &[spec, hex] : vectors()) {
    const std::vector<guint8> bytes = from_hex(hex);
    g_autoptr(GstFeatureInfo) info = make_info(spec);
    for (std::size_t size = 0; size < bytes.size(); size++) {
      g_autoptr(GError) error = nullptr;
      // A copy of the exact size lets a sanitizer see one byte too many.
      const std::vector<guint8> cut(bytes.begin(), bytes.begin() + static_cast<gssize>(size));
      g_autoptr(GstFeatureInfo) back = gst_feature_info_from_cbor(cut.data(), size, &error);
      fail_unless(back == nullptr && error != nullptr, "%s cut to %zu", hex, size);
    }
    for (std::size_t at = 0; at < bytes.size(); at++) {
      for (int change = 1; change < 256; change++) {
        g_autoptr(GError) error = nullptr;
        std::vector<guint8> damaged = bytes;
        damaged[at] = static_cast<guint8>(damaged[at] ^ change);
        g_autoptr(GstFeatureInfo) back =
            gst_feature_info_from_cbor(damaged.data(), damaged.size(), &error);
        fail_unless((back == nullptr) == (error != nullptr));
        fail_if(back && gst_feature_info_is_equal(info, back), "%s: byte %zu ^ %d", hex, at,
                change);
        if (back) fail_unless(gst_feature_info_validate(back, 0, nullptr));
      }
    }
    for (int extra = 0; extra < 256; extra++) {
      std::vector<guint8> longer = bytes;
      longer.push_back(static_cast<guint8>(extra));
      fail_unless(gst_feature_info_from_cbor(longer.data(), longer.size(), nullptr) == nullptr);
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_uuid) {
  const guint8 uuid[] = {0xd6, 0x55, 0x20, 0x5d, 0xd0, 0xe4, 0x4c, 0x26,
                         0x83, 0x6d, 0x64, 0xc6, 0x45, 0x01, 0xc8, 0xcd};
  fail_unless(std::memcmp(gst_feature_uuid(), uuid, 16) == 0);
}
GST_END_TEST;

static Suite *feature_cbor_suite(void) {
  Suite *suite = suite_create("feature-cbor");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_vectors);
  tcase_add_test(tests, test_unknown_keys);
  tcase_add_test(tests, test_refused);
  tcase_add_test(tests, test_damage);
  tcase_add_test(tests, test_uuid);
  return suite;
}

GST_CHECK_MAIN(feature_cbor);
