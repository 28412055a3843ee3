// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/vvc_sdp.h"

#include <array>
#include <utility>

namespace feat::vvcrtp {
namespace {

constexpr std::array<std::pair<const char *, int>, 4> kSpropFields = {
    {{"sprop-dci", kDci}, {"sprop-vps", kVps}, {"sprop-sps", kSps}, {"sprop-pps", kPps}}};

// Comma-separated base64.
std::string to_list(const std::vector<Bytes> &units) {
  std::string list;
  for (const Bytes unit : units) {
    const CharPtr text(g_base64_encode(unit.data(), unit.size()));
    if (!list.empty()) list += ',';
    list += text.get();
  }
  return list;
}

// Units of the right type; damaged ones are left out, the stream itself may still bring them.
void read_list(const gchar *list, int type, ParameterSets &sets) {
  gchar **items = g_strsplit(list, ",", -1);
  for (gchar **item = items; *item != nullptr; item++) {
    gsize size = 0;
    guchar *data = g_base64_decode(*item, &size);
    const Bytes unit(data, size);
    if (size > kNalHeader && NalHeader::read(unit).type == type) sets.learn(unit);
    g_free(data);
  }
  g_strfreev(items);
}

void set_string(GstStructure *fields, const char *name, const std::string &value) {
  if (!value.empty()) gst_structure_set(fields, name, G_TYPE_STRING, value.c_str(), nullptr);
}

}  // namespace

StructurePtr to_sdp_fields(const ParameterSets &sets) {
  StructurePtr fields(gst_structure_new_empty("application/x-rtp"));
  for (const auto &[name, type] : kSpropFields)
    set_string(fields.get(), name, to_list(sets.of_type(type)));
  for (const Bytes sps : sets.of_type(kSps)) {
    const auto ptl = profile_of(sps);
    if (!ptl) continue;
    set_string(fields.get(), "profile-id", std::to_string(ptl->profile_id));
    set_string(fields.get(), "tier-flag", std::to_string(ptl->tier_flag));
    set_string(fields.get(), "level-id", std::to_string(ptl->level_id));
    set_string(fields.get(), "interop-constraints", ptl->interop_constraints);
    break;
  }
  return fields;
}

bool from_sdp_fields(const GstStructure *fields, ParameterSets &sets, std::string &message) {
  const gchar *don_diff = gst_structure_get_string(fields, "sprop-max-don-diff");
  if (don_diff != nullptr && g_ascii_strtoll(don_diff, nullptr, 10) != 0) {
    message = std::string("sprop-max-don-diff is ") + don_diff +
              ": streams with decoding order numbers are not received, only 0 is";
    return false;
  }
  sets.clear();
  for (const auto &[name, type] : kSpropFields) {
    const gchar *list = gst_structure_get_string(fields, name);
    if (list != nullptr) read_list(list, type, sets);
  }
  return true;
}

}  // namespace feat::vvcrtp
