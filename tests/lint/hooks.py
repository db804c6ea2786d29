#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The rows of bpf/hooks.bpf.h and of src/kernel/hooks.c say the same: each program has one row, on
the same function, hook and number of arguments, and what fails means the same on both sides."""
import re
import sys

FAILS = {"POINTER": "NULL", "PAGE": "NULL", "VOID": "NEVER", "ADDRESS": "ADDRESS",
         "SLOT": "ADDRESS", "ERRNO": "ERRNO", "NENTS": "ERRNO", "UNMAPPED": "SHORT",
         "RESERVED": "FALSE", "IOVA": "ZERO"}


def programs(text):
    """(kind, name) -> what the BPF side says of it."""
    found = {}
    for m in re.finditer(r"^(PROBE|POINT|MARK|TAKE|RELEASE)\(([^()]*(?:\([^()]*\)[^()]*)*)\)$", text, re.M):
        kind, words = m[1], [w.strip() for w in m[2].split(",")]
        also = re.search(r"MMIO_IS\(\d+, (\w+)\)", m[2])
        row = {"target": words[1], "also": also and also[1]}
        if kind in ("MARK", "TAKE", "RELEASE"):
            kind = "PROBE"
            row |= {"args": int(words[2]), "hook": words[3], "fails": "NEVER"}
        elif kind == "PROBE":
            row |= {"args": int(words[2]), "hook": words[3], "fails": FAILS[words[5]]}
        else:
            row["hook"] = words[2]
        found[kind, words[0]] = row
    return found


def arguments(proto):
    return {p[p.index("(") + 1:-1].count(",") + 1 for p in proto.split("|")}


def rows(text, table, kind):
    body = re.search(r"struct sight %s\[\] = \{(.*?)^\};" % table, text, re.M | re.S)[1]
    found = {}
    for m in re.finditer(r"\{ DMT_HOOK_(\w+), \"(\w+)\", \"(\w+)\",\s*((?:\"[^\"]*\"\s*)+),"
                         r"\s*FAILS_(\w+)(?:, \.blind = true)?(?:,\s*\.also = DMT_HOOK_(\w+))?(?:,\s*\.unless = DMT_HOOK_\w+)? \}",
                         body):
        row = {"target": m[3], "hook": m[1], "also": m[6]}
        if kind == "PROBE":
            row |= {"fails": m[5], "args": arguments("".join(re.findall(r'"([^"]*)"', m[4])))}
        found[kind, m[2]] = row
    if len(found) != body.count("{ DMT_HOOK_"):
        sys.exit(f"src/kernel/hooks.c: {table}[] has rows this lint cannot read, or two of one name")
    return found


bpf = programs(open("bpf/hooks.bpf.h").read())
text = open("src/kernel/hooks.c").read()
user = rows(text, "probes", "PROBE") | rows(text, "points", "POINT")
status = 0
for key in sorted(bpf.keys() | user.keys()):
    name = "%s(%s)" % key
    if key not in user:
        print(f"bpf/hooks.bpf.h: {name} has no row in src/kernel/hooks.c")
    elif key not in bpf:
        print(f"src/kernel/hooks.c: the row of {name} has no program in bpf/hooks.bpf.h")
    else:
        differ = [what for what in bpf[key] if what != "args" and bpf[key][what] != user[key][what]]
        if "args" in bpf[key] and user[key]["args"] != {bpf[key]["args"]}:
            differ.append("args")
        if not differ:
            continue
        for what in differ:
            print(f"src/kernel/hooks.c: {name}: {what} is {user[key][what]}, "
                  f"in bpf/hooks.bpf.h it is {bpf[key][what]}")
    status = 1
if not bpf or not user:
    print("no rows found")
    status = 1
sys.exit(status)
