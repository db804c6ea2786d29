#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""man/dmatrace-findings.7 says of each finding what `dmatrace explain` does, word for word, and
tests/vm/README.md which case raises it and which does not: cases that there are and that check it,
or NAME(), a unit test."""
import glob
import json
import re
import subprocess
import sys

PAGE = "man/dmatrace-findings.7"
CASES = "tests/vm/cases"
TABLE = "tests/vm/README.md"
UNITS = "tests/unit/test_diagnose*.c"


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
        where = PAGE if paragraph in shown else "src/analysis/findings.c"
        print(f"{where}: {kind['id']}: only here: {paragraph[:60]}...")
        failed = True


def case(name):
    try:
        return open(f"{CASES}/{name}.sh").read()
    except OSError:
        return None


def complaints():
    """Of the table's rows: "| ID: variant | raised in | silent in | on |"."""
    unit = "".join(open(path).read() for path in glob.glob(UNITS))
    tests = {name + "()" for name in re.findall(r"cmocka_unit_test\((\w+)\)", unit)}
    shown = set()
    for row in re.findall(r"^\| (\S+?)(?::[^|]*)? \| (.*?) \| (.*?) \| .* \|$",
                          open(TABLE).read().partition("## Findings")[2], re.M):
        if row[0] in ("finding", "---"):
            continue
        shown.add(row[0])
        for name in row[1].split(", "):
            text = unit if name in tests else case(name)
            if text is None:
                yield f"{row[0]}: no case and no unit test '{name}'"
            elif not re.search(r"(?<![\w-])" + re.escape(row[0]) + r"(?![\w-])", text):
                yield f"{row[0]}: '{name}' does not look for it"
        text = case(row[2])
        if text is None or not re.search("check_healthy|check_findings|findings|found", text):
            yield f"{row[0]}: '{row[2]}' is no case that looks at findings"
    ids = {kind["id"] for kind in kinds}
    yield from (f"no case is named for {name}" for name in sorted(ids - shown))
    yield from (f"{name} is no finding" for name in sorted(shown - ids))


for complaint in complaints():
    print(f"{TABLE}: {complaint}")
    failed = True
sys.exit(failed)
