# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scenarios beside this file share: finding the elements, running a pipeline to its end,
and a second process that runs the other half.

A scenario that was started without a role starts one process for each role. Such a process tells
its parent `@NAME VALUE` lines on the standard output, and ends when its standard input does.
"""
import argparse
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = pathlib.Path(sys.argv[0]).name
SYSTEM_PYTHON = "/usr/bin/python3"
PATIENCE = 5  # seconds that a pipeline or a process gets to end by itself


def die(sentence):
    print(f"{NAME}: {sentence}", file=sys.stderr)
    sys.exit(1)


try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstApp", "1.0")
    from gi.repository import GLib, Gst, GstApp  # noqa: F401, gives appsrc its methods
except (ImportError, ValueError) as problem:
    if sys.executable != SYSTEM_PYTHON and os.path.exists(SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    die(f"Python cannot use GStreamer ({problem}); 'pipelines/install-deps.sh test' installs what "
        "is missing.")


try:  # where GLib's own name for it is deprecated
    gi.require_version("GLibUnix", "2.0")
    from gi.repository import GLibUnix

    signal_add = GLibUnix.signal_add
except (AttributeError, ImportError, ValueError):
    signal_add = GLib.unix_signal_add


def find_elements(*names):
    """Makes sure that GStreamer has these, if need be by a new start in the build's environment."""
    Gst.init(None)
    missing = [name for name in names if Gst.ElementFactory.find(name) is None]
    if not missing:
        return
    build = ROOT / "build"
    if "FEATURE_SCENARIO" not in os.environ and (build / "build.ninja").exists() \
            and shutil.which("meson"):
        enter = 'variables=$(meson devenv -C "$0" --dump) && eval "$variables" && exec "$@"'
        os.environ["FEATURE_SCENARIO"] = "1"
        os.execvp("bash", ["bash", "-c", enter, str(build), sys.executable, *sys.argv])
    die(f"GStreamer has no element {missing[0]}; pipelines/quickstart.sh builds those of this "
        "repository, pipelines/install-deps.sh test installs the others.")


class Problem(Exception):
    """Its text is one sentence for the user."""


class Parser(argparse.ArgumentParser):
    def __init__(self, text, roles, **more):
        super().__init__(prog=NAME, formatter_class=argparse.RawDescriptionHelpFormatter,
                         description=text.strip(), **more)
        self.add_argument("role", nargs="?", choices=roles,
                          help="run this half alone, as on a machine of its own")
        self.add_argument("--child", action="store_true", help=argparse.SUPPRESS)

    def error(self, message):
        die(f"{message}; --help explains the options.")


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def sizes(text):
    """A shape, for argparse."""
    return ",".join(str(positive(part)) for part in text.split(","))


def address(text):
    """HOST:PORT, for argparse."""
    host, port = text.rsplit(":", 1)
    if not host or not 0 < int(port) < 65536:
        raise ValueError
    return text


def tell(options, name, value):
    """To the parent."""
    if options.child:
        print(f"@{name} {json.dumps(value)}", flush=True)


class Flow:
    """A pipeline that runs to its end, an error, Ctrl-C, or until its parent wants it to end."""

    def __init__(self, description, child=False, part=False):
        """A part leaves signals and the parent to another flow of this process."""
        try:
            self.pipeline = Gst.parse_launch(" ".join(description.split()))
        except GLib.Error as problem:
            raise Problem(problem.message) from None
        self.problem, self.stopping, self.loop = None, False, GLib.MainLoop()
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)
        for number in () if part else (signal.SIGINT, signal.SIGTERM):
            signal_add(GLib.PRIORITY_HIGH, number, self.on_signal)
        if child and not part:
            GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT,
                              GLib.IOCondition.IN | GLib.IOCondition.HUP, self.on_parent)

    def __getitem__(self, name):
        return self.pipeline.get_by_name(name)

    def stat(self, name, field):
        found, value = self[name].get_property("stats").get_uint64(field)
        return value if found else 0

    def every(self, milliseconds, function):
        def again():
            function()
            return GLib.SOURCE_CONTINUE

        GLib.timeout_add(milliseconds, again)

    def on_message(self, _bus, message):
        if message.type == Gst.MessageType.EOS:
            self.loop.quit()
        elif message.type == Gst.MessageType.ERROR:
            self.problem = self.problem or message.parse_error()[0].message
            self.loop.quit()
        elif message.type == Gst.MessageType.WARNING:
            print(f"{NAME}: {message.parse_warning()[0].message}", file=sys.stderr)
        elif message.type == Gst.MessageType.LATENCY:
            self.pipeline.recalculate_latency()

    def on_signal(self):
        self.stop()
        return GLib.SOURCE_CONTINUE

    def on_parent(self, descriptor, _condition):
        text = os.read(descriptor, 1000)
        if not text:
            self.stop()
            return GLib.SOURCE_REMOVE
        self.on_request(int(text))
        return GLib.SOURCE_CONTINUE

    def on_request(self, number):
        """The parent has written a number."""

    def stop(self):
        """Everything that is inside still comes out, if it can within reason."""
        if self.stopping:
            return
        self.stopping = True
        self.pipeline.send_event(Gst.Event.new_eos())
        GLib.timeout_add_seconds(PATIENCE, self.loop.quit)

    def fail(self, sentence):
        """From any thread."""
        self.problem = self.problem or sentence
        GLib.idle_add(self.loop.quit)

    def start(self, state=Gst.State.PLAYING):
        if self.pipeline.set_state(state) == Gst.StateChangeReturn.FAILURE:
            message = self.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
            self.pipeline.set_state(Gst.State.NULL)
            raise Problem(message.parse_error()[0].message if message else "It does not start.")

    def run(self):
        self.start()
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        if self.problem:
            raise Problem(self.problem)


class Child:
    """A process with one role of this scenario. Its lines are printed, but for those with @."""

    def __init__(self, role, *arguments):
        self.role, self.values, self.mute = role, queue.Queue(), False
        self.process = subprocess.Popen(
            [sys.executable, sys.argv[0], role, "--child", *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True)  # Ctrl-C is for the parent alone
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        try:
            for line in self.process.stdout:
                self.take(line)
        finally:
            self.values.put(("end", None))

    def take(self, line):
        if line.startswith("@"):
            name, _, value = line[1:].partition(" ")
            self.values.put((name, json.loads(value)))
        elif not self.mute:
            try:
                print(line, end="", flush=True)
            except OSError:  # nobody reads it any more
                self.mute = True
                self.values.put(("unread", None))

    def wait(self, wanted):
        """The value of the next @WANTED line."""
        while True:
            name, value = self.values.get()
            if name == wanted:
                return value
            if name == "unread":
                raise BrokenPipeError
            if name == "end":
                status = self.process.wait()
                raise Problem("" if status == 1 else  # it has said why
                              f"the process '{self.role}' ended early, with status {status}")

    def result(self):
        """What it ends with; Ctrl-C lets it end now."""
        try:
            return self.wait("done")
        except KeyboardInterrupt:
            self.stop()
            return self.wait("done")

    def request(self, number):
        try:
            print(number, file=self.process.stdin, flush=True)
        except OSError:
            pass  # it has ended, which wait() tells

    def stop(self):
        """Lets it end by itself; after that it is not there any more in any case."""
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except OSError:
                pass
        try:
            self.process.wait(2 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()


def stop_all(*children):
    for child in children:
        if child is not None:
            child.stop()


def guarded(function, *arguments):
    """Runs a scenario; returns its exit status."""
    def interrupt(*_):
        for number in (signal.SIGINT, signal.SIGTERM):  # once: the end takes a bounded time
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        function(*arguments)
    except Problem as problem:
        if str(problem):
            print(f"{NAME}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # nobody reads the output any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0
