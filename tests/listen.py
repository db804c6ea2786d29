#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Clients of `dmatrace export openmetrics --listen` that are slow, many, or wrong.

listen.py DMATRACE SQL: SQL makes the recording that is served.  Speaks TAP.
"""
import contextlib
import os
import re
import resource
import selectors
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import openmetrics

dmatrace, recording_sql = sys.argv[1:]
GET = b"GET /metrics HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"
results = []


def verdict(name, wrong=None):
    results.append(not wrong)
    print(f"not ok {name} # {wrong}" if wrong else f"ok {name}", flush=True)


def check(name, got, want):
    verdict(name, got != want and f"{got}, not {want}")


def skip(name, why):
    print(f"ok {name} # SKIP {why}", flush=True)


class Served:
    """A dmatrace that serves a recording; it ends with the block."""

    def __init__(self, recording, where="127.0.0.1:0", descriptors=None):
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        self.process = subprocess.Popen(
            (dmatrace, "export", "openmetrics", "-v", "-i", recording, "-L", where),
            stderr=subprocess.PIPE, text=True, preexec_fn=limit)
        self.said = []
        for line in self.process.stderr:
            found = re.search(r"serving http://(.*):(\d+)/metrics", line)
            if found:
                self.port = int(found[2])
                break
            self.said.append(line)
        else:
            self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        self.code = self.process.wait(10)
        self.process.stderr.close()

    def resident_kb(self):
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connect(self, timeout=5):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def ask(self, request, timeout=5):
        """All that is said until the end of the connection, which must come in time."""
        with self.connect(timeout) as s:
            answer = b""
            with contextlib.suppress(ConnectionError):
                s.sendall(request)
            with contextlib.suppress(ConnectionError):
                while part := s.recv(1 << 20):
                    answer += part
            return answer

    def scrape(self):
        """Seconds that it took, and the page."""
        begin = time.monotonic()
        answer = self.ask(GET + CLOSE)
        return time.monotonic() - begin, answer.partition(b"\r\n\r\n")[2].decode()

    def until(self, what, seconds):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.02)
        return what()


def recording_make(path, sql=""):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript("PRAGMA synchronous = OFF;" + open(recording_sql).read() + sql)


def status(answer):
    return answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP/1.") else repr(answer[:40])


def check_statuses(server):
    long = b"a" * 100000
    chunked = b"Transfer-Encoding: chunked\r\n"
    for name, request, want in (
            ("get", GET + CLOSE, "200"),
            ("query", b"GET /metrics?a=b HTTP/1.0\r\n\r\n", "200"),
            ("elsewhere", b"GET /metrics/ HTTP/1.0\r\n\r\n", "404"),
            ("root", b"GET / HTTP/1.0\r\n\r\n", "404"),
            ("post-elsewhere", b"POST /x HTTP/1.0\r\n\r\n", "404"),
            ("nul", b"GET /metrics%00 HTTP/1.0\r\n\r\n", "400"),
            ("nul-inside", b"GET /metrics%00/x HTTP/1.0\r\n\r\n", "400"),
            ("nul-in-query", b"GET /metrics?%00 HTTP/1.0\r\n\r\n", "400"),
            ("post", b"POST /metrics HTTP/1.0\r\n\r\n", "405"),
            ("put", b"PUT /metrics HTTP/1.0\r\n\r\n", "405"),
            ("delete", b"DELETE /metrics HTTP/1.0\r\n\r\n", "405"),
            ("options", b"OPTIONS /metrics HTTP/1.0\r\n\r\n", "405"),
            ("made-up-method", b"BREW /metrics HTTP/1.0\r\n\r\n", "405"),
            ("long-url", b"GET /" + long + b" HTTP/1.1\r\n" + CLOSE, "414"),
            ("long-url-unfinished", b"GET /" + long, "414"),
            ("long-header", GET + b"X: " + long + b"\r\n" + CLOSE, "431"),
            ("long-header-unfinished", GET + b"X: " + long, "431"),
            ("many-headers", GET + b"X: y\r\n" * 9999 + CLOSE, "431"),
            # the body is never sent
            ("body-of-get", GET + b"Content-Length: 9\r\n" + CLOSE, "200"),
            ("body-of-post", b"POST" + GET[3:] + b"Content-Length: 9999999\r\n" + CLOSE, "405"),
            ("body-of-delete", b"DELETE" + GET[3:] + b"Content-Length: 9\r\n" + CLOSE, "405"),
            ("chunks-of-get", GET + chunked + CLOSE, "200"),
            ("chunks-of-post", b"POST" + GET[3:] + chunked + CLOSE + b"5\r\nab", "405"),
            ("body-after-consent", GET + b"Content-Length: 9\r\nExpect: 100-continue\r\n" + CLOSE,
             "200")):
        begin = time.monotonic()
        try:
            got = status(server.ask(request, 3))
        except TimeoutError:
            got = "no answer"
        took = time.monotonic() - begin
        verdict(f"status-{name}", (got != want and f"{got}, not {want}") or
                (took > 1 and f"after {took:.1f} s"))


def read_answer(s, buffered):
    """One answer with its length, and what came behind it."""
    while b"\r\n\r\n" not in buffered:
        buffered += s.recv(1 << 20)
    head, _, rest = buffered.partition(b"\r\n\r\n")
    length = int(re.search(rb"Content-Length: (\d+)", head)[1])
    while len(rest) < length:
        part = s.recv(1 << 20)
        if not part:
            raise ConnectionError("it ended early")
        rest += part
    return head, rest[:length], rest[length:]


def check_connection(server):
    answer = server.ask(b"PUT" + GET[3:] + CLOSE)
    check("allow", re.findall(rb"Allow: (.*)\r\n", answer), [b"GET, HEAD"])
    head, _, body = server.ask(b"HEAD" + GET[3:] + CLOSE).partition(b"\r\n\r\n")
    page = server.scrape()[1]
    check("head", (status(head), body), ("200", b""))
    verdict("head-has-the-length", f"Content-Length: {len(page)}".encode() not in head and head)
    try:
        with server.connect(3) as s:
            pages = []
            for _ in range(2):
                s.sendall(GET + b"\r\n")
                pages.append(read_answer(s, b"")[1].decode())
            check("keep-alive", pages, [page] * 2)
            s.sendall((GET + b"\r\n") * 19 + b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
            heads, rest = [], b""
            for _ in range(20):
                head, _, rest = read_answer(s, rest)
                heads.append(status(head))
            check("pipelined", heads, ["200"] * 19 + ["404"])
    except (OSError, TypeError) as wrong:
        verdict("keep-alive", repr(wrong))


class Slow(threading.Thread):
    """Clients of which each sends a byte now and then; when the server had enough of them."""

    def __init__(self, server, pauses):
        super().__init__(daemon=True)
        self.begin = time.monotonic()
        self.clients = [[server.connect(), pause, self.begin + pause] for pause in pauses]
        self.lived = []
        self.start()

    def run(self):
        while self.clients and time.monotonic() < self.begin + 20:
            time.sleep(0.05)
            now = time.monotonic()
            for client in list(self.clients):
                s, pause, due = client
                s.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    try:
                        if now >= due:
                            client[2] += pause
                            s.send(b"G")
                        s.recv(1)
                    except ConnectionError:
                        pass
                    self.lived.append(now - self.begin)
                    self.clients.remove(client)
                    s.close()


class Crowd:
    """Scrapes that begin at the same time; seconds that the slowest one took."""

    def __init__(self, server, count):
        self.slowest, self.wrong = 0, 0
        selector = selectors.DefaultSelector()
        for _ in range(count):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", server.port))
            selector.register(s, selectors.EVENT_WRITE, [time.monotonic(), b""])
        end = time.monotonic() + 10
        while selector.get_map() and time.monotonic() < end:
            for key, event in selector.select(1):
                self.step(selector, key, event)
        self.wrong += len(selector.get_map())
        for key in list(selector.get_map().values()):
            key.fileobj.close()
        selector.close()

    def step(self, selector, key, event):
        s, data = key.fileobj, key.data
        try:
            if event & selectors.EVENT_WRITE:
                s.send(GET + CLOSE)
                selector.modify(s, selectors.EVENT_READ, data)
                return
            part = s.recv(1 << 20)
        except OSError:
            part = b""
        data[1] = (data[1] + part)[-6:] if part else data[1]
        if not part:
            self.slowest = max(self.slowest, time.monotonic() - data[0])
            self.wrong += data[1] != b"# EOF\n"
            selector.unregister(s)
            s.close()


def check_crowd(server, slow, baseline):
    """10,000 scrapes, 500 at a time, next to 16 clients that are slow."""
    crowds = [Crowd(server, 500) for _ in range(8)]
    resident = server.resident_kb()
    crowds += [Crowd(server, 500) for _ in range(12)]
    check("10000-scrapes", sum(c.wrong for c in crowds), 0)
    slowest = max(c.slowest for c in crowds)
    verdict("each-below-a-second", slowest >= 1 and f"{slowest:.2f} s")
    grown = server.resident_kb() - resident
    # a kilobyte lost with each scrape would be more
    verdict("memory-is-flat", grown > 4096 and f"{grown} kB more")
    left = baseline + len(slow.clients)
    server.until(lambda: server.descriptors() <= left, 3)
    check("descriptors-are-flat", server.descriptors(), left)


def check_silent(server):
    """More than may come of one address, which say nothing."""
    silent = [server.connect() for _ in range(900)]
    took, page = server.scrape()
    verdict("900-are-silent", (took >= 1 or not page) and f"{took:.2f} s")
    for s in silent:
        s.close()


def check_body(server):
    """What is sent behind a request is not kept."""
    resident = server.resident_kb()
    with server.connect() as s:
        s.settimeout(1)
        with contextlib.suppress(OSError):
            s.sendall(b"POST" + GET[3:] + b"Content-Length: 99999999\r\n\r\n" + bytes(1 << 26))
    grown = server.resident_kb() - resident
    verdict("a-body-is-not-kept", grown > 256 and f"{grown} kB more")


def check_descriptors(recording):
    """There are fewer descriptors than clients."""
    with Served(recording, descriptors=40) as server:
        baseline = settled(server)
        silent = [server.connect() for _ in range(100)]
        took, page = server.scrape()
        verdict("few-descriptors", (took >= 1 or not page) and f"{took:.2f} s")
        before = server.cpu_seconds()
        time.sleep(1)
        spent = server.cpu_seconds() - before
        verdict("few-descriptors-no-spin", spent > 0.1 and f"{spent:.2f} s of CPU in a second")
        for s in silent:
            s.close()
        server.until(lambda: server.descriptors() == baseline, 3)
        check("few-descriptors-back", server.descriptors(), baseline)
        verdict("few-descriptors-later", not server.scrape()[1] and "no page")
    check("ends", server.code, 0)


WARNING = ("dmatrace: other machines can reach {}, which has neither password nor encryption; put a "
           "reverse proxy with TLS and authentication in front of it, or listen on 127.0.0.1 and "
           "use an SSH tunnel\n")


def has_ipv6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as s:
        s.bind(("::1", 0))
        return True
    return False


def check_warnings(recording):
    for where, address in (
            ("0", None), ("127.0.0.1:0", None), ("127.9.9.9:0", None), ("localhost:0", None),
            ("[::1]:0", None), ("::1:0", None), ("[::ffff:127.0.0.1]:0", None),
            ("0.0.0.0:0", "0.0.0.0:{}"), ("[::]:0", "[::]:{}"), (":::0", "[::]:{}"),
            ("[::ffff:0.0.0.0]:0", "[::ffff:0.0.0.0]:{}")):
        if "::" in where and not has_ipv6():
            skip(f"warning-{where}", "no IPv6 here")
            continue
        with Served(recording, where) as server:
            check(f"warning-{where}", server.said,
                  [WARNING.format(address.format(server.port))] if address else [])


def check_own_name(recording):
    """What a name stands for is what is warned of."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), 0, type=socket.SOCK_STREAM)[0][4][0]
    except OSError:
        skip("warning-own-name", "the machine's name has no address")
        return
    with Served(recording, socket.gethostname() + ":0") as server:
        address = f"[{found}]" if ":" in found else found
        silent = found.startswith("127.") or found == "::1"
        check("warning-own-name", server.said,
              [] if silent else [WARNING.format(f"{address}:{server.port}")])


# Of 10 devices, each with all series.
MANY = """
CREATE TEMP TABLE made AS
	WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
	SELECT i, aggregates.* FROM n, aggregates;
UPDATE made SET id = NULL, device = printf('%04x:00:00.0', i);
ALTER TABLE made DROP COLUMN i;
DELETE FROM aggregates;
INSERT INTO aggregates SELECT * FROM made;
"""


class Unread:
    """A client that asks for a page larger than all buffers, and does not read it."""

    def __init__(self, server):
        self.server = server
        length = len(server.scrape()[1])
        self.seconds = 10 + (length >> 20)
        self.baseline = server.descriptors()
        self.client = socket.socket()
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.client.connect(("127.0.0.1", server.port))
        self.begin = time.monotonic()
        self.client.sendall(GET + b"\r\n")
        time.sleep(0.1)
        verdict("large-page", length < 1 << 20 and f"{length} bytes")
        check("unread-is-connected", server.descriptors(), self.baseline + 1)

    def check(self):
        left = self.begin + self.seconds - 0.5 - time.monotonic()
        time.sleep(max(left, 0))
        connected = self.server.descriptors()
        # on a busy machine it may be too late to ask
        if time.monotonic() < self.begin + self.seconds - 0.2:
            check("unread-is-connected-yet", connected, self.baseline + 1)
        self.server.until(lambda: self.server.descriptors() == self.baseline, 2)
        check("unread-is-closed", self.server.descriptors(), self.baseline)
        self.client.close()


def settled(server):
    """How many descriptors it has when nobody is connected."""
    verdict("page", not openmetrics.parse(server.scrape()[1]) and "it is empty")
    time.sleep(0.1)
    return server.descriptors()


def main():
    with tempfile.TemporaryDirectory() as work:
        small, large = f"{work}/small.db", f"{work}/large.db"
        recording_make(small, "DELETE FROM aggregates WHERE id > 2;")
        recording_make(large, MANY)
        with Served(small) as server, Served(large) as other:
            settled(other)
            baseline = settled(server)
            slow = Slow(server, [1] * 8 + [10] * 8)
            unread = Unread(other)
            check_statuses(server)
            check_connection(server)
            check_crowd(server, slow, baseline)
            check_body(server)
            check_descriptors(small)
            check_warnings(small)
            check_own_name(small)
            unread.check()
            slow.join(20)
            verdict("slow-clients-are-closed", (len(slow.lived) != 16 or min(slow.lived) < 9 or
                                                max(slow.lived) > 12) and f"{slow.lived}")
            check_silent(server)
    print(f"1..{len(results)}")
    sys.exit(not all(results))


main()
