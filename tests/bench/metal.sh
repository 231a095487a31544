#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tests/bench/metal works: in a virtual machine, so its figures are meaningless.

. tests/harness/tap.sh

metal=tests/bench/metal
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

quick() { timeout 200 $metal --quick --json "$tmp/metal.json" "$@" </dev/null; }
not_loaded() { [ ! -d /sys/module/kdtls ]; }
refuses() { ! quick >"$tmp/out" 2>&1 && not_loaded; }
# wrong WORDS OPTION...: it ends at once, and says so
wrong() {
	local words=$1
	shift
	! quick "$@" >"$tmp/out" 2>&1 && grep -q "$words" "$tmp/out"
}
errors() {
	wrong "'dtls' is not a path: kdtls, openssl" --path kdtls,dtls &&
		wrong "CPU 4000 is not there" --cpus 0,4000 &&
		wrong "start metal --server there first" --client 127.0.0.1
}
no_namespaces() { ! ip netns list | grep -q kdtls-metal; }

# has_figures PATHS BATCHES [LOADS]: each path with each of these, each size and cipher
has_figures() {
	python3 - "$tmp/metal.json" "$@" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
rows = report["results"]
paths, batches = sys.argv[2].split(","), sys.argv[3].split(",")
ciphers = ["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"]
for p in paths:
    mine = [r for r in rows if r["path"] == p]
    for what, wanted in (("batch", batches), ("bytes", [20, 64, 160, 256, 1400]),
                         ("cipher", ciphers if p != "udp" else [None])):
        got = {r[what] for r in mine}
        assert got == set(wanted), (p, what, got)
    if "load" in batches:
        got = {(r["peers"], r["rate"], r["bytes"]) for r in mine if r["peers"]}
        assert got == {(20, 200, 160)}, got
for r in rows:
    assert r["runs"] == 1 and r["cpu_ns"]["min"] > 0, r
    assert r["own_cpu_ns"]["min"] > 0, r
    if r["batch"] in ("rtt", "load"):
        p50, p99, p999 = (r[f + "_us"]["min"] for f in ("p50", "p99", "p999"))
        assert 0 < p50 <= p99 <= p999, r
    else:
        assert r["krecords_per_second"]["min"] > 0, r
    if r["batch"] != "rtt":
        assert r["lost"]["max"] < 0.5, r
assert {r["path"] for r in rows} == set(paths) and not report["failed"]
PYTHON
}
# Each end was where it had to be, and had no other CPU.
pinned() {
	python3 - "$tmp/metal.json" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
a, b = report["how"]["cpus"]
assert a != b and report["results"]
assert all(r["cpus"] == [a, b] for r in report["results"]), report["results"]
PYTHON
}
facts() {
	python3 - "$tmp/metal.json" <<'PYTHON'
import json, os, sys
report = json.load(open(sys.argv[1]))
m = report["machine"]
assert m["kernel"] == os.uname().release
assert m["cpu"]["virtual"] and m["cpu"]["emulated"]
assert m["mitigations"] and m["aead"] and m["libraries"]["openssl"]
assert m["device"]["name"] == "veth0", m["device"]
assert m["device"]["offload"]["generic-segmentation-offload"] == "on"
# no counter in a virtual machine: reported, and null
assert "cycle" in report["how"]["cycles"], report["how"]
assert all(not r["cycles"] for r in report["results"])
PYTHON
}
# The text has each table, and says that this is an emulator; --from repeats it.
text() {
	local words
	for words in 'report of tests/bench/metal' 'AN EMULATED CPU' \
		'^CPU: ' '^| cell | udp | kdtls | openssl | gnutls | kdtls is |' \
		'^| AES-128-GCM, 1, 20 ' '^| AES-128-GCM, rtt, 256 ' \
		'^| AES-128-GCM, 20 x 10/s, 160 ' 'end of the report' \
		'^What to do with it: paste' 'times a cell was judged: ahead'; do
		grep -q "$words" "$tmp/metal.txt" || { echo "no $words"; return 1; }
	done
	$metal --from "$tmp/metal.json" | cmp - "$tmp/metal.txt"
}
# Made-up figures: where ranges overlap it is a tie, else the medians' order.
verdicts() {
	python3 - <<'PYTHON'
import sys
sys.path.insert(0, "tests/bench")
import metaltext
def cell(*ranges):
    return {p: {"cpu_ns": dict(zip(("min", "median", "max"), r))}
            for p, r in zip(("kdtls", "openssl", "gnutls"), ranges)}
for wanted, ranges in (("ahead", ((1, 2, 3), (4, 5, 6), (5, 6, 7))),
                       ("tie", ((1, 2, 4), (4, 5, 6), (5, 6, 7))),
                       ("behind", ((5, 6, 7), (3, 4, 4), (8, 9, 9)))):
    got = metaltext.judge(cell(*ranges), "cpu_ns")[0]
    assert got == wanted, (got, wanted)
assert metaltext.judge(cell((1, 2, 3)), "cpu_ns") is None
PYTHON
}

rmmod kdtls
ok "does not load kdtls unasked" refuses
ok "runs in two namespaces, and loads kdtls with --load" quick --load
ok "each path has figures with each batch, size and cipher, and under load" \
	has_figures kdtls,openssl,gnutls,udp 1,mmsg,gso,rtt,load
ok "each end was pinned to a CPU of its own" pinned
ok "the machine is described, and that cycles are not counted" facts
ok "the text is there, and what to do with it" text
ok "verdicts on made-up figures" verdicts
ok "errors say what is wrong" errors
ok "no namespace is left" no_namespaces

# as between two machines
ip addr add 10.89.0.1/32 dev lo
$metal --server 10.89.0.1 >"$tmp/server" 2>&1 &
server=$!
listening() { (: <>/dev/tcp/10.89.0.1/7300) 2>/dev/null; }
for ((tries = 0; tries < 200; tries++)); do
	! listening || break
	sleep 0.1
done
ok "runs against a server" quick --client 10.89.0.1 --path kdtls
ok "kdtls has its figures" has_figures kdtls 1,mmsg,gso,rtt
kill "$server"
done_testing
