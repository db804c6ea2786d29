#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""man/dmatrace-findings.7 says of each finding what `dmatrace explain` does, word for word."""
import json
import re
import subprocess
import sys

PAGE = "man/dmatrace-findings.7"


def explain(*words):
    return json.loads(subprocess.check_output(["./dmatrace", "explain", "-f", "json", *words]))


def told(kind):
    """As the page has it: the summary is a sentence there, a paragraph a line here."""
    summary = kind["summary"][0].upper() + kind["summary"][1:] + "."
    return [summary, kind["meaning"], kind["decided"], kind["advice"]]


page = {}
for line in open(PAGE):
    line = line.rstrip("\n").removeprefix("\\&")
    item = re.match(r"\.It Cm (\S+) Pq (\S+)$", line)
    if item:
        paragraphs = page.setdefault(item.groups(), [""])
    elif line == ".El":
        paragraphs = []
    elif page and line == ".Pp":
        paragraphs.append("")
    elif page and paragraphs and not line.startswith("."):
        paragraphs[-1] = (paragraphs[-1] + " " + line).strip()

failed = False
kinds = [explain(kind["id"]) for kind in explain()["findings"]]
if [(k["id"], k["severity"]) for k in kinds] != list(page):
    print(f"{PAGE}: not the findings that 'dmatrace explain' lists, in that order")
    failed = True
for kind in kinds:
    shown = page.get((kind["id"], kind["severity"]), [])
    for paragraph in set(told(kind)) ^ set(shown):
        where = PAGE if paragraph in shown else "src/findings.c"
        print(f"{where}: {kind['id']}: only here: {paragraph[:60]}...")
        failed = True
sys.exit(failed)
