#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The application of main.cpp in Python: feature coding inside, through GObject introspection.

The file that it reads stands for the first half of a model, the file that it writes for the second
half. docs/embedding.md explains it.
"""
import argparse
import math
import select
import signal
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstFeature", "1.0")
from gi.repository import GLib, Gst, GstApp, GstFeature  # noqa: E402

try:  # where GLib's own name for it is deprecated
    gi.require_version("GLibUnix", "2.0")
    from gi.repository import GLibUnix

    signal_add = GLibUnix.signal_add
except (AttributeError, ImportError, ValueError):
    signal_add = GLib.unix_signal_add

PIPELINE = """
appsrc name=source block=true max-bytes=0 max-buffers=4 ! featurequant name=quantiser !
featurepack ! vvcfeatenc name=coder ! queue !
vvcfeatdec ! featureunpack ! featuredequant ! appsink name=sink sync=false emit-signals=true
"""


class FeatureLink:
    """Tensors through a pipeline inside this program. GLib.Error where the settings cannot work."""

    def __init__(self, shape, low, high, qp, on_tensor):
        self.on_tensor, self.error, self.interrupted, self.bytes = on_tensor, None, False, 0
        info = GstFeature.FeatureInfo.new()
        info.set_format(GstFeature.FeatureFormat.F32LE)
        if not info.set_shape(shape):
            raise ValueError(f"A shape has at most {GstFeature.FEATURE_MAX_DIMS} dimensions, "
                             "each 0 or more.")
        info.validate(GstFeature.FEATURE_DEFAULT_MAX_POINTS)
        self.size = info.get_size()
        self.points = info.get_n_points()
        self.pipeline = Gst.parse_launch(PIPELINE)
        quantiser, coder, sink, self.source = (
            self.pipeline.get_by_name(name) for name in ("quantiser", "coder", "sink", "source"))
        Gst.util_set_object_arg(quantiser, "range-min", f"<(double){low!r}>")
        Gst.util_set_object_arg(quantiser, "range-max", f"<(double){high!r}>")
        coder.set_property(*(("lossless", True) if qp is None else ("qp", qp)))
        self.source.set_caps(info.to_caps())
        sink.connect("new-sample", self.on_sample)
        self.loop = GLib.MainLoop()
        # From here on tensors are taken. What fails now is a message that run() finds.
        self.pipeline.set_state(Gst.State.PAUSED)

    # These three may be called from any thread.

    def push(self, tensor):
        """Waits for room. False: no more are taken."""
        return self.source.push_buffer(Gst.Buffer.new_wrapped(tensor)) == Gst.FlowReturn.OK

    def end(self):
        """Nothing more comes; what is inside comes out."""
        self.source.end_of_stream()

    def fail(self, sentence):
        """run() ends with this error."""
        error = GLib.Error.new_literal(Gst.resource_error_quark(), sentence, Gst.ResourceError.FAILED)
        self.pipeline.post_message(Gst.Message.new_error(self.pipeline, error, ""))

    def on_sample(self, sink):
        """In a thread of the pipeline. The caps of each sample say what it is."""
        sample = sink.emit("pull-sample")
        if sample is None:
            return Gst.FlowReturn.EOS
        info = GstFeature.FeatureInfo.from_caps(sample.get_caps())
        buffer = sample.get_buffer()
        if (info.get_format() != GstFeature.FeatureFormat.F32LE
                or info.get_size() != buffer.get_size()):
            self.fail("A tensor came out that is not one of 32-bit floats.")
            return Gst.FlowReturn.ERROR
        self.on_tensor(buffer.extract_dup(0, buffer.get_size()))
        return Gst.FlowReturn.OK

    def on_message(self, _bus, message):
        """In the thread of the main loop."""
        if message.type == Gst.MessageType.EOS:
            self.loop.quit()
        elif message.type == Gst.MessageType.ERROR:  # the first one counts, others follow from it
            self.error = self.error or message.parse_error()[0].message
            self.loop.quit()
        elif message.type == Gst.MessageType.WARNING:
            print(f"embedding.py: {message.parse_warning()[0].message}", file=sys.stderr)
        elif message.type == Gst.MessageType.LATENCY:
            self.pipeline.recalculate_latency()
        elif message.has_name("vvcfeatenc-stats"):  # what the coder did in all
            self.bytes = message.get_structure().get_uint64("bytes")[1]

    def on_interrupt(self):
        """The first Ctrl-C ends the stream, what is inside still comes out; a second one leaves."""
        if self.interrupted:
            self.loop.quit()
        self.interrupted = True
        self.end()
        return GLib.SOURCE_CONTINUE

    def run(self):
        """From the first tensor to the last, an error, or Ctrl-C. The error, None for none."""
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal_add(GLib.PRIORITY_DEFAULT, number, self.on_interrupt)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)  # frees whoever waits in push()
        bus.remove_signal_watch()
        return self.error


def read_tensor(file, size, stop):
    """Up to SIZE bytes from a file or a pipe: fewer at the end, or once asked to stop."""
    tensor = b""
    while len(tensor) < size and not stop.is_set():
        if select.select([file], [], [], 0.1)[0]:
            part = file.read(size - len(tensor))
            if not part:
                break
            tensor += part
    return tensor


def produce(file, link, stop):
    """The first half of the model: a thread of its own that hands over tensor after tensor."""
    count = 0
    try:
        while tensor := read_tensor(file, link.size, stop):
            if stop.is_set():
                return
            if len(tensor) < link.size:
                raise ValueError(f"it ends inside tensor {count}, "
                                 f"after {len(tensor)} of {link.size} bytes")
            if not link.push(tensor):
                return
            count += 1
        link.end()
    except (OSError, ValueError) as problem:
        link.fail(f"The input cannot be read: {getattr(problem, 'strerror', problem)}.")


def sizes(text):
    """For argparse."""
    values = [int(part) for part in text.split(",")]
    if min(values) < 1:
        raise ValueError
    return values


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(1, f"embedding.py: {message}\n")


def parse():
    parser = Parser(prog="embedding.py", description=__doc__.splitlines()[0])
    parser.add_argument("--shape", type=sizes, default=[1, 1, 32, 576],
                        help="sizes, slowest first (1,1,32,576)")
    parser.add_argument("--min", type=float, default=-20, help="values below are clipped (-20)")
    parser.add_argument("--max", type=float, default=20, help="values above are clipped (20)")
    parser.add_argument("--qp", type=int, metavar="0..63",
                        help="without it the coding is lossless, and only the quantiser rounds")
    parser.add_argument("input", help="tensors of 32-bit floats; - is the standard input")
    parser.add_argument("output")
    options = parser.parse_args()
    if not -math.inf < options.min < options.max < math.inf:
        parser.error(f"--min is {options.min:g} and --max is {options.max:g}; "
                     "min must be below max, and both finite.")
    if options.qp is not None and not 0 <= options.qp <= 63:
        parser.error(f"--qp is {options.qp}, must be 0 to 63.")
    return options


def run(options):
    """Returns what to print and the exit status."""
    count = 0
    path = sys.stdin.fileno() if options.input == "-" else options.input
    with (open(path, "rb", buffering=0) as source,
          open(options.output, "wb", buffering=0) as target):

        def consume(tensor):  # the second half of the model
            nonlocal count
            try:
                while tensor:
                    tensor = tensor[target.write(tensor):]
            except OSError as problem:
                link.fail(f"The output cannot be written: {problem.strerror}.")
            count += 1

        link = FeatureLink(options.shape, options.min, options.max, options.qp, consume)
        stop = threading.Event()
        producer = threading.Thread(target=produce, args=(source, link, stop))
        producer.start()
        error = link.run()
        stop.set()
        producer.join()
    if error:
        raise ValueError(error)
    summary = f"{count} tensors, {link.bytes} bytes coded"
    if count:
        summary += f", {8 * link.bytes / (count * link.points):.4f} bits per feature point"
    return (summary + ", then interrupted", 130) if link.interrupted else (summary, 0)


def main():
    options = parse()
    Gst.init(None)
    try:
        summary, status = run(options)
    except OSError as problem:
        summary, status = f"{problem.filename}: {problem.strerror}.", 1
    except GLib.Error as problem:
        summary, status = problem.message, 1
    except ValueError as problem:
        summary, status = str(problem), 1
    if status == 1:
        print(f"embedding.py: {summary}", file=sys.stderr)
    else:
        print(summary)
    return status


if __name__ == "__main__":
    sys.exit(main())
