#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which folder of src/ may include which, which files may see a library, and who may print.

The first table is what a reader has to know.  src/FOLDER/README.md has a word on every file.  Which
functions call each other in a circle, lint `circles` says."""
import glob
import os
import re
import sys

# folder: the folders it may include, besides itself
FOLDERS = {
    "base":      "",
    "render":    "base",
    "kernel":    "base",
    "model":     "base kernel",
    "live":      "base kernel model",
    "recording": "base kernel model",
    "analysis":  "base kernel model recording",
    "report":    "base kernel model analysis",
    "session":   "base kernel model live recording analysis report render",
    "cmd":       "base kernel model live recording analysis report render session",
}

# a header, as a regex: the files that may include it, and why
ONLY = {
    r"bpf/(?!(dmatrace|hooks\.bpf|filter\.bpf)\.h).*":
        (r"live/.*|kernel/kernel_(probe|symbols)\.c", "libbpf"),
    r".*\.skel\.h":      (r"live/.*", "the skeleton"),
    r"sqlite3\.h":       (r"recording/.*", "SQLite"),
    r"yaml\.h":          (r"analysis/policy\.c", "libyaml"),
    r"microhttpd\.h":    (r"session/listen.*", "libmicrohttpd"),
    r"seccomp\.h":       (r"session/sandbox\.c", "libseccomp"),
    r"libsmartcols\.h":  (r"render/.*", "libsmartcols"),
    r"json-c/.*|json\.h": (r"render/.*|kernel/.*", "json-c"),
    r"gsl/.*":           (r"analysis/stats\.c", "GSL"),
    r"cmd/cmds\.h":      (r"cmd/.*|main\.c", "the list of commands"),
    r".*/[a-z]*_?private\.h": (None, "what others include"),      # its own folder
}

# These make values, and print nothing.
SILENT = ("report", "analysis", "model")
PRINTS = re.compile(r"(^|[^a-z_])(printf|puts|putchar|fputs|fprintf) ?\(|[^a-z_]stdout")

complaints = []


def complain(file, line, what):
    complaints.append(f"src/{file}:{line}: {what}")


def folder(path):
    return os.path.dirname(path)


def check_include(file, line, header):
    here, there = folder(file), folder(header)
    if there in FOLDERS and here and there != here and there not in FOLDERS[here].split():
        complain(file, line, f"{here}/ may not include {there}/")
    for pattern, (who, what) in ONLY.items():
        if not re.fullmatch(pattern, header):
            continue
        if here != there if who is None else not re.fullmatch(who, file):
            complain(file, line, f"{header}: {what} is not for this file")


def read_sources():
    """What each file includes of ours, after complaining of what it may not."""
    graph = {}
    for path in sorted(glob.glob("src/*.[ch]") + glob.glob("src/*/*.[ch]")):
        file = path[len("src/"):]
        if folder(file) not in FOLDERS and file != "main.c":
            complain(file, 1, "is in no folder of the table")
            continue
        graph[file] = []
        for number, text in enumerate(open(path), 1):
            header = re.match(r'#include ["<]([^">]+)[">]', text)
            if header:
                check_include(file, number, header[1])
                graph[file].append(header[1])
            elif folder(file) in SILENT and PRINTS.search(text):
                complain(file, number, "makes values, prints nothing")
    return graph


def check_circles(graph):
    """No header includes itself by way of others."""
    done, path = set(), []

    def visit(file):
        if file in path:
            circle = " > ".join(path[path.index(file):] + [file])
            complaints.append(f"src/: a circle of includes: {circle}")
        elif file not in done and file in graph:
            path.append(file)
            for other in graph[file]:
                visit(other)
            done.add(path.pop())

    for file in sorted(graph):
        visit(file)


def check_readmes(graph):
    for name in FOLDERS:
        try:
            text = open(f"src/{name}/README.md").read()
        except OSError:
            complaints.append(f"src/{name}/README.md: there is none")
            continue
        places = re.findall(r"[a-z_]+\*?\.[ch]", text)
        for file in graph:
            base = os.path.basename(file)[:-2]
            if folder(file) == name and not any(
                    re.fullmatch(p[:-2].replace("*", ".*"), base) for p in places):
                complaints.append(f"src/{name}/README.md: nothing on {base}.c or {base}.h")


graph = read_sources()
check_circles(graph)
check_readmes(graph)
print("\n".join(complaints))
sys.exit(bool(complaints))
