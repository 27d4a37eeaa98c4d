#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# What mingw-w64's headers say about every name that ours have too: sizes, offsets, values, strings.
#
#   facts.py INCLUDE_DIR [NEWER_DIR] > windows.facts
#   facts.py INCLUDE_DIR --into windows.facts         adds what the file does not know yet
#
# A maintainer runs it when a header gets a new name; the committed file is what facts.sh checks our headers
# against, and facts.sh says when it lacks a function. It needs x86_64-w64-mingw32-gcc, gcc and objdump;  NEWER_DIR holds
# headers to take before those of the installed mingw-w64: windows.facts was made with version 10 and the
# security headers (bcrypt.h credssp.h ncrypt.h ntsecapi.h ntsecpkg.h ntstatus.h schannel.h security.h sspi.h
# wincrypt.h winerror.h wintrust.h) of its development branch of August 2026. Lines of the result:
#
#   include HEADER
#   size TYPE BYTES
#   field TYPE MEMBER OFFSET BYTES
#   value NAME NUMBER
#   text NAME "LITERAL"
#   wide NAME "LITERAL"
#   call NAME PROTOTYPE

import re
import subprocess
import sys
import tempfile
from pathlib import Path

MINGW = "x86_64-w64-mingw32-gcc"
GCC = "gcc"
# Programs that use the newer credentials define this; the rest opens what mingw hides by version.
DEFINES = ["-DSECURITY_WIN32", "-DSCHANNEL_USE_BLACKLISTS", "-D_SEC_WINNT_AUTH_TYPES"]
MINGW_DEFINES = ["-D_WIN32_WINNT=0x0A00", "-DWINVER=0x0A00", "-DNTDDI_VERSION=0x0A00000B",
                 "-DWIN32_NO_STATUS"]  # else windows.h has a few of ntstatus.h's values, and the two collide
# What winsock2.h only passes on is the system's own and may differ.
SYSTEM = ["sys/types.h", "sys/time.h", "sys/select.h", "sys/socket.h", "sys/ioctl.h", "netinet/in.h",
          "netinet/tcp.h", "arpa/inet.h", "netdb.h", "unistd.h", "errno.h", "wchar.h", "string.h",
          "stdlib.h", "stdio.h", "stddef.h", "stdint.h"]
# In this order, as in a program; and those that cannot be in one with them.
FIRST = ["winsock2.h", "windows.h", "ntstatus.h", "sspi.h"]
SKIP = {"winsock.h", "ntdef.h", "issper16.h"}
# What mingw's prototypes say, where only Windows' long and wchar_t mean the same.
SPELLING = [(r"\b(?<!long )long unsigned int\b", "ULONG"), (r"\b(?<!long )long int\b", "LONG"),
            (r"\bWINBOOL\b", "BOOL"), (r"\brsize_t\b", "size_t"), (r"\bwchar_t\b", "WCHAR")]


def run(command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def headers(include):
    ours = sorted(p.name for p in include.glob("*.h") if p.name == p.name.lower() and "include_next" not in p.read_text())
    known = run([MINGW, "-E", "-v", "-xc", "/dev/null"]).stderr
    system = [Path(d.strip()) for d in re.findall(r"^ (/\S+)$", known, re.M)]
    there = [h for h in ours if h not in SKIP and any((d / h).exists() for d in system)]
    return FIRST + [h for h in there if h not in FIRST]


def source(names):
    lines = "".join(f"#include <{n}>\n" for n in names)
    return lines.replace("#include <ntstatus.h>", "#undef WIN32_NO_STATUS\n#include <ntstatus.h>")


class Dwarf:
    """The types of an object file, by offset of their entry."""

    ENTRY = re.compile(r"^ <(\w+)><(\w+)>: Abbrev Number: \d+ \((DW_TAG_\w+)\)")
    ATTRIBUTE = re.compile(r"^    <\w+>\s+(DW_AT_\w+)\s*: (.*)$")

    def __init__(self, command, text):
        with tempfile.TemporaryDirectory() as folder:
            object_file = Path(folder) / "types.o"
            flags = ["-g", "-gdwarf-4", "-fno-eliminate-unused-debug-types", "-c", "-xc", "-"]
            done = run(command + flags + ["-o", str(object_file)], text)
            if done.returncode:
                sys.exit(done.stderr[:4000])
            tool = "x86_64-w64-mingw32-objdump" if command[0] == MINGW else "objdump"
            dump = run([tool, "--dwarf=info", str(object_file)]).stdout
        self.entries = {}
        self.read(dump)

    def read(self, dump):
        parents = {}
        entry = None
        for line in dump.splitlines():
            head = self.ENTRY.match(line)
            if head:
                depth, offset, tag = int(head[1], 16), int(head[2], 16), head[3]
                entry = {"tag": tag, "children": []}
                self.entries[offset] = entry
                parents[depth] = entry
                if depth > 0:
                    parents[depth - 1]["children"].append(entry)
                continue
            attribute = self.ATTRIBUTE.match(line)
            if attribute and entry is not None:
                value = attribute[2].strip()
                if attribute[1] == "DW_AT_name":
                    value = value.split("): ")[-1].strip()
                entry[attribute[1]] = value

    def type_of(self, entry):
        reference = re.match(r"<0x(\w+)>", entry.get("DW_AT_type", ""))
        return self.entries[int(reference[1], 16)] if reference else None

    def size(self, entry):
        if entry is None:
            return None
        if entry["tag"] == "DW_TAG_array_type":
            count = 1
            for child in entry["children"]:
                if "DW_AT_upper_bound" not in child:
                    return None
                count *= int(child["DW_AT_upper_bound"], 0) + 1
            element = self.size(self.type_of(entry))
            return None if element is None else element * count
        if "DW_AT_byte_size" in entry:
            return int(entry["DW_AT_byte_size"], 0)
        return self.size(self.type_of(entry))

    def named(self):
        """Typedef name -> structure or union; and every enumerator's value."""
        structures, enumerators = {}, {}
        for entry in self.entries.values():
            if entry["tag"] == "DW_TAG_enumerator":
                enumerators[entry["DW_AT_name"]] = int(entry["DW_AT_const_value"], 0)
            if entry["tag"] != "DW_TAG_typedef":
                continue
            target = self.type_of(entry)
            while target is not None and target["tag"] == "DW_TAG_typedef":
                target = self.type_of(target)
            if target is not None and target["tag"] in ("DW_TAG_structure_type", "DW_TAG_union_type"):
                if "DW_AT_byte_size" in target:
                    structures[entry["DW_AT_name"]] = target
        return structures, enumerators

    def names(self):
        """What all structures, unions and typedefs are called."""
        kinds = ("DW_TAG_structure_type", "DW_TAG_union_type", "DW_TAG_typedef")
        return {e.get("DW_AT_name") for e in self.entries.values() if e["tag"] in kinds} - {None}

    def fields(self, structure):
        for child in structure["children"]:
            if child["tag"] != "DW_TAG_member" or "DW_AT_bit_size" in child:
                continue
            if "DW_AT_name" in child:
                place = int(child.get("DW_AT_data_member_location", "0").split()[0], 0)
                yield child["DW_AT_name"], place, self.size(self.type_of(child))


def macros(command, text):
    """Object-like macros and what they stand for, before further expansion."""
    defined = run(command + ["-E", "-dM", "-xc", "-"], text).stdout
    return dict(re.findall(r"^#define (\w+) (.+)$", defined, re.M))


def expand(command, text, names):
    probe = text + "".join(f'"@{n}@" {n}\n' for n in names)
    out = run(command + ["-E", "-P", "-xc", "-"], probe).stdout
    return dict(re.findall(r'^"@(\w+)@" (.+)$', out, re.M))


def numbers(command, text, expansions):
    """The integer value of each name that stands for one, by the compiler."""
    names = list(expansions)
    first = text.count("\n") + 1
    while True:
        probe = text + "".join(f"unsigned long long v_{n} = (unsigned long long)({expansions[n]});\n" for n in names)
        done = run(command + ["-w", "-fmax-errors=0", "-S", "-o", "-", "-xc", "-"], probe)
        bad = {int(n) - first for n in re.findall(r"^<stdin>:(\d+):\d+: error", done.stderr, re.M)}
        if done.returncode == 0:
            break
        if not bad:
            sys.exit(done.stderr[:4000])
        names = [n for i, n in enumerate(names) if i not in bad]
    found = re.findall(r"^v_(\w+):\n\s+\.(quad|space|zero)\s+(-?\d+)$", done.stdout, re.M)
    values = {name: (int(number) if kind == "quad" else 0) for name, kind, number in found}
    return {n: values[n] for n in names if n in values}


def literal(expansion):
    parts = re.fullmatch(r'(L?)("(?:[^"\\]|\\.)*")', expansion.strip())
    return (("wide" if parts[1] else "text"), parts[2]) if parts else None


def type_facts(ours, theirs, system):
    own_types, own_enumerators = Dwarf(*ours).named()
    foreign = Dwarf(*system).names()
    dwarf = Dwarf(*theirs)
    types, enumerators = dwarf.named()
    for name in sorted(set(types) & set(own_types)):
        if {name, own_types[name].get("DW_AT_name")} & foreign:
            continue
        yield f"size {name} {dwarf.size(types[name])}"
        for member, offset, size in dwarf.fields(types[name]):
            yield f"field {name} {member} {offset} {size}"
    for name in sorted(set(enumerators) & set(own_enumerators)):
        yield f"value {name} {enumerators[name]}"


def prototypes(command, text):
    """Every function declared, as the compiler writes it, under the name a program uses for it."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "calls"
        run(command + ["-w", "-aux-info", str(output), "-S", "-o", "/dev/null", "-xc", "-"], text)
        lines = re.findall(r"^/\*.*\*/ extern (.+);$", output.read_text(), re.M)
    named = ((re.search(r"(\w+) \(", line), line) for line in lines)
    return {found[1].removeprefix("sspi_"): line for found, line in named if found}


def call_facts(ours, theirs, system):
    declared = prototypes(*theirs)
    names = set(declared) & set(prototypes(*ours)) - set(prototypes(*system))
    for name in sorted(names):
        prototype = declared[name]
        for theirs_say, meaning in SPELLING:
            prototype = re.sub(theirs_say, meaning, prototype)
        yield f"call {name} {prototype}"


def macro_facts(ours, theirs, system):
    common = set(macros(*ours)) & set(macros(*theirs)) - set(macros(*system))
    names = sorted(n for n in common if n[0] != "_")
    expansions = expand(*theirs, names)
    literals = {n: literal(e) for n, e in expansions.items()}
    values = numbers(*theirs, {n: e for n, e in expansions.items() if not literals[n]})
    for name in sorted(values):
        yield f"value {name} {values[name]}"
    for name in sorted(n for n in names if literals.get(n)):
        yield "{} {} {}".format(literals[name][0], name, literals[name][1])


def facts(include, newer):
    names = headers(include)
    ours = [GCC, f"-I{include}"] + DEFINES, source(names)
    theirs = [MINGW] + [f"-I{folder}" for folder in newer] + DEFINES + MINGW_DEFINES, source(names)
    system = [GCC, "-D_GNU_SOURCE"] + DEFINES, source(SYSTEM)

    yield from (f"include {name}" for name in names)
    yield from type_facts(ours, theirs, system)
    yield from macro_facts(ours, theirs, system)
    yield from call_facts(ours, theirs, system)


def blocks(lines):
    """Lines about one name: a structure's fields stay with its size. Key -> lines."""
    found = {}
    for line in lines:
        kind, name = line.split()[:2]
        found.setdefault(("size" if kind == "field" else kind, name), []).append(line)
    return found


def merged(known, fresh):
    """What is known stays as it is; a new name goes before the first of its kind that is greater."""
    keys = list(known)
    for key in [k for k in fresh if k not in known]:
        later = [i for i, k in enumerate(keys) if k[0] == key[0] and k[1] > key[1]]
        last = max((i + 1 for i, k in enumerate(keys) if k[0] == key[0]), default=len(keys))
        keys.insert(later[0] if later else last, key)
    return [line for key in keys for line in (known.get(key) or fresh[key])]


def main():
    include, rest = Path(sys.argv[1]), sys.argv[2:]
    if rest[:1] != ["--into"]:
        print("\n".join(facts(include, rest)))
        return
    path = Path(rest[1])
    known = blocks(path.read_text().splitlines())
    path.write_text("\n".join(merged(known, blocks(facts(include, [])))) + "\n")


main()
