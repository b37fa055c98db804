"""The zygote: a warm interpreter of one tenant and environment that forks a child for each call.

It runs confined (see the launcher) and holds no secrets. The supervisor speaks to it over descriptor 3, a sequenced-packet socket:
one JSON object per packet, a call's packet carries the call's own socket. The zygote reads nothing else, so that no child can talk
to it. A child drops everything but its own socket, takes its limits and a stricter seccomp filter, and only then reads
foreign code. On a call's socket: a length (4 bytes, big-endian) and JSON.
"""

# Some modules are imported only so that scripts find them warm.
import ast
import base64
import collections
import ctypes
import datetime
import decimal
import functools
import gc
import io
import itertools
import json
import logging
import math
import os
import random
import re
import resource
import select
import signal
import socket
import statistics
import struct
import symtable
import sys
import threading
import time
import types

CONTROL = 3
NULL = 1  # standard output is /dev/null
SCRIPT = "script.py"
PR_SET_PDEATHSIG, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 1, 22, 2
# Address space of the interpreter itself, which the memory limit leaves out.
INTERPRETER = 64 << 20
MAX_DEPTH = 64
LINE = 8192
UTC = datetime.timezone.utc
# The platform's decimals have 18 digits after the point and round half away from zero.
SCALE = decimal.Decimal("1e-18")
WIDE = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP)

fork = os.fork
libc = ctypes.CDLL(None, use_errno=True)


# ---- The module that scripts import ----

aqtra = types.ModuleType("aqtra", "What a script can ask of the platform.")


class Ref(str):
    """The id of an entry."""

    __slots__ = ()


class File(str):
    """The id of a stored file."""

    __slots__ = ()


class Error(Exception):
    """The platform refused a call; reason is for programs."""

    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason


class ProcessLimit(PermissionError):
    """A script tried to start a process."""


def no_process(*args, **kwargs):
    raise ProcessLimit("a script cannot start processes")


# ---- Values ----


class ValueNotSupported(TypeError):
    pass


def encode(v, path="result", depth=0):
    """A value in JSON: an object has one key, its tag, so that maps and tagged values cannot be confused."""
    t = type(v)
    if v is None or t is bool:
        return v
    if t is str:
        if not v.isascii():
            v.encode()
        return v
    if depth > MAX_DEPTH:
        raise ValueNotSupported(f"{path[:80]}: nested deeper than {MAX_DEPTH}")
    if isinstance(v, int):
        if not -(1 << 63) <= v < 1 << 63:
            raise ValueNotSupported(f"{path}: the integer does not fit 64 bits")
        return int(v)
    if isinstance(v, float):
        v = decimal.Decimal(repr(float(v)))
    if isinstance(v, decimal.Decimal):
        if not v.is_finite() or v.adjusted() > 38:
            raise ValueNotSupported(f"{path}: {v!r:.80} is not a decimal of 38 digits")
        if v.as_tuple().exponent < -18:
            v = v.quantize(SCALE, context=WIDE)
        return {"d": format(v, "f")}
    if isinstance(v, Ref):
        return {"r": str(v)}
    if isinstance(v, File):
        return {"f": str(v)}
    if isinstance(v, str):
        return encode(str(v), path, depth)
    if isinstance(v, (bytes, bytearray, memoryview)):
        return {"b": base64.b64encode(v).decode()}
    if isinstance(v, datetime.datetime):
        if v.utcoffset() is None:
            raise ValueNotSupported(f"{path}: a datetime needs a time zone, such as datetime.timezone.utc")
        return {"t": v.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"}
    if isinstance(v, datetime.date):
        return {"D": v.isoformat()}
    if isinstance(v, datetime.time):
        if v.tzinfo is not None:
            raise ValueNotSupported(f"{path}: a time of day has no time zone")
        return {"T": v.isoformat()}
    if isinstance(v, (list, tuple)):
        return [encode(e, f"{path}[{i}]", depth + 1) for i, e in enumerate(v)]
    if isinstance(v, dict):
        for k in v:
            if not isinstance(k, str):
                raise ValueNotSupported(f"{path}: the key {k!r:.80} is not text")
        return {"m": {encode(str(k)): encode(e, f"{path}[{k!r}]", depth + 1) for k, e in v.items()}}
    raise ValueNotSupported(f"{path}: a {t.__name__} is not a value")


DECODE = {
    "d": decimal.Decimal,
    "r": Ref,
    "f": File,
    "b": base64.b64decode,
    "t": datetime.datetime.fromisoformat,
    "D": datetime.date.fromisoformat,
    "T": datetime.time.fromisoformat,
}


def decode(v):
    if isinstance(v, list):
        return [decode(e) for e in v]
    if isinstance(v, dict):
        ((tag, inner),) = v.items()
        if tag == "m":
            return {k: decode(e) for k, e in inner.items()}
        return DECODE[tag](inner)
    return v


# ---- A call's process ----


class Pipe:
    """The call's own socket, with frames."""

    def __init__(self, fd):
        self.fd = fd
        self.writing = threading.Lock()
        self.asking = threading.Lock()

    def read(self):
        (length,) = struct.unpack(">I", self.exactly(4))
        return json.loads(self.exactly(length))

    def exactly(self, n):
        data = bytearray()
        while len(data) < n:
            part = os.read(self.fd, min(n - len(data), 1 << 18))
            if not part:
                os._exit(1)
            data += part
        return bytes(data)

    def write(self, obj):
        data = json.dumps(obj, separators=(",", ":")).encode()
        data = memoryview(struct.pack(">I", len(data)) + data)
        with self.writing:
            while data:
                data = data[os.write(self.fd, data) :]

    def call(self, method, /, **args):
        """Asks the platform, as the user for whom the script runs. Raises aqtra.Error when it refuses."""
        args = encode(args, "arguments")["m"]
        with self.asking:
            self.write({"k": "call", "method": str(method), "args": args})
            answer = self.read()
        if "error" in answer:
            raise Error(answer["error"]["reason"], answer["error"]["message"])
        return decode(answer.get("value"))


class Lines(io.TextIOBase):
    """Standard output or error: whole lines become log lines."""

    encoding = "utf-8"

    def __init__(self, pipe, level):
        self.pipe, self.level, self.rest = pipe, level, ""

    def writable(self):
        return True

    def write(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        while len(self.rest) > LINE:
            lines.append(self.rest[:LINE])
            self.rest = self.rest[LINE:]
        for line in lines:
            self.log(self.level, line)
        return len(text)

    def end(self):
        if self.rest:
            self.log(self.level, self.rest)
            self.rest = ""

    def log(self, level, text):
        for at in range(0, len(text) or 1, LINE):
            self.pipe.write({"k": "log", "level": level, "text": text[at : at + LINE]})


class Logging(logging.Handler):
    def __init__(self, lines):
        super().__init__()
        self.lines = lines

    def emit(self, record):
        level = "debug info warning error error".split()[min(4, max(0, record.levelno // 10 - 1))]
        for line in self.format(record).split("\n"):
            self.lines.log(level, line)


def describe(exc):
    """An exception as its author needs it: type, text, the line, and the frames of the script only."""
    frames, tb = [], exc.__traceback__
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == SCRIPT:
            frames.append({"line": tb.tb_lineno, "name": tb.tb_frame.f_code.co_name[:100]})
        tb = tb.tb_next
    line = frames[-1]["line"] if frames else 0
    if isinstance(exc, SyntaxError) and exc.filename == SCRIPT:
        line, text = exc.lineno or 0, exc.msg
    else:
        try:
            text = str(exc)
        except BaseException:
            text = ""
    out = {"type": type(exc).__name__[:100], "text": text[:2000], "line": line, "frames": frames[-20:]}
    if isinstance(exc, Error):
        out["text"] = f"{out['text']} ({exc.reason})"
    if isinstance(exc, MemoryError):
        out["limit"] = "memory"
        # What the frames hold has to go, or there is no memory for the report.
        tb = exc.__traceback__
        while tb is not None:
            try:
                tb.tb_frame.clear()
            except RuntimeError:
                pass
            tb = tb.tb_next
        exc.__traceback__ = None
    if isinstance(exc, ProcessLimit) or "can't start new thread" in text:
        out["limit"] = "processes"
    return out


def load(request):
    module = types.ModuleType("script")
    sys.modules["script"] = module
    exec(compile(request["code"], SCRIPT, "exec", dont_inherit=True), module.__dict__)
    function = module.__dict__.get(request["function"])
    if not callable(function):
        raise NameError(f"the script has no function named {request['function']}")
    return function


def check(request):
    """The problems of a script that is not run."""

    def problem(line, column, message):
        return [{"line": line or 1, "column": column or 1, "message": message[:500]}]

    code, name = request["code"], request["function"]
    try:
        tree = ast.parse(code, SCRIPT)
        compile(tree, SCRIPT, "exec", dont_inherit=True)
        names = symtable.symtable(code, SCRIPT, "exec")
    except SyntaxError as e:
        return problem(e.lineno, e.offset, e.msg)
    except (ValueError, RecursionError, MemoryError) as e:
        return problem(1, 1, f"the script cannot be read: {str(e) or 'it is nested too deeply'}")
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name == name:
            return problem(node.lineno, node.col_offset + 1, f"{name} must be a plain function, without async")
    if name in names.get_identifiers():
        symbol = names.lookup(name)
        if symbol.is_assigned() or symbol.is_imported():
            return []
    return problem(1, 1, f"the script has no function named {name}")


def run(pipe, request):
    if request["mode"] == "check":
        pipe.write({"k": "done", "problems": check(request)})
        return
    out, err = Lines(pipe, "info"), Lines(pipe, "warning")
    sys.stdout, sys.stderr, sys.stdin = out, err, io.StringIO()
    logging.root.handlers[:] = [Logging(out)]
    logging.root.setLevel(logging.INFO)
    aqtra.call = pipe.call

    def guarded(kind, f):
        try:
            frame = {"k": kind, "value": f()}
        except BaseException as e:
            frame = {"k": kind, "error": describe(e)}
        out.end()
        err.end()
        pipe.write(frame)

    args = decode(request["args"])
    if request["mode"] == "call":
        guarded("done", lambda: encode(load(request)(*args)))
        return
    try:
        function = load(request)
    except BaseException as e:
        pipe.write({"k": "done", "error": describe(e)})
        return
    for item in request["items"]:
        guarded("item", lambda: encode(function(decode(item), *args)))
    pipe.write({"k": "done"})


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def prctl(option, argument, pointer=None):
    if libc.prctl(option, ctypes.c_ulong(argument), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def child(zygote, fd, order, filters):
    """Confines the forked process, then runs the call. It never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(fd, CONTROL)
        os.dup2(NULL, 2)
        os.closerange(CONTROL + 1, 128)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != zygote:
            os._exit(1)
        memory = order["memory"] + INTERPRETER
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (order["cpu"], order["cpu"] + 1))
        if filters:
            code = filters[order["threads"]]
            program = Program(len(code) // 8, code)
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program))
        pipe = Pipe(CONTROL)
        pipe.write({"k": "ready"})
        gc.enable()
        run(pipe, pipe.read())
    except BaseException:
        # The supervisor sees a call that ended without its last frame, and says so.
        os._exit(1)
    finally:
        os._exit(0)


# ---- The zygote ----


def reap(pids):
    while pids:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        report(pids.pop(pid), os.waitstatus_to_exitcode(status), usage)


def report(call, code, usage=None):
    cpu = int((usage.ru_utime + usage.ru_stime) * 1e6) if usage else 0
    os.write(CONTROL, json.dumps({"exit": call, "code": code, "cpu_micros": cpu, "rss_kib": usage.ru_maxrss if usage else 0}).encode())


def serve(filters):
    zygote, pids = os.getpid(), {}
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=CONTROL)
    wake, waker = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(CONTROL, select.POLLIN)
    poll.register(wake, select.POLLIN)
    gc.disable()
    gc.collect()
    gc.freeze()
    os.write(CONTROL, b'{"ready":true}')
    while True:
        ready = [fd for fd, _ in poll.poll()]
        if wake in ready:
            os.read(wake, 4096)
            reap(pids)
        if CONTROL not in ready:
            continue
        packet, fds, _, _ = socket.recv_fds(control, 4096, 1)
        if not packet:
            return
        order = json.loads(packet)
        if "kill" in order:
            for pid, call in pids.items():
                if call == order["kill"]:
                    os.kill(pid, signal.SIGKILL)
            continue
        try:
            pid = fork()
        except OSError:
            report(order["call"], -1000)
        else:
            if pid == 0:
                child(zygote, fds[0], order, filters)
            pids[pid] = order["call"]
        os.close(fds[0])


def main():
    filters = [base64.b64decode(f) for f in json.loads(sys.argv[1])]
    if len(sys.argv) > 2:
        sys.path.append(sys.argv[2])
    sys.argv[:] = [SCRIPT]
    os.environ.clear()  # the interpreter itself has put a locale there
    for cls in (Ref, File, Error):
        cls.__module__ = "aqtra"
        setattr(aqtra, cls.__name__, cls)
    sys.modules["aqtra"] = aqtra
    # The seccomp filter refuses these; here they only get a better message.
    os.fork = os.forkpty = os.posix_spawn = os.posix_spawnp = no_process
    decimal.DefaultContext.prec = 38
    decimal.DefaultContext.rounding = decimal.ROUND_HALF_UP
    decimal.setcontext(decimal.DefaultContext.copy())
    serve(filters)


main()
