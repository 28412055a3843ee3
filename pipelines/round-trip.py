#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Features up to a cloud, through a transform there, and down again.

    pipelines/round-trip.py --count 20

This is the distributed inference of section 3.2 of "Feature Coding in the Era of Large Models": the
edge codes its features and sends them, the cloud decodes them, goes on computing, and codes and
sends back what comes out. Here the computing is y = scale x + offset, in an application between
appsink and appsrc, where the middle of a model would be. The edge knows what it sent, finds the
tensor that belongs to an answer, and prints for each answer how long it took and how far it is from
the exact result; coding is lossless, so that only the two quantisers (10 bits) err. Edge and cloud
are two processes; Ctrl-C ends both.
"""
import array
import collections
import sys
import time

import scenario


def parse():
    parser = scenario.Parser(__doc__, ("edge", "cloud"))
    feature_flow.add_network_options(parser)
    parser.add_argument("--scale", type=float, default=0.5, help="of the transform (0.5)")
    parser.add_argument("--offset", type=float, default=1, help="of the transform (1)")
    feature_flow.add_source_options(parser)
    options = parser.parse_args()
    if options.role == "cloud" and not options.to:
        parser.error("cloud needs --to HOST:PORT, the edge's")
    if options.role == "edge" and not options.child and not (options.to and options.port):
        parser.error("edge needs --to HOST:PORT, the cloud's, and --port for the answers")
    if options.npy or options.camera or options.video:
        parser.error("this scenario computes with 32-bit floats: those of --pattern")
    return options


def transform(options, values):
    return array.array("f", [options.scale * value + options.offset for value in values])


def bounds(options):
    """The range of the features, and that of what the cloud makes of it."""
    low = -20 if options.min is None else options.min
    high = 20 if options.max is None else options.max
    ends = sorted(options.scale * end + options.offset for end in (low, high))
    if not low < high or not ends[0] < ends[1]:
        raise scenario.Problem("--min must be below --max, and --scale not 0.")
    return (low, high), ends


def quantised(ends):
    low, high = ends
    return (f"featurequant range-min=<(double){low!r}> range-max=<(double){high!r}> ! featurepack ! "
            "vvcfeatenc lossless=true effort=1 ! rtpfeaturepay name=pay pt=96 ! "
            "udpsink name=network sync=false async=false")


def aim(flow, target):
    host, port = target.rsplit(":", 1)
    flow["network"].set_property("host", host)
    flow["network"].set_property("port", int(port))


def cloud(options):
    # Two pipelines in one application: what comes out of the first goes through the model's middle
    # and into the second.
    answer = scenario.Flow("appsrc name=source format=time is-live=true block=true max-buffers=4 "
                           "max-bytes=0 ! queue ! " + quantised(bounds(options)[1]))
    aim(answer, options.to)
    source = answer["source"]

    def on_tensor(info, buffer):
        values = array.array("f", buffer.extract_dup(0, buffer.get_size()))
        result = scenario.Gst.Buffer.new_wrapped(transform(options, values).tobytes())
        result.pts = buffer.pts
        source.set_caps(info.to_caps())
        source.push_buffer(result)

    receiver = feature_flow.Receiver(options, f"queue ! {feature_flow.DECODER}", on_tensor)
    bus = answer.pipeline.get_bus()
    bus.connect("message::error", lambda _, message: receiver.fail(message.parse_error()[0].message))
    answer.start()
    try:
        receiver.run()
    finally:
        answer.pipeline.set_state(scenario.Gst.State.NULL)


class Edge:
    """What was sent and is not answered yet."""

    def __init__(self, options):
        self.options, self.waiting = options, collections.deque(maxlen=64)
        self.low, self.high = bounds(options)[0]
        self.errors, self.times, self.sent = [], [], 0

    def on_sent(self, sink):
        sample = sink.emit("pull-sample")
        buffer = sample.get_buffer()
        values = array.array("f", buffer.extract_dup(0, buffer.get_size()))
        clipped = [min(max(value, self.low), self.high) for value in values]
        self.waiting.append((time.monotonic(), transform(self.options, clipped)))
        self.sent += 1
        return scenario.Gst.FlowReturn.OK

    def on_answer(self, _info, buffer):
        now = time.monotonic()
        values = array.array("f", buffer.extract_dup(0, buffer.get_size()))
        # A lost feature has no answer: the one meant is the one that is nearest.
        def distance(entry, count):
            return max(abs(a - b) for a, b in zip(entry[1][:count], values))

        nearest = min(list(self.waiting), key=lambda entry: distance(entry, 64))
        self.waiting.remove(nearest)
        self.errors.append(distance(nearest, len(values)))
        self.times.append(now - nearest[0])
        print(f"answer {len(self.times):4}: {1000 * self.times[-1]:6.0f} ms, "
              f"largest error {self.errors[-1]:.4f}", flush=True)


def edge(options):
    work = Edge(options)
    receiver = feature_flow.Receiver(options, f"queue ! {feature_flow.DECODER}", work.on_answer,
                                     part=True)
    if options.child:  # the cloud was told our port first
        options.to = f"127.0.0.1:{int(sys.stdin.readline())}"
    send = scenario.Flow(
        f"{feature_flow.source(options)} ! tee name=made ! queue ! appsink name=sent sync=false "
        "async=false emit-signals=true made. ! queue ! " + quantised(bounds(options)[0]),
        options.child)
    send["sent"].connect("new-sample", work.on_sent)
    aim(send, options.to)
    feature_flow.run_for(send, options)
    receiver.start()
    try:
        send.run()
        receiver.on_request(send.stat("pay", "units-sent"))
        receiver.loop.run()
    finally:
        receiver.pipeline.set_state(scenario.Gst.State.NULL)
    if receiver.problem:
        raise scenario.Problem(receiver.problem)
    result = {"sent": work.sent, "answers": len(work.times), "error": max(work.errors, default=0),
              "milliseconds": 1000 * sorted(work.times)[len(work.times) // 2] if work.times else 0}
    scenario.tell(options, "done", result)
    if not options.child:
        print(summary(result))


def summary(result):
    return (f"{result['sent']} features sent, {result['answers']} answers, median "
            f"{result['milliseconds']:.0f} ms, largest error {result['error']:.4f}")


def both():
    given = sys.argv[1:]
    here = scenario.Child("edge", *given, "--listen", "127.0.0.1", "--port", 0)
    away = None
    try:
        away = scenario.Child("cloud", *given, "--listen", "127.0.0.1", "--port", 0,
                              "--to", f"127.0.0.1:{here.wait('port')}")
        here.request(away.wait("port"))
        result = here.result()
    finally:
        scenario.stop_all(here, away)
    print(summary(result))


def main(options):
    if options.role == "cloud":
        cloud(options)
    elif options.role == "edge":
        edge(options)
    else:
        bounds(options)
        both()


if __name__ == "__main__":
    scenario.find_elements("featuretestsrc", "vvcfeatenc", "rtpfeaturepay", "udpsink",
                           "rtpjitterbuffer", "appsink")
    import feature_flow

    sys.exit(scenario.guarded(main, parse()))
