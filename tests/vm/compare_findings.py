#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare_findings.py FILE [ID REGEX]...: a report has these findings and no others; each regular
expression is found in what its finding says, "subject; evidence; cause; remedy"."""
import json
import re
import sys

findings = [(f["id"], f"{f['subject'] or ''}; {f['evidence']}; {f['cause']}; {f['remedy']}")
            for f in json.load(open(sys.argv[1]))["findings"]]
wrong = []
for wanted, regex in zip(sys.argv[2::2], sys.argv[3::2]):
    for finding in findings:
        if finding[0] == wanted and re.search(regex, finding[1]):
            findings.remove(finding)
            break
    else:
        wrong.append(f"no {wanted} that says '{regex}'")
wrong += [f"not expected: {name}: {text}" for name, text in findings]
if wrong:
    sys.exit("; ".join(wrong))
