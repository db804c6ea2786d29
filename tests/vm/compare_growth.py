#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare_growth.py DEVICE NAME...: what the runs of case growth say is held and grows: in
NAME.json, the same from a recording in NAME.again, and NAME.check, NAME.exit of a limit."""
import json
import re
import sys

# operation, held, given back unseen, of those wrong, growth, at most; finding and what it says;
# exit code of a limit of no growth of maps
WANTED = {
    "inside": ("map", 200, 200, 200, 200, 200, "mapping-leak",
               "200 addresses given back that nobody was given: inside of mappings", 4),
    "unreal": ("map", 200, 200, 0, 0, 200, "unmap-unseen",
               "200 addresses not seen mapped were given back", 5),
    "slow": ("map", 200, 200, 0, 0, 200, "unmap-unseen",
             "200 addresses not seen mapped were given back", 5),
    "fast": ("map", 50, 50, 0, 0, 0, None, None, 0),
    "leak": ("map", 200, 0, 0, 200, 200, "mapping-leak", "not all unmapped", 4),
    "pages": ("alloc_noncontiguous", 16, 0, 0, 16, 16, None, None, None),
}


def compare(device, name):
    report = json.load(open(name + ".json"))
    op, held, unseen, wrong, growth, at_most, finding, says, code = WANTED[name]

    # other calls may be: interrupts under kprobes
    lost = {k: v for k, v in report["losses"].items() if v and k != "missed"}
    assert not lost, lost
    rows = [r for r in report["growth"] if r["device"] == device and r["op"] == op]
    got = [tuple(r[k] for k in ("held", "unseen", "wrong", "growth", "at_most")) for r in rows]
    assert got == [(held, unseen, wrong, growth, at_most)], (name, got)
    live = [r for r in report["live"] if r["device"] == device]
    assert [(r["op"], r["count"]) for r in live] == [(op, held)], (name, live)
    rate = growth * 1e9 / report["duration_ns"]
    assert abs(live[0]["growth_per_s"] - rate) < 0.1, (name, live[0]["growth_per_s"], rate)
    found = [f for f in report["findings"] if f["id"] != "data-incomplete"]
    assert [f["id"] for f in found] == ([finding] if finding else []), (name, found)
    if finding:
        text = f"{found[0]['evidence']}; {found[0]['cause']}"
        assert re.search(says, text), (name, text)
    again = json.load(open(name + ".again"))
    for key in "growth", "live", "findings":
        assert again[key] == report[key], (name, key, again[key], report[key])
    if code is not None:
        assert int(open(name + ".exit").read()) == code, (name, open(name + ".check").read())
    oracle = open(name + ".oracle").read()
    if name in ("inside", "unreal"):
        assert int(re.search(r"^info strayed (\d+)$", oracle, re.M)[1]) % 200 == 0, oracle


for each in sys.argv[2:]:
    compare(sys.argv[1], each)
