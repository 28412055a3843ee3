#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One sender, three receivers, and one of those is slow.

    pipelines/fan-out.py --count 60 --slow 500

Features are coded once and go to all receivers over RTP. The slow one takes --slow milliseconds for
each tensor. In front of its decoder stands `queue leaky=downstream`: what it has no time for is
dropped there, whole features at a time, before anything is spent on them; each feature can be
decoded alone, so that the next one is as good as any. The others do not notice. Every receiver is a
process of its own. Ends with a table of what each got; Ctrl-C ends it, too.
"""
import sys
import time

import scenario

RECEIVERS = ("fast 1", "fast 2", "slow")


def parse():
    parser = scenario.Parser(__doc__, ("send", "receive"))
    feature_flow.add_network_options(parser, several=True)
    parser.add_argument("--slow", type=scenario.positive, default=500, metavar="MS",
                        help="what the slow receiver takes for a tensor (500)")
    parser.add_argument("--delay", type=int, default=0, metavar="MS",
                        help="what receive takes for a tensor (0)")
    feature_flow.add_coding_options(parser)
    feature_flow.add_source_options(parser)
    options = parser.parse_args()
    if options.role == "send" and not options.to:
        parser.error("send needs --to HOST:PORT,...")
    feature_flow.check_coding_options(parser, options)
    return options


def row(*columns):
    print("{:10}{:>10}{:>10}{:>10}{:>10}".format(*columns), flush=True)


def all_of_them(options):
    given = sys.argv[1:]
    receivers = {}
    sender = None
    try:
        for name in RECEIVERS:
            delay = options.slow if name == "slow" else 0
            receivers[name] = scenario.Child("receive", *given, "--listen", "127.0.0.1", "--port", 0,
                                             "--delay", delay)
        clients = [f"127.0.0.1:{child.wait('port')}" for child in receivers.values()]
        sender = scenario.Child("send", *given, "--to", ",".join(clients))
        sent = sender.result()
        for child in receivers.values():
            child.request(sent["features"])
        got = {name: child.wait("done") for name, child in receivers.items()}
    finally:
        scenario.stop_all(sender, *receivers.values())
    print(feature_flow.sent_line(sent))
    row("receiver", "received", "decoded", "dropped", "lost")
    for name, result in got.items():
        row(name, result["complete"], result["features"], result["complete"] - result["features"],
            sent["features"] - result["complete"])


def main(options):
    if options.role == "send":
        feature_flow.Sender(options, options.to, feature_flow.coder(options)).run()
    elif options.role == "receive":
        # One frame at a time, or the decoder itself would be a queue.
        decode = ("queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0 ! "
                  + feature_flow.DECODER.replace("vvcfeatdec", "vvcfeatdec threads=1"))
        feature_flow.Receiver(options, decode,
                              lambda _info, _buffer: time.sleep(options.delay / 1000)).run()
    else:
        all_of_them(options)


if __name__ == "__main__":
    scenario.find_elements("featuretestsrc", "npydec", "vvcfeatenc", "rtpfeaturepay", "multiudpsink",
                           "rtpjitterbuffer", "appsink", "capssetter")
    import feature_flow

    sys.exit(scenario.guarded(main, parse()))
