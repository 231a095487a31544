#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""prometheus.py FILE: is it the text exposition format, version 0.0.4?

Every sample has a HELP and a TYPE before it, samples of a name are adjacent,
none is duplicated, and a histogram's buckets grow up to its count."""

import re
import sys

SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(\{(?:[a-z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$')


def base(name, types):
    for end in ("_bucket", "_sum", "_count"):
        if name.endswith(end) and types.get(name[:-len(end)]) == "histogram":
            return name[:-len(end)]
    return name


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    assert text.endswith("\n"), "no newline at the end"
    types, helps, samples, order = {}, set(), {}, []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helps.add(line.split(" ", 3)[2])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, "TYPE twice: " + line
            types[name] = kind
        else:
            m = SAMPLE.match(line)
            assert m, "no sample: " + line
            name = base(m[1], types)
            assert name in types and name in helps, "not described: " + line
            assert m[1] + (m[2] or "") not in samples, "twice: " + line
            samples[m[1] + (m[2] or "")] = float(m[3])
            if not order or order[-1] != name:
                assert name not in order, "not together: " + line
                order.append(name)
            if types[name] == "counter":
                assert name.endswith("_total"), "no _total: " + line
    assert samples, "nothing in it"
    for name in (n for n, kind in types.items() if kind == "histogram"):
        grow = [v for k, v in samples.items() if k.startswith(name + "_bucket")]
        assert grow == sorted(grow) and grow[-1] == samples[name + "_count"]


main()
