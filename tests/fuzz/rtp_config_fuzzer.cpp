// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever configuration is accepted from a packet or from SDP gives caps that say the same.
// The first byte is the kind of unit.
#include "gst/rtp/stream_caps.h"

using namespace feat::rtp;

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  g_setenv("GST_REGISTRY_DISABLE", "yes", TRUE);
  gst_init(nullptr, nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const guint8 *data, gsize size) {
  if (size == 0) return 0;
  const auto kind = static_cast<UnitKind>(data[0] % kUnitKinds);
  StreamCaps stream;
  const std::string wrong =
      read_configuration(kind, Bytes(data + 1, size - 1), GST_FEATURE_DEFAULT_MAX_POINTS, stream);
  if (!wrong.empty()) return 0;
  const feat::CapsPtr caps = write_caps(stream);
  if (!gst_caps_is_fixed(caps.get())) g_error("caps are not fixed");
  StreamCaps again;
  const std::string refused = read_caps(caps.get(), again);
  if (!refused.empty()) g_error("%s", refused.c_str());
  if (again.kind != kind) g_error("another kind");
  const feat::CapsPtr same = write_caps(again);
  if (!gst_caps_is_equal(caps.get(), same.get()))
    g_error("%s", feat::CharPtr(gst_caps_to_string(same.get())).get());
  return 0;
}
