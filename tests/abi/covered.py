#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Which test has a success of each exported function, and which a refusal: read off the tests' sources.
#
#   covered.py TOP            the index: FUNCTION SUCCESS_IN REFUSAL_IN, each a file of tests/ or -
#   covered.py TOP --check    what is missing from it, but for what covered.txt says cannot be there
#   covered.py TOP FUNCTION   where the function is called, and what each place was taken for
#
# A call counts by the statement it stands in, which compares its result with a status, says that it is true or false, or
# puts it into a variable that a later statement compares. A function of the tests that returns the result, or compares it
# with something of its caller's, stands for the call: then the statements that call it count. Where a row of a table has
# the status, the table counts. That is an estimate by the shape of the text, as good as the tests' style is even. A function
# that returns nothing needs only to be called.

import collections
import re
import sys
from pathlib import Path

FOLDERS = ["unit", "integration", "interop", "lib", "abi"]

# Codes of failures, and what is asserted of results without a code.
REFUSED = re.compile(
    r"\bSEC_E_(?!OK\b)[A-Z]|\b(?:CRYPT_E|CERT_E|TRUST_E|NTE|E|OSS)_[A-Z]|\bSTATUS_(?!SUCCESS\b)[A-Z]"
    r"|\bERROR_(?!SUCCESS\b)[A-Z]|\bck_assert\( *!|\bassert_false\(|_ptr_null\(|== *NULL\b|== *FALSE\b|\bFAILS?\(|\brefus"
    r"|int_eq\(.*, *(?:FALSE|false|0)\)$|int_ne\(.*, *SEC_E_OK\)$|int_lt\(.*, *0\)$|== *0\b|\bSCHANNEL_E|< 0\b")
ACCEPTED = re.compile(
    r"\bSEC_E_OK\b(?!\)$)|eq\(.*\bSEC_E_OK\)$|_status\(.*\bSEC_E_OK\)$|\bSEC_I_[A-Z]|\bSTATUS_SUCCESS\b|\bERROR_SUCCESS\b"
    r"|\bck_assert\( *[^! ]|\bck_assert_msg\( *[^! ]|_ptr_nonnull\(|!= *NULL\b|\bOK\(|\bassert_true\(|_ptr_eq\(|>= *0\b"
    r"|int_eq\(.*, *(?:TRUE|true|1)\)$|uint_(?:eq|ne|gt|ge)\(|str_eq\(|int_ne\(.*, *0\)$|int_g[et]\(.*, *0\)$")


def strip(text):
    """Without comments, with empty strings, and with one line for each directive's worth of nothing."""
    text = re.sub(r"\\\n", " ", text)
    text = re.sub(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'',
                  lambda m: ('""' if m.group(0)[0] == '"' else "0" if m.group(0)[0] == "'" else " "), text, flags=re.S)
    return re.sub(r"^[ \t]*#.*$", "", text, flags=re.M)


class Function:
    def __init__(self, path, name, static, head, body):
        self.path, self.name, self.static, self.head = path, name, static, head
        self.statements = [re.sub(r"\s+", " ", s).strip() for s in re.split(r"[;{}]", body)]
        self.statements = [s for s in self.statements if s]


def parse(path, text):
    """The functions of a file, and the initializers of its tables by name."""
    functions, tables, depth, start, head, begin = [], {}, 0, 0, "", 0
    for at, c in enumerate(text):
        if c == "{":
            if depth == 0:
                head, begin = text[start:at], at + 1
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0:
                body = text[begin:at]
                flat = re.sub(r"\s+", " ", head).strip()
                test = re.search(r"START_TEST\((\w+)\)$", flat)
                named = test or re.search(r"(\w+) ?\([^()]*(?:\([^()]*\)[^()]*)*\)$", flat)
                if "=" in flat.split("(")[0] or not named:
                    name = re.search(r"(\w+)(?: ?\[[^]]*\])* ?=$", flat) or re.search(r"\} ?(\w+)", flat)
                    if name:
                        tables[name.group(1)] = body
                    else:
                        start = at + 1
                        # "static const struct { members } rows[] = { ... };": the table comes next
                        continue
                else:
                    functions.append(Function(path, named.group(1), "static" in flat or bool(test), flat, body))
                start = at + 1
        elif c == ";" and depth == 0:
            start = at + 1
    # Arrays of an anonymous structure, whose braces the walk above has passed one by one.
    for m in re.finditer(r"(\w+)\[[^]]*\] *= *\{(.*?)\n?\};", text, re.S):
        tables[m.group(1)] = m.group(2)
    return functions, tables


def classes(statement):
    return (("success",) if ACCEPTED.search(statement) else ()) + (("refusal",) if REFUSED.search(statement) else ())


def truths(row):
    """What a row of a table says that has no status, but true or false."""
    return tuple({"true": "success", "false": "refusal"}[w.lower()] for w in re.findall(r"\b(?:true|false|TRUE|FALSE)\b", row))


def assigned(statement, at):
    """The variable or member that takes the result of the call at this place, if one does."""
    m = re.search(r"(?:[\w\])]+(?:\.|->))*(\w+)(?:\[[^]]*\])? = (?:[^=;]*[?:(] ?)?(?:\([^()]*\) ?)?$", statement[:at])
    return m.group(1) if m else None


class Survey:
    def __init__(self, top):
        self.functions, self.tables = [], {}
        for folder in FOLDERS:
            for path in sorted((top / "tests" / folder).glob("*.c")):
                functions, tables = parse(f"{folder}/{path.name}", strip(path.read_text()))
                self.functions += functions
                self.tables[f"{folder}/{path.name}"] = tables
        self.by_word = collections.defaultdict(list)
        for f in self.functions:
            for i, s in enumerate(f.statements):
                for word in set(re.findall(r"\w+", s)):
                    self.by_word[word].append((f, i))

    def judge(self, f, i, at, depth):
        """What the result of the call in statement i at offset at is expected to be; wrappers are followed."""
        statement = f.statements[i]
        known = classes(statement)
        variable = assigned(statement, at)
        returned = re.match(r"return\b", statement)
        if known and not returned:
            return known
        if variable:
            later = [s for s in f.statements[i + 1:i + 9] if re.search(rf"\b{variable}\b", s)]
            result = tuple(c for s in later for c in classes(s))
            if result:
                return result
            if any(re.match(rf"return\b.*\b{variable}\b", s) for s in later) or (later and not result):
                return self.callers(f, depth)
            return self.member(f, variable)
        words = set(re.findall(r"\w+", statement))
        words |= {m.group(2) for s in f.statements for m in re.finditer(r"\b(\w+) = &?(\w+)\b", s) if m.group(1) in words}
        for name, rows in self.tables[f.path].items():
            if name in words:
                result = tuple(c for r in re.split(r"\}", rows) for c in classes("x(" + r) or truths(r))
                if result:
                    return result
        if returned or re.search(r"assert|expect|status|FAIL|OK\(|if \(|while \(", statement):
            return self.callers(f, depth)
        return ()

    def member(self, f, variable):
        """A member of a structure: what any test of the tests says of it."""
        return tuple(c for g, i in self.by_word[variable] for c in classes(g.statements[i])
                     if re.search(rf"(?:\.|->){variable}\b", g.statements[i]) and g is not f)

    def callers(self, f, depth):
        if depth == 0:
            return ()
        result = ()
        for g, i in self.by_word[f.name]:
            if g is f or (f.static and g.path != f.path):
                continue
            for m in re.finditer(rf"\b{f.name} ?\(", g.statements[i]):
                result += self.judge(g, i, m.start(), depth - 1)
        return result

    def places(self, name):
        """Each call of an exported function: (file, caller, statement, classes)."""
        words = [name] + ([name[:-1]] if name.endswith("A") else [])
        for word in words:
            for f, i in self.by_word[word]:
                statement = f.statements[i]
                for m in re.finditer(rf"\b{word}\b", statement):
                    yield f, statement, self.judge(f, i, m.start(), 4)


def exports(top):
    """The names of the version script, and sspi_ functions but for those that windows.h's names are macros for."""
    text = "".join(path.read_text() for path in (top / "include/sspi").glob("*.h"))
    behind = set(re.findall(r"^#define +\w+(?:\([^)]*\))? +(?:SSPI_AW\()?(sspi_\w+)", text, re.M))
    names = set(re.findall(r"^ +(\w+);$", (top / "src/libsspi.map").read_text(), re.M))
    return sorted(names | {name for name in re.findall(r"\b(sspi_[a-z0-9_]+)\(", strip(text)) if name not in behind})


def returns_nothing(top):
    """Functions that the headers declare as void."""
    text = " ".join(strip(p.read_text()) for p in sorted((top / "include/sspi").glob("*.h")))
    return set(re.findall(r"\b(?:void|VOID)\s+(?:WINAPI\s+|SEC_ENTRY\s+)?(\w+)\(", text))


def index(top):
    """For each function the tests with a success, with a refusal, with any call: those with the most come first."""
    survey = Survey(top)
    for name in exports(top):
        where = {"success": collections.Counter(), "refusal": collections.Counter(), "called": collections.Counter()}
        for f, _, result in survey.places(name):
            for c in {"called", *result}:
                where[c][f.path] += 1
        yield name, {c: [path for path, _ in count.most_common()] for c, count in where.items()}


def excused(top):
    """NAME KIND REASON of covered.txt: what a function cannot have, or has where this program does not see it."""
    lines = (line.split(maxsplit=2) for line in (top / "tests/abi/covered.txt").read_text().splitlines() if line[:1] not in ("#", ""))
    return {(name, kind): reason for name, kind, reason in lines}


def check(top):
    void, excuses = returns_nothing(top), excused(top)
    for name, where in index(top):
        if not where["called"]:
            print(f"{name}: no test calls it")
        elif name not in void:
            for kind in ("success", "refusal"):
                if not where[kind] and (name, kind) not in excuses:
                    print(f"{name}: no test has a {kind} of it")
        for kind in ("success", "refusal"):
            if (where[kind] or name in void) and (name, kind) in excuses:
                print(f"covered.txt: {name} {kind}: is not needed")
            excuses.pop((name, kind), None)
    for name, kind in excuses:
        print(f"covered.txt: {name} {kind}: is not exported")


def main():
    top = Path(sys.argv[1])
    if sys.argv[2:] == ["--check"]:
        check(top)
    elif sys.argv[2:]:
        for f, statement, result in Survey(top).places(sys.argv[2]):
            print(f"{f.path}: {f.name}: {' '.join(sorted(set(result))) or 'called'}: {statement[:120]}")
    else:
        void = returns_nothing(top)
        for name, where in index(top):
            done = where["success"] or (where["called"] if name in void else [])
            print(name, *(files[0] if files else "-" for files in (done, where["refusal"])))


main()
