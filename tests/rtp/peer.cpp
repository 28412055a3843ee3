// SPDX-License-Identifier: LGPL-2.1-or-later
//
// rtp-peer send: pushes test tensors through a pipeline and netsim to a UDP port, then prints what
// became of the packets of each: "sent NUMBER SSRC TIMESTAMP PACKETS PASSED".
// rtp-peer receive: prints "port PORT", takes tensors until its standard input ends, then prints
// "arrived SSRC TIMESTAMP PACKETS" (at the depayloader), "delivered NUMBER", and
// "total RIGHT WRONG WARNINGS".

#include "tests/rtp/peer.h"

namespace {

int parse(GOptionEntry *entries, int argc, char **argv) {
  GOptionContext *context = g_option_context_new("send|receive");
  g_option_context_add_main_entries(context, entries, nullptr);
  GError *error = nullptr;
  const bool ok = g_option_context_parse(context, &argc, &argv, &error) != FALSE;
  if (!ok) g_printerr("%s\n", error->message);
  g_clear_error(&error);
  g_option_context_free(context);
  return ok ? argc : -1;
}

std::string text(const gchar *value) {
  return value != nullptr ? value : "";
}

}  // namespace

int main(int argc, char **argv) {
  gst_init(&argc, &argv);
  gchar *host = nullptr;
  gchar *caps = nullptr;
  gchar *chain = nullptr;
  gchar *network = nullptr;
  gint port = 0;
  gint units = 0;
  gint first = 0;
  gint rate = 50;
  gint memory = 0;
  gboolean brief = FALSE;
  GOptionEntry entries[] = {
      {"host", 0, 0, G_OPTION_ARG_STRING, &host, "Address to send to, or to bind to", "ADDRESS"},
      {"port", 0, 0, G_OPTION_ARG_INT, &port, "Port to send to", "PORT"},
      {"caps", 0, 0, G_OPTION_ARG_STRING, &caps, "Caps of received packets", "CAPS"},
      {"chain", 0, 0, G_OPTION_ARG_STRING, &chain, "Elements between", "ELEMENTS"},
      {"netsim", 0, 0, G_OPTION_ARG_STRING, &network, "Properties of netsim", "PROPERTIES"},
      {"units", 0, 0, G_OPTION_ARG_INT, &units, "Tensors to send", "N"},
      {"first", 0, 0, G_OPTION_ARG_INT, &first, "Number of the first tensor", "N"},
      {"rate", 0, 0, G_OPTION_ARG_INT, &rate, "Tensors a second", "N"},
      {"memory", 0, 0, G_OPTION_ARG_INT, &memory, "Seconds between lines about memory", "N"},
      {"brief", 0, 0, G_OPTION_ARG_NONE, &brief, "Nothing about single units", nullptr},
      {}};
  const bool send = argc > 1 && g_str_equal(argv[1], "send") != FALSE;
  const bool receive = argc > 1 && g_str_equal(argv[1], "receive") != FALSE;
  if ((!send && !receive) || parse(entries, argc, argv) != 2 || rate < 1 || units < 0) {
    g_printerr("usage: rtp-peer send|receive --chain ELEMENTS ...\n");
    return 2;
  }
  const std::string address = host != nullptr ? host : "127.0.0.1";
  const int status = send ? test::send_units({.host = address,
                                              .port = port,
                                              .chain = text(chain),
                                              .network = text(network),
                                              .first = static_cast<uint32_t>(first),
                                              .units = static_cast<uint32_t>(units),
                                              .rate = rate,
                                              .report = brief == FALSE})
                          : test::receive_units({.address = address,
                                                 .caps = text(caps),
                                                 .chain = text(chain),
                                                 .memory_interval = memory,
                                                 .report = brief == FALSE});
  for (gchar *value : {host, caps, chain, network}) g_free(value);
  gst_deinit();
  return status;
}
