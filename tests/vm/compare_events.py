#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Do the events of the case `trace` agree with the oracle module and with the accounts, which
# count in the kernel what events only report?  Run where its files are.
import json

from comparing import check, expect, finish, oracle_calls

LAYERS = ("api",)
device = open("device").read().strip()


def read(name):
    lines = [json.loads(line) for line in open(name + ".json")]
    end = lines.pop()
    expect(name + ": the last line says it is", end.get("end"), True)
    check(name + ": another line does too", not any("end" in e for e in lines))
    expect(name + ": events", end["events"], len(lines))
    for loss in ("accounts_full", "devices_full"):
        expect("%s: loss %s" % (name, loss), end["losses"][loss], 0)
    # of the few call paths of failing calls two may have the same hash
    check("%s: %d call paths lost" % (name, end["losses"]["stacks_lost"]),
          end["losses"]["stacks_lost"] <= 2)
    return lines, end


def counted(end, ops=None):
    """Calls in the accounts, of operations whose events are wanted."""
    return sum(h["calls"] or 0 for h in end["hooks"]
               if (h["op"] in ops if ops else h["layer"] in LAYERS or h["op"] == "bounce"))


def by_op(events):
    sums = {}
    for e in events:
        key = e["op"], e["direction"]
        calls, errors, size = sums.get(key, (0, 0, 0))
        failed = e["error"] is not None
        sums[key] = (calls + 1, errors + failed, size + (0 if failed else e["size"]))
    return sums


def compare_mix():
    """To the last call, failure and byte; what the kernel hid is known, and of interrupts."""
    events, end = read("mix")
    truth = {key: value for key, value in oracle_calls("mix.oracle").items()
             if not key[0].startswith("iommu")}
    mine = by_op([e for e in events if e["device"] == device and e["op"] != "bounce"])
    missed = sum(h["missed"] or 0 for h in end["hooks"]) + end["losses"]["unpaired"]
    on = {h["op"] for h in end["hooks"] if h["status"] == "on"}
    expect("mix: events lost", end["losses"]["events_lost"], 0)
    expect("mix: events", len(events), counted(end))
    short = 0
    for key in sorted(set(mine) | {key for key in truth if key[0] in on}):
        want, got = truth.get(key, (0, 0, 0)), mine.get(key, (0, 0, 0))
        short += want[0] - got[0]
        if not missed:
            expect("mix: %s %s" % key, got, want)
        check("mix: %s %s: more than were made" % key, got[0] <= want[0])
    check("mix: %d calls short, %d known missed" % (short, missed), short <= missed)
    compare_fields(events)


def compare_fields(events):
    mine = [e for e in events if e["device"] == device]
    times = [e["time_ns"] for e in events]
    check("mix: no events", bool(mine))
    check("mix: times go back by more than 1 s",
          all(b - a > -1000000000 for a, b in zip(times, times[1:])))
    for e in mine:
        expect("driver", (e["driver"], e["bus"]), ("dmt_oracle", "pci"))
        check("an address of a failing map", e["op"] != "map" or not (e["error"] and e["address"]))
        check("a map without an address", e["op"] != "map" or e["error"] or e["address"])
        check("an unmap without an address", e["op"] != "unmap" or e["address"])
        check("a task in an interrupt: %s" % e,
              e["context"] not in ("softirq", "hardirq") or e["task"] is None)
    if any(e["context"] != "unknown" for e in mine):
        check("no call in an interrupt", any(e["context"] == "hardirq" for e in mine))
    check("no call of the task that made them",
          any((e["task"] or "").endswith("red") for e in mine))


def compare_some():
    """Failures only, those with a latency, slow ones, a sample."""
    events, end = read("errors")
    want = sum(errors for (op, _), (_, errors, _) in oracle_calls("errors.oracle").items()
               if not op.startswith("iommu"))
    missed = sum(h["missed"] or 0 for h in end["hooks"]) + end["losses"]["unpaired"]
    mine = [e for e in events if e["device"] == device and e["op"] != "bounce"]
    check("errors: %d, oracle %d" % (len(mine), want), want - missed <= len(mine) <= want)
    check("errors: one that did not fail", all(e["error"] for e in events))
    events, end = read("timed")
    unknown = end["losses"]["latency_lost"]
    check("timed: %d of %d, %d without latency" % (len(events), counted(end), unknown),
          counted(end) - unknown <= len(events) <= counted(end))
    events, end = read("slow")
    check("slow: %d of %d" % (len(events), counted(end)), 0 < len(events) < counted(end))
    check("slow: a fast one", all(e["latency_ns"] >= 10000 for e in events))
    events, end = read("sampled")
    calls = counted(end, ("map", "unmap"))
    # five standard deviations of a binomial with p = 1/10
    check("sampled: %d of %d" % (len(events), calls),
          abs(len(events) - calls / 10) < 5 * (calls * 0.09) ** 0.5)


def compare_losses():
    events, end = read("small")
    lost = end["losses"]["events_lost"]
    expect("small: events and lost", len(events) + lost, counted(end))
    check("small: nothing lost", lost > 0)
    events, end = read("stopped")
    lost = end["losses"]["events_lost"]
    expect("stopped: events and lost", len(events) + lost, counted(end, ("map", "unmap")))
    check("stopped: nothing lost", lost > 0)
    check("stopped: nothing printed", len(events) > 0)


def compare_rest():
    events, _ = read("stack")
    mine = [e for e in events if e["device"] == device]
    expect("stack: events", len(mine), 20)
    for e in mine:
        check("stack: not of the module: %s" % e["stack"],
              e["stack"] and any("[dmt_oracle]" in frame for frame in e["stack"]))
    events, end = read("few")
    calls = counted(end, ("map",))
    check("few: %d of %d" % (len(events), calls),
          abs(len(events) - calls / 10) < 5 * (calls * 0.09) ** 0.5)
    check("few: one without a call path", all(e["stack"] for e in events))
    events, _ = read("device")
    expect("device: events", [e["device"] for e in events], [device] * 20)
    events, end = read("nodevice")
    expect("nodevice: events", len(events), 0)
    check("nodevice: filtered %d" % end["events_filtered"], end["events_filtered"] >= 20)
    expect("nodevice: events filtered", end["events_filtered"], counted(end, ("map",)))


def compare_one_device():
    """Printed and lost are its calls, others are none of that, and none escapes the count."""
    for name in "later", "both":
        events, end = read(name)
        made = sum(calls for calls, _, _ in oracle_calls(name + ".oracle").values())
        lost = end["losses"]["events_lost"]
        expect(name + ": events and lost", len(events) + lost, made)
        expect(name + ": and filtered", len(events) + lost + end["events_filtered"],
               counted(end, ("map", "unmap") if name == "later" else None))
        check(name + ": of another device", all(e["device"] == device for e in events))
        check(name + ": nothing printed", bool(events))
        expect(name + ": lost", lost > 0, name == "both")
    check("both: nothing filtered", end["events_filtered"] > 0)


def compare_addresses():
    """The module has one buffer, which both begin with; with an IOMMU its address is another."""
    infos = dict(line.split(None, 2)[1:] for line in open("sg.oracle")
                 if line.startswith("info"))
    want = int(infos["buffer"]), int(infos["buffer_virt"])
    for name, op in ("sg", "map_sg"), ("stack", "map"):
        events, _ = read(name)
        mine = [(e["phys"], e["virt"]) for e in events if e["device"] == device and e["op"] == op]
        expect(name + ": memory", set(mine), {want})
    mix, _ = read("mix")
    for e in mix:
        if e["device"] == device and e["op"] in ("alloc", "alloc_pages") and not e["error"]:
            check("mix: %s without an address" % e["op"], e["virt"])


compare_mix()
compare_some()
compare_one_device()
compare_addresses()
compare_losses()
compare_rest()
finish()
