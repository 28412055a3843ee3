# SPDX-License-Identifier: LGPL-2.1-or-later
"""Senders and receivers of features over RTP, of which the scenarios are made."""
import sys
import time

import gi

import scenario
from scenario import GLib, Gst, Flow, Problem, positive, sizes, tell

gi.require_version("GstFeature", "1.0")
from gi.repository import GstFeature  # noqa: E402

SYNTHETIC = ("cls", "seg", "dpt", "csr", "tti")
PACKETS = ("application/x-rtp,media=application,clock-rate=90000,payload=96,"
           "encoding-name=X-FEATURE")
H266_PACKETS = "application/x-rtp,media=video,clock-rate=90000,payload=96,encoding-name=H266"
PAYLOADERS = {"feature": "rtpfeaturepay pt=96", "h266": "rtpvvcfeatpay pt=96"}
DEPAYLOADERS = {"feature": (PACKETS, "rtpfeaturedepay name=depay"),
                "h266": (H266_PACKETS, "rtpvvcfeatdepay name=depay")}
RECEIVE_BUFFER = 8 << 20  # of the socket; the kernel's limit (net.core.rmem_max) may be lower


def add_source_options(parser):
    group = parser.add_argument_group("source")
    group.add_argument("--pattern", default="csr", choices=(*SYNTHETIC, "noise", "gradient", "ramp"),
                       help="what featuretestsrc makes in place of a model (csr)")
    group.add_argument("--shape", type=sizes, default="1,1,32,576",
                       help="of what it makes, slowest first (1,1,32,576)")
    group.add_argument("--npy", metavar="FILE", help="send the feature in this file again and again")
    group.add_argument("--camera", metavar="DEVICE",
                       help="send the grey pixels of this camera (v4l2src) as a tensor; no model")
    group.add_argument("--video", action="store_true", help="the same with a test picture")
    group.add_argument("--fps", type=positive, default=10, help="features a second (10)")
    group.add_argument("--count", type=positive, help="end after so many features")
    group.add_argument("--seconds", type=positive, help="end after so many seconds")
    group.add_argument("--min", type=float, help="values below are clipped (-20; pixels: 0)")
    group.add_argument("--max", type=float, help="values above are clipped (20; pixels: 255)")


def source(options):
    """The elements that make tensors, in real time."""
    limit = f"num-buffers={options.count}" if options.count else ""
    rate = f"framerate={options.fps}/1"
    if options.npy:
        try:
            open(options.npy, "rb").close()
        except OSError as problem:
            raise Problem(f"{options.npy}: {problem.strerror}") from None
        # In multifilesrc's name of many files % stands for a number.
        location = options.npy.replace("%", "%%").replace('"', '\\"')
        size = "blocksize=268435456"
        return (f'multifilesrc location="{location}" loop=true {limit} {size} ! '
                f"npydec {rate} ! clocksync")
    if options.camera or options.video:
        made = "videotestsrc is-live=true" if options.video else f'v4l2src device="{options.camera}"'
        return (f"{made} {limit} ! videoconvert ! videoscale ! videorate ! "
                f"video/x-raw,format=GRAY8,width=96,height=64,{rate} ! capssetter join=false replace=true "
                f'caps="application/x-feature-tensor,format=U8,shape=(int)<1,1,64,96>,{rate}"')
    return (f'featuretestsrc is-live=true pattern={options.pattern} shape="<{options.shape}>" '
            f"format=F32LE {rate} {limit}")


def value_range(options):
    """range-min=... range-max=..."""
    low, high = (0, 255) if options.camera or options.video else (-20, 20)
    low = low if options.min is None else options.min
    high = high if options.max is None else options.max
    if not low < high:
        raise Problem(f"--min is {low:g} and --max is {high:g}; min must be below max.")
    return f"range-min=<(double){low!r}> range-max=<(double){high!r}>"


def coder(options):
    return (f"featurequant {value_range(options)} ! featurepack ! "
            f"vvcfeatenc name=coder qp={options.qp} effort=1")  # 1: for live streams


def add_coding_options(parser):
    parser.add_argument("--qp", type=int, default=22, help="0 (finest) to 63 (coarsest), default 22")


def check_coding_options(parser, options):
    if not 0 <= options.qp <= 63:
        parser.error(f"--qp is {options.qp}, must be 0 to 63")


def add_network_options(parser, several=False):
    if several:
        parser.add_argument("--to", metavar="HOST:PORT,...", help="where send sends")
    else:
        parser.add_argument("--to", type=scenario.address, metavar="HOST:PORT", help="where to send")
    parser.add_argument("--listen", default="0.0.0.0", metavar="ADDRESS",
                        help="where to listen (0.0.0.0: on every network)")
    parser.add_argument("--port", type=int, default=0, help="port to listen at (0: a free one)")
    parser.add_argument("--save", metavar="FILE", help="write what is received, as 32-bit floats")


DECODER = "vvcfeatdec name=decoder ! featureunpack ! featuredequant"


def run_for(flow, options):
    if options.seconds:
        GLib.timeout_add_seconds(options.seconds, flow.stop)


class Sender(Flow):
    """Features to one or more receivers; a line a second says what that takes.

    `code` makes units of tensors, "" leaves them as they are; `metric` undoes it here, too, and is
    compared with what was sent.
    """

    def __init__(self, options, clients, code, pay=PAYLOADERS["feature"], metric=None):
        self.options, self.began, self.last = options, None, (0, 0)
        self.units, self.raw, self.mse = 0, 0, None
        send = (f"{pay} ! featurebitcount name=wire ! "
                f"multiudpsink clients={clients} sync=false async=false")
        text = f"{source(options)} ! identity name=tensors signal-handoffs=true ! "
        if metric:
            text += (f"tee name=made ! queue ! {code} ! tee name=coded ! queue ! {send} "
                     f"coded. ! queue ! {metric} ! metric.test "
                     "made. ! queue ! metric.ref featuremetric name=metric ! fakesink async=false")
        else:
            text += f"queue ! {code} ! {send}" if code else f"queue ! {send}"
        super().__init__(text, options.child)
        self["tensors"].connect("handoff", self.on_tensor)
        self["tensors"].get_static_pad("src").connect("notify::caps", self.on_caps)
        if metric:
            self.pipeline.get_bus().connect("message::element", self.on_metric)
        run_for(self, options)
        self.every(1000, self.report)

    def on_caps(self, pad, _):
        caps = pad.get_current_caps()
        if caps is not None:
            self.raw = GstFeature.FeatureInfo.from_caps(caps).get_size()

    def on_tensor(self, _identity, _buffer):
        self.units += 1

    def on_metric(self, _bus, message):
        if message.has_name("featuremetric"):
            self.mse = message.get_structure().get_double("mse")[1]

    def totals(self):
        return self.units, self.stat("wire", "bytes")

    def report(self):
        now = time.monotonic()
        if self.began is None:
            self.began = now - 1
            print("     s  features/s  kbit/s sent  kbit/s raw   ratio", end="")
            print("     MSE" if self["metric"] else "", flush=True)
        units, size = (new - old for new, old in zip(self.totals(), self.last))
        self.last = self.totals()
        raw = 8 * units * self.raw / 1000
        ratio = f"{raw / (8 * size / 1000):7.2f}" if size else "      -"
        line = f"{now - self.began:6.0f}  {units:10}  {8 * size / 1000:11.1f}  {raw:10.1f} {ratio}"
        print(line + (f" {self.mse:7.4g}" if self.mse is not None else ""), flush=True)

    def run(self):
        super().run()
        # Of a pipeline that has ended, stats stay.
        units, size = self.totals()
        result = {"features": units, "bytes": size, "raw": units * self.raw}
        if self.mse is not None:
            result["mse"] = self.mse
        if not self.options.child:
            print(sent_line(result))
        tell(self.options, "done", result)


def sent_line(sent):
    if not sent["bytes"]:
        return "sent: nothing"
    saved = 100 * (1 - sent["bytes"] / sent["raw"])
    return (f"sent: {sent['features']} features, {sent['bytes']} bytes on the wire, "
            f"{sent['raw']} bytes of tensors, {saved:.1f} % saved")


class Receiver(Flow):
    """Features from a port. `decode` is what stands between depayloader and tensor sink."""

    QUIET = 2  # seconds without a packet, after which nothing more is expected

    def __init__(self, options, decode, on_tensor=None, part=False, caps=PACKETS,
                 depay="rtpfeaturedepay name=depay"):
        self.options, self.on_tensor = options, on_tensor
        self.tensors, self.points, self.wanted = 0, 0, None
        self.heard, self.packets = time.monotonic(), 0
        try:
            self.file = open(options.save, "wb") if options.save else None
        except OSError as problem:
            raise Problem(f"{options.save}: {problem.strerror}") from None
        super().__init__(
            f'udpsrc name=udp address={options.listen} port={options.port} '
            f'buffer-size={RECEIVE_BUFFER} caps="{caps}" ! rtpjitterbuffer name=jitter latency=100 ! '
            f"{depay} ! {decode} ! "
            "appsink name=sink sync=false async=false emit-signals=true", options.child, part)
        self["sink"].connect("new-sample", self.on_sample)
        try:
            self.start(Gst.State.READY)  # has a port
        except Problem:
            raise Problem(f"It is not possible to listen at {options.listen}, port "
                          f"{options.port}.") from None
        port = self["udp"].get_property("port")
        if options.child:
            tell(options, "port", port)
        elif not part:
            print(f"listening on port {port}", flush=True)
            self.every(1000, self.report)
            run_for(self, options)
        self.every(100, self.look_whether_all_is_here)

    def on_sample(self, sink):
        sample = sink.emit("pull-sample")
        if sample is None:
            return Gst.FlowReturn.EOS
        info = GstFeature.FeatureInfo.from_caps(sample.get_caps())
        buffer = sample.get_buffer()
        if buffer.get_size() != info.get_size():
            self.fail(f"a tensor of {info.get_size()} bytes came as {buffer.get_size()} bytes")
            return Gst.FlowReturn.ERROR
        try:
            if self.file:
                self.file.write(buffer.extract_dup(0, buffer.get_size()))
                self.file.flush()
            if self.on_tensor:
                self.on_tensor(info, buffer)
        except Exception as problem:  # nobody above would hear of it
            self.fail(f"{type(problem).__name__}: {problem}")
            return Gst.FlowReturn.ERROR
        self.points = info.get_n_points()
        self.tensors += 1
        return Gst.FlowReturn.OK

    def report(self):
        print(f"{self.tensors} tensors, {self.stat('jitter', 'num-lost')} packets lost", flush=True)

    def on_request(self, number):
        """So many features were sent."""
        self.wanted, self.heard = number, time.monotonic()

    def look_whether_all_is_here(self):
        packets = self.stat("jitter", "num-pushed")
        if packets != self.packets:
            self.packets, self.heard = packets, time.monotonic()
        if self.wanted is not None and (self.tensors >= self.wanted
                                        or time.monotonic() - self.heard > self.QUIET):
            self.stop()

    def run(self):
        super().run()
        result = {"features": self.tensors, "points": self.points,
                  "complete": self.stat("depay", "complete") if self["depay"] else self.tensors}
        if not self.options.child:
            self.report()
        tell(self.options, "done", result)


def run_both():
    """Runs this script's receive and send in processes of their own, and sums up."""
    given = sys.argv[1:]
    receiver = scenario.Child("receive", *given, "--listen", "127.0.0.1", "--port", 0)
    sender = None
    try:
        sender = scenario.Child("send", *given, "--to", f"127.0.0.1:{receiver.wait('port')}")
        sent = sender.result()
        receiver.request(sent["features"])
        received = receiver.wait("done")
    finally:
        scenario.stop_all(sender, receiver)
    print(sent_line(sent))
    print(f"received: {received['features']} tensors of {received['points']} points, "
          f"{sent['features'] - received['features']} missing")
