#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sends features from an edge to a cloud over RTP, live, and prints what that takes.

    pipelines/edge-inference.py --seconds 10
    pipelines/edge-inference.py --seconds 10 --raw

The edge makes features, codes them as H.266, and sends them as RTP over UDP; the cloud puts the
tensors together again. Without a role both run on this machine, in two processes, until Ctrl-C. On
two machines:

    cloud$ pipelines/edge-inference.py receive --port 5004
    edge$  pipelines/edge-inference.py send --to CLOUD:5004

There is no model in it: the features are those of featuretestsrc, whose statistics are a model's,
or come from a .npy file. --camera and --video send plain pixels as a tensor, to have something that
moves.
"""
import sys

import scenario


def parse():
    parser = scenario.Parser(__doc__, ("send", "receive"))
    feature_flow.add_network_options(parser)
    feature_flow.add_coding_options(parser)
    parser.add_argument("--raw", action="store_true",
                        help="send the tensors as they are, for comparison")
    parser.add_argument("--metric", action="store_true",
                        help="decode at the edge, too, and print the mean squared error")
    parser.add_argument("--rtp", choices=("feature", "h266"), default="feature",
                        help="payload format: this project's, or that of RFC 9328, which every "
                             "receiver of H.266 knows")
    feature_flow.add_source_options(parser)
    options = parser.parse_args()
    if options.role == "send" and not options.to:
        parser.error("send needs --to HOST:PORT")
    feature_flow.check_coding_options(parser, options)
    if options.raw and options.rtp == "h266":
        parser.error("--raw has no H.266 for --rtp h266")
    return options


def main(options):
    if options.role == "send":
        code = "" if options.raw else feature_flow.coder(options)
        metric = feature_flow.DECODER if code and options.metric else None
        feature_flow.Sender(options, options.to, code, metric=metric,
                            pay=feature_flow.PAYLOADERS[options.rtp]).run()
    elif options.role == "receive":
        caps, depay = feature_flow.DEPAYLOADERS[options.rtp]
        feature_flow.Receiver(options, "queue" if options.raw else f"queue ! {feature_flow.DECODER}",
                              caps=caps, depay=depay).run()
    else:
        feature_flow.run_both()


if __name__ == "__main__":
    scenario.find_elements("featuretestsrc", "npydec", "featuremetric", "vvcfeatenc", "rtpfeaturepay",
                           "rtpvvcfeatpay", "udpsrc", "rtpjitterbuffer", "appsink", "capssetter")
    import feature_flow

    sys.exit(scenario.guarded(main, parse()))
