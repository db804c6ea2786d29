#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Where the instructions of one dma_map_single() and its unmap go, by function, under a command.

usage: tests/bench/instructions.py [KERNEL [ARCH [COMMAND...]]]

6.12, amd64 and dmatrace stat unless given; "" is nobody.  A virtual machine makes such pairs, and
QEMU writes down the address of every instruction of some hundreds; pairs that an interrupt came
over are left out.
"""
import bisect
import collections
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOG_BYTES = 100e6       # some hundred thousand instructions
SECONDS = 120           # of waiting, at each step
GUEST = """
insmod /dmt_oracle.ko
cat >script <<'END'
echo bench 1000 256 >/dev/dmt_oracle
cat /proc/kallsyms >kallsyms
echo ready >/dev/console
echo bench 200000 256 >/dev/dmt_oracle
END
%s
"""


def wait(what, machine, happened):
    for _ in range(SECONDS * 20):
        if happened():
            return
        if machine.poll() is not None:
            sys.exit(f"instructions: the machine stopped before {what}")
        time.sleep(0.05)
    sys.exit(f"instructions: waited {SECONDS} s for {what}")


def text(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def record(kernel, arch, command, out):
    """Leaves out/log, of addresses, and out/pairs/kallsyms."""
    script, monitor, log = (os.path.join(out, name) for name in ("pairs.sh", "monitor", "log"))
    with open(script, "w") as file:
        file.write(GUEST % (command + " -- sh script" if command else "sh script"))
    machine = subprocess.Popen([
        f"{TESTS}/vm/boot.sh", "-i", "-c", "1", "-t", "600",
        "-q", f"-monitor unix:{monitor},server,nowait -D {log}",
        kernel, arch, "none", out, script], stderr=subprocess.PIPE, text=True)
    wait("the guest made pairs", machine, lambda: "ready" in text(f"{out}/console"))
    qemu = socket.socket(socket.AF_UNIX)
    qemu.connect(monitor)
    # one instruction at a time, and no jumps from one to the next that are not written down
    qemu.sendall(b"singlestep on\nlog exec,nochain\n")
    wait("QEMU wrote enough", machine, lambda: os.path.exists(log) and
         os.path.getsize(log) > LOG_BYTES)
    qemu.sendall(b"log none\nsinglestep off\n")
    if machine.wait():
        sys.exit("instructions: " + machine.stderr.read().strip())


def symbols(path):
    """Addresses of functions, ascending, and their names."""
    lines = (line.split() for line in open(path))
    return zip(*sorted((int(address, 16), name) for address, kind, name, *_ in lines
                       if kind in "tTwW"))


def pairs(addresses, first, end):
    """The pairs that took what most take: from one instruction of the caller's loop to the next."""
    seen = collections.Counter(a for a in addresses if first <= a < end)
    often = collections.Counter(seen.values()).most_common(1)[0][0]
    anchor = min(a for a in seen if seen[a] == often)
    at = [i for i, address in enumerate(addresses) if address == anchor]
    usual = collections.Counter(b - a for a, b in zip(at, at[1:])).most_common(1)[0][0]
    return [addresses[a:b] for a, b in zip(at, at[1:]) if b - a == usual]


def main():
    defaults = ["6.12", "amd64", "dmatrace stat"]
    kernel, arch, *words = sys.argv[1:] + defaults[len(sys.argv) - 1:]
    command = " ".join(words)
    subprocess.run([f"{TESTS}/vm/prepare.sh", f"{kernel}-{arch}"], check=True)
    with tempfile.TemporaryDirectory() as out:
        record(kernel, arch, command, out)
        starts, names = symbols(f"{out}/pairs/kallsyms")
        with open(f"{out}/log", errors="replace") as log:
            found = (re.match(r"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/", line) for line in log)
            addresses = [int(match[1], 16) for match in found if match]
    loop = names.index("cmd_bench")
    whole = pairs(addresses, starts[loop], starts[loop + 1])
    counts = collections.Counter(names[bisect.bisect_right(starts, address) - 1]
                                 for pair in whole for address in pair)
    print(f"{sum(counts.values()) // len(whole):6} a pair, of {len(whole)} with {kernel} {arch}"
          f" and {command or 'nobody'}")
    for name, count in counts.most_common():
        print(f"{count / len(whole):6.0f} {name}")


if __name__ == "__main__":
    main()
