#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Is this OpenMetrics text 1.0?  Reads files or stdin, says what is wrong, and knows nothing of
what wrote it.  Stricter than the standard where it says "should": every series of a metric has the
same labels, units are base units, metrics are not interleaved, nothing steers a terminal.

As a module: parse(text) gives {metric: Metric}.
"""
import math
import re
import sys

TYPES = {"counter": ("_total", "_created"), "gauge": ("",), "info": ("_info",),
         "histogram": ("_bucket", "_count", "_sum", "_created")}
UNITS = ("seconds", "bytes")
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? ([^ ]+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?Inf|NaN")
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Wrong(Exception):
    """What is wrong, and in which line."""


def check(ok, line, what):
    if not ok:
        raise Wrong(f"line {line}: {what}")


class Metric:
    """samples: (suffix, {label: value}, number), in order."""

    def __init__(self, name, kind):
        self.name, self.kind, self.unit, self.help = name, kind, None, None
        self.samples, self.seen = [], set()


def labels_of(text, line):
    labels, at = {}, 0
    while text and at < len(text):
        match = LABEL.match(text, at)
        check(match, line, f"no label at '{text[at:at + 20]}'")
        check(match[1] not in labels, line, f"label '{match[1]}' twice")
        labels[match[1]] = re.sub(r"\\.", lambda m: UNESCAPED[m[0]], match[2])
        check(match[3] == "" or match.end() < len(text), line, "a comma after the last label")
        at = match.end()
    return labels


def describe(metrics, current, text, line):
    """A line of metadata; returns the metric it is about."""
    match = re.fullmatch(rf"# (TYPE|UNIT|HELP) ({NAME})(?: (.*))?", text)
    check(match, line, f"no metadata: '{text}'")
    what, name, rest = match[1], match[2], match[3] or ""
    if what == "TYPE":
        check(rest in TYPES, line, f"type '{rest}'")
        check(name not in metrics, line, f"'{name}' a second time")
        metrics[name] = Metric(name, rest)
        return metrics[name]
    check(current and current.name == name, line, f"{what} of '{name}' out of place")
    check(not current.samples, line, f"{what} of '{name}' after its samples")
    check(getattr(current, what.lower()) is None, line, f"{what} of '{name}' twice")
    if what == "UNIT":
        check(rest in UNITS and name.endswith("_" + rest), line, f"unit '{rest}' of '{name}'")
        check(current.kind != "info", line, "an info has no unit")
    else:
        check(re.fullmatch(r'([^\\"]|\\[\\n"])+', rest), line, f"help '{rest}'")
    setattr(current, what.lower(), rest)
    return current


def canonical(text, number):
    """Bounds are compared as text: whole numbers have a point, small ones an exponent."""
    return text == "+Inf" or (text == repr(number) if abs(number) < 1e16 else True)


def sample(current, text, line):
    match = SAMPLE.fullmatch(text)
    check(match and NUMBER.fullmatch(match[3]), line, f"no sample: '{text}'")
    check(current and match[1].startswith(current.name), line, f"'{match[1]}' out of place")
    suffix, labels = match[1][len(current.name):], labels_of(match[2], line)
    number = float(match[3])
    check(suffix in TYPES[current.kind], line, f"'{match[1]}' of a {current.kind}")
    check(not math.isnan(number) and (current.kind == "gauge" or number >= 0), line, "value")
    check(current.kind != "info" or number == 1, line, "an info that is not 1")
    check(("le" in labels) == (suffix == "_bucket"), line, "le")
    key = (suffix, tuple(sorted(labels.items())))
    check(key not in current.seen, line, "this series was there already")
    current.seen.add(key)
    if current.samples:
        check(set(labels) - {"le"} == set(current.samples[0][1]) - {"le"}, line, "other labels")
    if suffix == "_bucket":
        check(canonical(labels["le"], float(labels["le"])), line, f"le=\"{labels['le']}\"")
    current.samples.append((suffix, labels, number))


def histograms(metric):
    """{labels without le: {"buckets": [(bound, count)], "count": n, "sum": n}}"""
    found = {}
    for suffix, labels, number in metric.samples:
        key = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        one = found.setdefault(key, {"buckets": []})
        if suffix == "_bucket":
            one["buckets"].append((float(labels["le"]), number))
        else:
            one[suffix[1:]] = number
    return found


def check_histograms(metric):
    for labels, one in histograms(metric).items():
        bounds, counts = zip(*one["buckets"]) if one["buckets"] else ((), ())
        where = f"{metric.name}{dict(labels)}"
        if list(bounds) != sorted(set(bounds)) or list(counts) != sorted(counts):
            raise Wrong(f"{where}: buckets do not add up")
        if not bounds or bounds[-1] != math.inf or one.get("count") != counts[-1]:
            raise Wrong(f"{where}: no +Inf, or other than the count")
        if "sum" not in one:
            raise Wrong(f"{where}: no sum")


def parse(text):
    metrics, current = {}, None
    steering = re.search(r"[^\n -~\u00a0-\U0010ffff]", text)
    if steering:
        raise Wrong(f"control character {steering[0]!r}")
    if not text.endswith("# EOF\n"):
        raise Wrong("it does not end with # EOF")
    for line, content in enumerate(text[:-len("# EOF\n")].splitlines(), 1):
        check(content not in ("", "# EOF"), line, "empty, or an end before the end")
        if content.startswith("#"):
            current = describe(metrics, current, content, line)
        else:
            sample(current, content, line)
    for metric in metrics.values():
        if not metric.samples or not metric.help:
            raise Wrong(f"{metric.name}: no sample or no help")
        if metric.kind == "histogram":
            check_histograms(metric)
    return metrics


def main():
    names = sys.argv[1:] or ["/dev/stdin"]
    for name in names:
        try:
            metrics = parse(open(name, "rb").read().decode())
        except (Wrong, UnicodeDecodeError) as wrong:
            sys.exit(f"{name}: {wrong}")
        if not metrics:
            sys.exit(f"{name}: no metrics")


if __name__ == "__main__":
    main()
