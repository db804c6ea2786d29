#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A real Prometheus scrapes dmatrace, which serves a recording: check.py DMATRACE PROGRAMS DIR

PROGRAMS is the directory of prometheus and promtool, DIR has the recording run.db and takes files.
"""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import openmetrics

dmatrace, programs, work = sys.argv[1:]
LABELS = ("device", "bus", "driver", "op", "direction", "path", "bounce_reason", "context", "phase",
          "within", "page_size")
results = []


def verdict(name, wrong):
    results.append(not wrong)
    print(f"not ok {name} # {wrong}" if wrong else f"ok {name}")


def http(url, method="GET"):
    """Status, content type and text."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as r:
            return r.status, r.headers["Content-Type"], r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers["Content-Type"], ""


@contextlib.contextmanager
def running(*command):
    with open(f"{work}/{os.path.basename(command[0])}.log", "w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield process, log.name
        finally:
            process.terminate()
            process.wait()


def until(what, seconds=60):
    """Whatever what() gives once it is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            value = what()
            if value:
                return value
        time.sleep(0.1)
    sys.exit(f"in vain: {what.__doc__}")


def block(begins):
    """The literal display in section PROMETHEUS of the manual page that begins with it."""
    page = open("man/dmatrace-export.1").read()
    section = re.search(r"^\.Sh PROMETHEUS$(.*?)^\.Sh ", page, re.M | re.S)[1]
    displays = re.findall(r"^\.Bd .*?\n(.*?)^\.Ed", section, re.M | re.S)
    return next(display for display in displays if display.startswith(begins))


class Server:
    def __init__(self, url):
        self.url = url

    def query(self, text):
        url = f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": text})
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]["result"]

    def scraped_twice(self):
        """Prometheus scraping twice"""
        found = self.query("count_over_time(dmatrace_run_duration_seconds[1m]) >= 2")
        return found and self.query("up == 1")


def key(labels):
    """Of a series or a row: Prometheus leaves out what is empty, JSON has null and controls."""
    return tuple(re.sub(r"[\x00-\x1f]", lambda m: f"\\x{ord(m[0]):02x}", str(labels.get(name) or ""))
                 for name in LABELS)


def rows():
    out = subprocess.run([dmatrace, "stat", "-f", "json", "-i", f"{work}/run.db"], check=True,
                         capture_output=True, text=True).stdout
    return json.loads(out)["aggregates"]


def wrong_quantile(hist, told, got):
    """As it interpolates, Prometheus may give any value of the bucket in which the quantile is."""
    bucket = next(b for b in hist["buckets"]
                  if b["min"] <= told and (b["max"] is None or told <= b["max"]))
    low = max(bucket["min"] - 1, 0)
    high = low if bucket["max"] is None else bucket["max"]
    if not low - 0.001 <= got <= high + 0.001:
        return f"{got} is not in {low}..{high}"
    if bucket["max"] is not None and told >= 16 and abs(got / told - 1) > 0.125:
        return f"{got} is too far from {told}"
    return None


def compare(server, value, metric, scale, unit):
    wanted = {key(row): row[value] for row in rows() if row[value] and row[value]["count"]}
    for quantile in (50, 90, 99):
        found = server.query(f"histogram_quantile({quantile / 100}, {metric}_bucket)")
        got = {key(s["metric"]): float(s["value"][1]) * scale for s in found
               if s["value"][1] != "NaN"}
        wrong = None if set(got) == set(wanted) else f"{set(got) ^ set(wanted)}"
        for series in set(got) & set(wanted):
            told = wanted[series][f"p{quantile}_{unit}"]
            wrong = wrong or wrong_quantile(wanted[series], told, got[series])
        verdict(f"{value} p{quantile} of {len(wanted)} series", wrong)


def compare_counters(server):
    for metric, field in (("calls", "calls"), ("errors", "errors"), ("bytes", "bytes")):
        wanted = {key(row): row[field] for row in rows() if row[field] is not None}
        got = {key(s["metric"]): int(s["value"][1])
               for s in server.query(f"dmatrace_{metric}_total")}
        verdict(f"{metric} of {len(wanted)} series", got != wanted and f"{got} {wanted}")


def compare_exposition(server, page):
    """Every sample it was given is there."""
    samples = sum(len(m.samples) for m in openmetrics.parse(page).values())
    taken = int(server.query("scrape_samples_scraped")[0]["value"][1])
    verdict(f"all of {samples} samples", taken != samples and f"{taken} were taken")


def manual_queries(server):
    for query in block("# ").splitlines():
        if query and not query.startswith("#"):
            verdict(f"manual: {query}", not server.query(query) and "it finds nothing")


def requests(url):
    page = url + "/metrics"
    for method, at, want in (("GET", page + "/", 404), ("GET", url + "/", 404),
                             ("POST", url + "/x", 404), ("POST", page, 405), ("PUT", page, 405),
                             ("DELETE", page, 405), ("HEAD", page, 200)):
        status = http(at, method)[0]
        verdict(f"{method} {at[len(url):]}", status != want and f"{status}, not {want}")
    status, kind, _ = http(page)
    want = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    verdict("GET /metrics", (status, kind) != (200, want) and f"{status} {kind}")


def port_taken(port):
    second = subprocess.run([dmatrace, "export", "openmetrics", "-i", f"{work}/run.db", "-L",
                             str(port)], capture_output=True, text=True)
    wanted = (f"dmatrace: cannot listen on {port}: Address already in use; take another port, or 0 "
              "for any that is free\n")
    verdict("the port is taken", (second.returncode, second.stderr) != (1, wanted) and
            f"exit {second.returncode}: {second.stderr}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def configuration(port):
    """The manual's, but with shorter intervals."""
    path = f"{work}/prometheus.yml"
    shown = block("scrape_configs")
    with open(path, "w") as out:
        out.write("global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n")
        out.write(re.sub(r"\[.*\]", f"['127.0.0.1:{port}']", shown))
    checked = subprocess.run([f"{programs}/promtool", "check", "config", path],
                             capture_output=True, text=True)
    verdict("manual: scrape configuration", checked.returncode and checked.stderr)
    return path


def main():
    serve = (dmatrace, "export", "openmetrics", "-v", "-i", f"{work}/run.db", "-L", "0")
    with running(*serve) as (process, log):
        def served():
            """where dmatrace serves"""
            return re.search(r"http://127\.0\.0\.1:(\d+)/metrics", open(log).read())
        port = until(served)[1]
        url = f"http://127.0.0.1:{port}"
        requests(url)
        port_taken(port)
        listen = f"127.0.0.1:{free_port()}"
        with running(f"{programs}/prometheus", f"--config.file={configuration(port)}",
                     f"--storage.tsdb.path={work}/data", f"--web.listen-address={listen}"):
            server = Server(f"http://{listen}")
            until(server.scraped_twice)
            compare_exposition(server, http(url + "/metrics")[2])
            compare_counters(server)
            compare(server, "latency", "dmatrace_latency_seconds", 1e9, "ns")
            compare(server, "size", "dmatrace_size_bytes", 1, "bytes")
            manual_queries(server)
        process.send_signal(signal.SIGINT)
        verdict("Ctrl-C ends it", process.wait(10) and f"exit {process.returncode}")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed, 0 skipped")
    sys.exit(not all(results))


main()
