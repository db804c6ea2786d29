# SPDX-License-Identifier: GPL-2.0
"""What the comparisons share: what they find wrong, and how the oracle module writes numbers."""
import sys

HARD_BYTES = 512    # what the module's hard-interrupt calls map, see module/mix.c
SIZES = {"K": 1024, "M": 1024 * 1024}

bad = []


def expect(what, got, want):
    if got != want:
        bad.append(f"{what}: {got}, not {want}")


def check(what, true):
    if not true:
        bad.append(what)


def finish():
    """Prints what is bad, each once, and fails; or returns, as there is nothing."""
    if bad:
        print("\n".join(list(dict.fromkeys(bad))[:100]))
        sys.exit(1)


def number(word):
    """As commands of the module have it: 4096, 64K, 4M."""
    return int(word[:-1]) * SIZES[word[-1]] if word[-1] in SIZES else int(word)


def oracle_calls(path):
    """Calls, errors and bytes by operation and direction, as the module made them."""
    calls = {}
    for line in open(path):
        words = line.split()
        if words[0] not in ("info", "path", "bounces", "copies", "held", "unsupported"):
            calls[words[0], words[1]] = tuple(map(int, words[2:5]))
    return calls
