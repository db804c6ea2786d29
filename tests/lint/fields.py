#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every field and enumerator of vmlinux/kernel.h and bpf/arch is one of a kernel we support: the
BTF of the kernels in the VM laboratory's cache says so."""
import glob
import os
import re
import shutil
import subprocess
import sys


def skip(why):
    print(why)
    sys.exit(77)


def wanted(text):
    """(type, member) pairs; a flavour, NAME___SUFFIX, is the kernel's NAME."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for m in re.finditer(r"(struct|enum) (\w+) \{(.*?)\n\}(?: __attr[^;]*)?;", text,
                         re.S):
        name = m[2].split("___")[0]
        for member in re.split(r"[;,]", m[3]):
            words = re.sub(r"\[\d+\]|:\d+|= *\d+", "", member).strip()
            if words:
                yield name, re.findall(r"\w+", words)[-1]


def kernel_types(path):
    """Type id -> (name, members); and the ids of each name.  A member is a name and a type id."""
    out = subprocess.run([bpftool, "btf", "dump", "file", path], capture_output=True, text=True,
                         check=True).stdout
    types, ids, members = {}, {}, None
    for line in out.split("\n"):
        if line.startswith("["):
            m = re.match(r"\[(\d+)\] (?:STRUCT|UNION|ENUM|ENUM64) '([^']*)'", line)
            members = m and types.setdefault(m[1], [])
            if m:
                ids.setdefault(m[2], []).append(m[1])
        elif members is not None:
            m = re.match(r"\t'([^']*)' (?:type_id=(\d+)|val=)", line)
            if m:
                members.append((m[1], m[2]))
    return types, ids


def members_of(types, type_id):
    """What is in a nameless member is in the type around it."""
    for name, inner in types.get(type_id, []):
        if name == "(anon)":
            yield from members_of(types, inner)
        else:
            yield name


bpftool = shutil.which("bpftool") or "/usr/sbin/bpftool"
cache = os.environ.get("DMATRACE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "dmatrace")
files = sorted(glob.glob(os.path.join(cache, "kernels", "*", "*btf*")))
if not os.path.exists(bpftool):
    skip("bpftool is not installed")
if not files:
    skip("no kernel's BTF in the cache; tests/vm/fetch.sh gets them")
DESCRIBED = ["vmlinux/kernel.h", *sorted(glob.glob("bpf/arch/*.h"))]
# Debian's kernels are built without it: those of tests/vm/custom.sh have it, where they are
BUILT = {("io_tlb_mem", "transient_nslabs")}
missing = {field for path in DESCRIBED for field in wanted(open(path).read())}
if not any("/custom-" in path for path in files):
    missing -= BUILT
if not missing:
    sys.exit(f"{DESCRIBED}: no fields found")
for path in files:
    types, ids = kernel_types(path) if missing else ({}, {})
    missing = {(name, member) for name, member in missing
               if all(member not in members_of(types, i) for i in ids.get(name, []))}
for name, member in sorted(missing):
    print(f"{', '.join(DESCRIBED)}: no supported kernel has {name}.{member}")
sys.exit(len(missing) > 0)
