#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Do the events in the recordings of the case `record-events` agree with the oracle module, with the
# accounts in the same recordings, and with what trace prints of them?  Run where its files are.
import collections
import json
import math
import sqlite3
import sys

PRINTED = "time_ns, cpu, context, task, thread, device, bus, driver, op, direction, size, " \
          "address, phys, virt, latency_ns, path, reason, phase, failed"
# what aggregates and events are both told apart by
KIND = "device, bus, driver, op, direction, path, reason, phase"
LAYERS = ("api",)
bad = []
device = open("device").read().strip()


def expect(what, got, want):
    if got != want:
        bad.append("%s: %s, not %s" % (what, got, want))


def check(what, true):
    if not true:
        bad.append(what)


def rows(name, sql):
    return sqlite3.connect("file:%s.db?mode=ro" % name, uri=True).execute(sql).fetchall()


def printed(name):
    lines = [json.loads(line) for line in open(name)]
    end = lines.pop()
    expect(name + ": events said", end["events"], len(lines))
    return lines, end


def oracle(name):
    truth = {}
    for line in open(name + ".oracle"):
        words = line.split()
        if words[0] not in ("info", "path", "bounces", "copies", "unsupported"):
            truth[words[0], words[1]] = tuple(map(int, words[2:5]))
    return truth


def compare_oracle(name):
    """To the last call, failure and byte; what the kernel hid is known."""
    truth = {key: value for key, value in oracle(name).items() if not key[0].startswith("iommu")}
    hooks = rows(name, "SELECT op, attached, missed FROM hooks")
    losses = dict(rows(name, "SELECT name, count FROM losses"))
    missed = sum(h[2] or 0 for h in hooks) + losses["unpaired"]
    mine = {row[:2]: row[2:] for row in rows(
        name, "SELECT op, direction, count(*), sum(failed), sum(CASE WHEN failed THEN 0 ELSE size END)"
        " FROM events WHERE device = '%s' GROUP BY 1, 2" % device)}
    expect(name + ": events lost", losses["events_lost"], 0)
    on = {op for op, attached, _ in hooks if attached}
    check(name + ": the module made no calls", len(truth) > 10)
    short = 0
    for key in sorted(key for key in truth if key[0] in on):
        want, got = truth[key], mine.get(key, (0, 0, 0))
        short += want[0] - got[0]
        if not missed:
            expect("%s: %s %s" % (name, *key), got, want)
        check("%s: %s %s: more than were made" % (name, *key), got[0] <= want[0])
    check("%s: %d calls short, %d known missed" % (name, short, missed), short <= missed)


def compare_accounts(name):
    """An event for each call that was counted."""
    lost = dict(rows(name, "SELECT name, count FROM losses"))["events_lost"]
    counted = dict((row[:-1], row[-1]) for row in rows(
        name, "SELECT %s, sum(calls) FROM aggregates GROUP BY %s" % (KIND, KIND)))
    events = dict((row[:-1], row[-1]) for row in rows(
        name, "SELECT %s, count(*) FROM events GROUP BY %s" % (KIND, KIND)))
    expect(name + ": events and lost", sum(events.values()) + lost, sum(counted.values()))
    expect(name + ": lost some", lost > 0, name == "small")
    for kind in sorted(set(counted) | set(events), key=str):
        if not lost:
            expect("%s: events of %s" % (name, kind), events.get(kind, 0), counted.get(kind, 0))
        check("%s: more events of %s" % (name, kind),
              events.get(kind, 0) <= counted.get(kind, 0))


def quantile(buckets, most, q):
    """As hist_quantile() has it: the middle of the bucket, but not above the largest."""
    rank, seen = math.ceil(q * sum(buckets.values())), 0
    for (low, high), count in sorted(buckets.items(), key=lambda b: b[0][0]):
        seen += count
        if seen >= rank:
            return most if high is None else min((low + high) // 2, most)


def compare_quantiles(name):
    """Of each operation, the histograms against the sorted latencies."""
    raw, buckets, most = (collections.defaultdict(list), collections.defaultdict(dict),
                          collections.defaultdict(int))
    for op, ns in rows(name, "SELECT op, latency_ns FROM events WHERE latency_ns IS NOT NULL"):
        raw[op].append(ns)
    for op, low, high, count in rows(
            name, "SELECT op, low, high, sum(count) FROM aggregates JOIN aggregate_buckets b "
            "ON b.owner = aggregates.id WHERE value = 'latency' GROUP BY 1, 2, 3"):
        buckets[op][low, high] = count
    for op, ns in rows(name, "SELECT op, max(latency_max) FROM aggregates GROUP BY 1"):
        most[op] = ns
    check(name + ": hardly any operations", len(raw) > 5)
    for op in sorted(set(raw) | set(buckets)):
        samples = sorted(raw[op])
        expect("%s: %s: latencies" % (name, op), len(samples), sum(buckets[op].values()))
        for q in (0.5, 0.9, 0.99) if samples else ():
            near(name, op, q, quantile(buckets[op], most[op], q), samples)


def near(name, what, q, got, samples):
    truth = samples[math.ceil(q * len(samples)) - 1]
    check("%s: %s: p%d %d, of the events %d" % (name, what, q * 100, got, truth),
          abs(got - truth) <= 0.0625 * truth)


def compare_report(name):
    """The same of the quantiles that stat prints of each kind of calls."""
    seen = 0
    for a in json.load(open(name + ".stat"))["aggregates"]:
        where = " AND ".join("%s IS %s" % (key, "NULL" if a[key] is None else "'%s'" % a[key])
                             for key in ("device", "driver", "op"))
        where += " AND direction = '%s' AND path = '%s'" % (a["direction"] or "unknown",
                                                            a["path"] or "none")
        samples = sorted(ns for ns, in rows(name, "SELECT latency_ns FROM events WHERE "
                                            "latency_ns IS NOT NULL AND " + where))
        # what a bounce or an iommu_map was for makes several rows of one
        if samples and a["latency"] and len(samples) == a["latency"]["count"]:
            for q in (0.5, 0.9, 0.99):
                near(name, where, q, a["latency"]["p%d_ns" % (q * 100)], samples)
            seen += 1
    check(name + ": hardly any rows", seen > 10)


def nothing(text):
    return None if text in ("none",) else text


def compare_printed(name):
    """What trace prints without options is what the table has of the same operations."""
    lines, end = printed(name + ".trace")
    layers = {h["op"]: h["layer"] for h in end["hooks"]}
    table = [row for row in rows(name, "SELECT %s FROM events ORDER BY id" % PRINTED)
             if layers[row[8]] in LAYERS or row[8] == "bounce"]
    expect(name + ": lines", len(lines), len(table))
    unsigned = (11, 12, 13)
    for line, row in zip(lines, table):
        want = [row[i] % 2**64 if i in unsigned and row[i] is not None else row[i]
                for i in range(len(row) - 1)] + [bool(row[-1])]
        # names of what there is none of
        for i in 15, 16, 17:
            want[i] = nothing(want[i])
        want[9] = None if want[9] == "unknown" else want[9]
        got = [line[key] for key in PRINTED.replace("reason", "bounce_reason").split(", ")[:-1]]
        got.append(line["error"] is not None)
        # an operation of no size has none
        want[10] = want[10] if got[10] is not None else None
        expect(name + ": a line", got, want)
    losses = dict(rows(name, "SELECT name, count FROM losses"))
    expect(name + ": losses said", end["losses"], losses)


def compare_stacks():
    lines, _ = printed("stacks.deep")
    check("stacks: %d events" % len(lines), len(lines) >= 20)
    check("stacks: one without", all(line["stack"] for line in lines))
    calls = sum(row["calls"] for row in json.load(open("stacks.json"))["stacks"])
    expect("stacks: calls by call path", calls, len(lines))
    paths = rows("stacks", "SELECT count(*) FROM event_kinds")[0][0]
    check("stacks: %d kinds of %d events" % (paths, len(lines)), paths < len(lines))


def compare_live():
    """What trace says of calls later is what it says at the time; the clock is each one's own."""
    own = ("time_ns", "latency_ns")
    now, later = ([{key: value for key, value in line.items() if key not in own}
                   for line in printed("live." + which)[0] if line["device"] == device]
                  for which in ("live", "trace"))
    expect("live: calls", len(now), 400)
    expect("live: lines that differ", [(a, b) for a, b in zip(now, later) if a != b][:1], [])
    expect("live: lines of the recording", len(later), len(now))


def compare_two():
    for name in "first", "second":
        expect(name + ": events", rows(name, "SELECT count(*) FROM events WHERE device = '%s'"
                                       % device), [(500,)])
        expect(name + ": calls", rows(name, "SELECT sum(calls) FROM aggregates WHERE device = '%s'"
                                      % device), [(500,)])
        expect(name + ": whole", rows(name, "SELECT whole FROM complete"), [(1,)])
        expect(name + ": exit", open(name + ".code").read(), "0\n")


def compare_cut():
    lines, _ = printed("cut.trace")
    mine = [line for line in lines if line["device"] == device]
    expect("cut: whole", rows("cut", "SELECT whole FROM complete"), [(0,)])
    expect("cut: the file", rows("cut", "PRAGMA integrity_check"), [("ok",)])
    check("cut: %d events" % len(mine), 0 < len(mine) <= 300)


compare_oracle("mix")
compare_quantiles("mix")
compare_report("mix")
for recorded in "mix", "small", "stacks":
    compare_accounts(recorded)
    compare_printed(recorded)
compare_stacks()
compare_live()
compare_two()
compare_cut()
if bad:
    print("\n".join(sorted(set(bad))[:20]))
    sys.exit(1)
