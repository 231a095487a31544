# SPDX-License-Identifier: GPL-2.0
"""The text of a report of tests/bench/metal: tables in Markdown, and a verdict
for each cell."""

RIVALS = ["openssl", "gnutls"]
LINE = "-" * 20
WHAT_TO_DO = """\
What to do with it: paste all between the lines into an issue of the project,
titled "metal: " and the CPU, and attach {json} (it has the
ranges, and the kernel's command line: look at it first). Say how idle the machine
was. The same text comes from: tests/bench/metal --from {json}"""


def judge(cells, figure):
    """Of one cell by path: a word, and kdtls by the best of its rivals. None: a
    figure is missing."""
    got = {p: cells[p][figure] for p in ["kdtls"] + RIVALS
           if p in cells and cells[p].get(figure)}
    ours = got.pop("kdtls", None)
    if not ours or not got:
        return None
    best = min(got.values(), key=lambda r: r["median"])
    ratio = ours["median"] / best["median"]
    if ours["max"] < min(r["min"] for r in got.values()):
        return "ahead", ratio
    return ("behind" if ours["min"] > best["max"] else "tie"), ratio


def by_cell(results):
    """Paths by cell; udp, which has no cipher, is in all of them."""
    cells = {}
    for r in results:
        if r["cipher"]:
            key = r["cipher"], r["batch"], r["bytes"], r["peers"], r["rate"]
            cells.setdefault(key, {})[r["path"]] = r
    for r in results:
        for key, paths in cells.items():
            if not r["cipher"] and key[1:] == (r["batch"], r["bytes"],
                                               r["peers"], r["rate"]):
                paths[r["path"]] = r
    return cells


def median(result, *figures):
    """Medians of these figures, with how many decimals, as one word."""
    if result is None:
        return "-"
    return " / ".join("-" if not result.get(f) else
                      f"{result[f]['median']:,.{digits}f}"
                      for f, digits in figures)


def label_of(key):
    cipher, batch, size, peers, rate = key
    if peers:
        batch = f"{peers:,} x {rate / peers:,.0f}/s"
    return f"{cipher}, {batch}, {size:,}"


class Text:
    def __init__(self, document):
        self.results = document["results"]
        self.machine = document["machine"]
        self.how = document["how"]
        self.failed = document["failed"]
        self.paths = [p for p in ["udp", "kdtls"] + RIVALS
                      if any(r["path"] == p for r in self.results)]
        self.counts = {"ahead": [], "tie": [], "behind": []}
        self.lines = []

    def cost(self):
        counted = any(r.get("cycles") for r in self.results)
        return "cycles" if counted else "cpu_ns"

    def table(self, name, wanted, judged, figures):
        """Of the cells that are wanted, one row each."""
        rows = []
        for key, paths in by_cell(self.results).items():
            if not wanted(key[1]):
                continue
            words = [label_of(key)] + [median(paths.get(p), *figures)
                                       for p in self.paths]
            rows.append("| " + " | ".join(words) +
                        f" | {self.verdict(key, paths, judged)} |")
        if rows:
            self.lines += ["", name, "", "| cell | " + " | ".join(self.paths) +
                           " | kdtls is |", "|---" + "|--:" * len(self.paths) +
                           "|---|"] + rows

    def verdict(self, key, paths, judged):
        """As a word, and counted."""
        found = judge(paths, judged)
        if not found:
            return "-"
        self.counts[found[0]].append(
            f"{label_of(key)}: {found[1]:.2f} ({judged})")
        return f"{found[0]} ({found[1]:.2f})"

    def head(self):
        m, cpu = self.machine, self.machine["cpu"]
        bugs = [b for b, state in m["mitigations"].items()
                if state and "Mitigation" in state]
        offload = m["device"]["offload"] or {}
        return [
            f"kdtls {m['kdtls']}, Linux {m['kernel']}, {m['date']}",
            f"CPU: {cpu['model']}, {cpu['online']} online, SMT {cpu['smt']}, "
            f"governor {cpu['governor']}, boost {cpu['boost']}, "
            f"no_turbo {cpu['no_turbo']}",
            f"ends: {self.how['ends']}, on CPU {self.how['cpus'][0]} and "
            f"{self.how['cpus'][-1]}{self.how['cpus_note']}",
            f"device: {m['device']['driver'] or m['device']['name']}, MTU "
            f"{m['device']['mtu']}; off: " + (", ".join(sorted(
                n for n, state in offload.items() if n in (
                    "tx-udp-segmentation", "generic-segmentation-offload",
                    "generic-receive-offload", "tx-checksumming") and
                state.startswith("off"))) or "none"),
            f"AES-GCM of the kernel: {m['aead']}; OpenSSL "
            f"{m['libraries']['openssl']}, GnuTLS {m['libraries']['gnutls']}",
            f"mitigated: {', '.join(bugs) or 'nothing'}",
            f"each cell {self.how['repeat']} x {self.how['seconds']:.2f} s in "
            f"turns, {self.how['load_seconds']:.1f} s under load; cycles: "
            f"{self.how['cycles']}"]

    def warnings(self):
        cpu, found = self.machine["cpu"], []
        if cpu["emulated"]:
            found.append("AN EMULATED CPU: these are no figures of real hardware; "
                         "they show that the script works")
        elif cpu["virtual"]:
            found.append("a virtual machine "
                         f"({cpu['hypervisor'] or 'unknown hypervisor'}): its "
                         "neighbours' load is in the figures")
        if self.how["quick"]:
            found.append("--quick: a few cells, once and briefly: no figures to "
                         "report")
        if self.how["interrupted"]:
            found.append("interrupted: not all of it was measured")
        if self.failed:
            found.append(f"{len(self.failed)} cells failed: " +
                         "; ".join(self.failed))
        if any((r.get("late") or {"max": 0})["max"] > 0.01
               for r in self.results):
            found.append("under load the client itself was late for more than 1 % "
                         "of the records in some runs: its own delay is in the "
                         "latencies")
        return ["WARNING: " + w for w in found]

    def tables(self):
        cost = self.cost()
        unit = "cycles" if cost == "cycles" else "ns of CPU time"
        self.table(f"A record, both ends together: {unit} / 1,000 records a second; "
                   "kdtls is judged by the first. Cell: cipher, batch, bytes",
                   lambda b: b not in ("rtt", "load"), cost,
                   [(cost, 0), ("krecords_per_second", 1)])
        self.table("A round trip of an idle pair: p50 / p99 / p99.9, microseconds; "
                   "judged by p50", lambda b: b == "rtt", "p50_us",
                   [("p50_us", 1), ("p99_us", 1), ("p999_us", 1)])
        self.table("One server socket under load, peers x records a second of each: "
                   "ns of the server's CPU an echo; judged by it",
                   lambda b: b == "load", "cpu_ns", [("cpu_ns", 0)])
        self.table("... and p50 / p99 / p99.9 from the time a record was due to its "
                   "echo, microseconds; judged by p99", lambda b: b == "load",
                   "p99_us", [("p50_us", 1), ("p99_us", 1), ("p999_us", 1)])
        self.table("... and the percentage of echoes that did not come",
                   lambda b: b == "load", "none", [("lost_percent", 2)])

    def answer(self):
        """Ranges of the turns decide: where they overlap it is a tie."""
        words = ["", "kdtls beside the better of OpenSSL and GnuTLS (batches mmsg and "
                 "gso made by hand), times a cell was judged: " + ", ".join(
                     f"{k} {len(v)}" for k, v in self.counts.items())]
        return words + [f"- behind: {b}" for b in self.counts["behind"]]

    def write(self, json_name):
        self.tables()
        return "\n".join(
            [f"{LINE} report of tests/bench/metal {LINE}"] + self.warnings() +
            self.head() + self.answer() + self.lines +
            [f"{LINE} end of the report {LINE}",
             WHAT_TO_DO.format(json=json_name)]) + "\n"
