#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same features over what every media system has.

    pipelines/standard-path.py --count 20
    pipelines/standard-path.py --through mpegts --count 20

--through h265: a packed feature is a grey picture, so x265enc stands where vvcfeatenc stands, and
rtph265pay, rtph265depay and avdec_h265 carry and decode it. H.265 does not carry the description of
the tensor: the receiver gets it as properties of featureunpack. Sender and receiver are two
processes; on two machines run receive and send, with the same --pattern, --shape, --min and --max.

--through mpegts: H.266 in an MPEG transport stream (a file), written and read by mpegtsmux and
tsdemux, which know H.266 from GStreamer 1.26 on. The description travels in the stream.
"""
import pathlib
import sys
import tempfile

import scenario

H265 = "application/x-rtp,media=video,clock-rate=90000,encoding-name=H265,payload=96"


def parse():
    parser = scenario.Parser(__doc__, ("send", "receive"))
    parser.add_argument("--through", choices=("h265", "mpegts"), default="h265",
                        help="the path (h265)")
    feature_flow.add_network_options(parser)
    feature_flow.add_coding_options(parser)
    feature_flow.add_source_options(parser)
    options = parser.parse_args()
    feature_flow.check_coding_options(parser, options)
    if options.role and options.through != "h265":
        parser.error("send and receive are for --through h265")
    if options.role == "send" and not options.to:
        parser.error("send needs --to HOST:PORT")
    if options.npy or options.camera or options.video:
        parser.error("this scenario sends what --pattern makes")
    if options.qp > 51:
        parser.error(f"--qp is {options.qp}, H.265 has 0 to 51")
    return options


def send(options):
    # Every picture stands alone, as features do; at QP 0 nothing is lost.
    quality = 'option-string="lossless=1"' if options.qp == 0 else f"qp={options.qp}"
    feature_flow.Sender(
        options, options.to,
        f"featurequant {feature_flow.value_range(options)} ! featurepack ! "
        f"x265enc key-int-max=1 tune=zerolatency speed-preset=ultrafast {quality} ! h265parse",
        pay="rtph265pay config-interval=-1 pt=96").run()


def receive(options):
    feature_flow.Receiver(
        options,
        f'h265parse ! avdec_h265 ! featureunpack shape="<{options.shape}>" bit-depth=10 '
        f"{feature_flow.value_range(options)} source-format=F32LE ! featuredequant",
        caps=H265, depay="rtph265depay").run()


def mpegts(options):
    missing = [name for name in ("h266parse", "mpegtsmux", "tsdemux")
               if scenario.Gst.ElementFactory.find(name) is None]
    if missing:
        version = ".".join(map(str, scenario.Gst.version()[:2]))
        raise scenario.Problem(f"GStreamer {version} has no {missing[0]}: mpegtsmux and tsdemux "
                               "know H.266 from 1.26 on.")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "features.ts"
        write = scenario.Flow(
            f"{feature_flow.source(options)} ! queue ! {feature_flow.coder(options)} ! "
            f"h266parse ! mpegtsmux ! filesink name=file location={path}")
        feature_flow.run_for(write, options)
        write.run()
        units = write.stat("coder", "units")
        print(f"written: {units} features, {path.stat().st_size} bytes of transport stream")
        tensors = []
        read = scenario.Flow(
            f"filesrc location={path} ! tsdemux ! h266parse ! {feature_flow.DECODER} ! "
            "appsink name=sink sync=false emit-signals=true")

        def on_sample(sink):
            buffer = sink.emit("pull-sample").get_buffer()
            tensors.append(buffer.extract_dup(0, buffer.get_size()))
            return scenario.Gst.FlowReturn.OK

        read["sink"].connect("new-sample", on_sample)
        read.run()
    if options.save:
        pathlib.Path(options.save).write_bytes(b"".join(tensors))
    print(f"read: {len(tensors)} tensors, {units - len(tensors)} missing")


def main(options):
    if options.through == "mpegts":
        mpegts(options)
    elif options.role == "send":
        send(options)
    elif options.role == "receive":
        receive(options)
    else:
        feature_flow.run_both()


if __name__ == "__main__":
    scenario.find_elements("featuretestsrc", "npydec", "vvcfeatenc", "featurebitcount", "x265enc",
                           "h265parse", "avdec_h265", "rtph265pay", "udpsrc", "appsink")
    import feature_flow

    sys.exit(scenario.guarded(main, parse()))
