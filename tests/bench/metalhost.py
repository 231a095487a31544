# SPDX-License-Identifier: GPL-2.0
"""The machine of tests/bench/metal: its conditions, its CPUs, its counters."""

import glob
import os
import platform
import re
import shutil
import subprocess

EVENTS = ["cycles", "instructions"]
CPUS = "/sys/devices/system/cpu"


def output(*cmd):
    """The output of a command, empty if it fails."""
    try:
        return subprocess.run(cmd, check=False, capture_output=True,
                              text=True).stdout.strip()
    except FileNotFoundError:
        return ""


def content(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read().strip()
    except OSError:
        return None


def cpu_info():
    text = content("/proc/cpuinfo") or ""
    names = re.findall(r"^model name\s*: (.*)$", text, re.M)
    model = names[0] if names else platform.machine()
    return {"model": model, "online": os.cpu_count(),
            "smt": content(f"{CPUS}/smt/active"),
            "governor": content(f"{CPUS}/cpu0/cpufreq/scaling_governor"),
            "boost": content(f"{CPUS}/cpufreq/boost"),
            "no_turbo": content(f"{CPUS}/intel_pstate/no_turbo"),
            "virtual": bool(re.search(r"^flags.*\bhypervisor\b", text, re.M)),
            "hypervisor": output("systemd-detect-virt", "--vm") or None,
            "emulated": "QEMU TCG" in model}


def pick_cpus():
    """One for each end: the fastest, of two cores of one package where there are;
    the first CPU, which often has the interrupts, last."""
    def number(cpu, what):
        return int(content(f"{CPUS}/cpu{cpu}/{what}") or 0)

    def package(cpu):
        return number(cpu, "topology/physical_package_id")

    def core(cpu):
        return package(cpu), number(cpu, "topology/core_id")

    def slower(cpu):
        return -number(cpu, "cpufreq/cpuinfo_max_freq"), cpu == 0, cpu
    left = sorted(os.sched_getaffinity(0), key=slower)
    first = left.pop(0)
    left.sort(key=lambda c: (core(c) == core(first),
                             package(c) != package(first), slower(c)))
    return [first] + left[:1]


def same_core(cpus):
    siblings = content(f"{CPUS}/cpu{cpus[0]}/topology/thread_siblings_list")
    return str(cpus[-1]) in re.split("[,-]", siblings or "")


def gcm_driver():
    """The one with the highest priority is used."""
    best = (-1, None)
    for block in (content("/proc/crypto") or "").split("\n\n"):
        field = dict(re.findall(r"^(\w+)\s*: (.*)$", block, re.M))
        if field.get("name") == "gcm(aes)":
            best = max(best, (int(field["priority"]), field["driver"]))
    return best[1]


def device(prefix, name):
    def words(*option):
        return dict(re.findall(r"^([\w-]+): (.*)$",
                               output(*prefix, "ethtool", *option, name), re.M))
    return {"name": name, "offload": words("-k") or None,
            "mtu": (re.findall(r"\bmtu (\d+)", output(
                *prefix, "ip", "link", "show", "dev", name)) or [None])[0],
            "driver": words("-i").get("driver")}


def conditions():
    vulnerabilities = sorted(glob.glob(f"{CPUS}/vulnerabilities/*"))
    return {"kernel": platform.release(), "cpu": cpu_info(),
            "command_line": content("/proc/cmdline"),
            "mitigations": {os.path.basename(f): content(f)
                            for f in vulnerabilities},
            "aead": gcm_driver()}


class Counter:
    """perf stat -a around a command, if this machine can count cycles."""

    def __init__(self):
        self.why = None
        if not shutil.which("perf"):
            self.why = "perf is not installed"
        elif self.run(["true"], 60)[1]["cycles"] is None:
            self.why = "perf has no cycle counter here (a virtual machine?)"

    def run(self, cmd, limit, cpu=None):
        """What it did, run on this CPU, and events by name; None: not counted."""
        def pin():
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})
        events = dict.fromkeys(EVENTS)
        with open(os.memfd_create("perf"), "r+", encoding="utf-8") as f:
            if not self.why:
                cmd = ["perf", "stat", "-a", "-x,", "-e", ",".join(EVENTS),
                       "-o", f"/dev/fd/{f.fileno()}", "--"] + cmd
            done = subprocess.run(cmd, check=False, text=True, timeout=limit,
                                  pass_fds=[f.fileno()], stdout=subprocess.PIPE,
                                  preexec_fn=pin)
            for line in f:
                part = line.split(",")
                if len(part) > 2 and part[0].isdigit():
                    events[part[2].split(":")[0]] = int(part[0])
        return done, events
