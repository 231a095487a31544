#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tests/bench/metal works: in a virtual machine, so its figures are meaningless.

. tests/harness/tap.sh

metal=tests/bench/metal
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
short="--seconds 0.3 --repeat 2 --bytes 1400 --json $tmp/metal.json"

not_loaded() { [ ! -d /sys/module/kdtls ]; }
# shellcheck disable=SC2086 # words
refuses() { ! $metal $short </dev/null >"$tmp/out" 2>&1 && not_loaded; }
no_namespaces() { ! ip netns list | grep -q kdtls-metal; }
# shellcheck disable=SC2086 # words
grid() { timeout 200 $metal $short --load "$@" </dev/null; }

# has_cells PATHS BATCHES SIZES: all of them, with the expected members
has_cells() {
	python3 - "$tmp/metal.json" "$@" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
wanted = {(p, b, int(s)) for p in sys.argv[2].split(",")
          for b in sys.argv[3].split(",") for s in sys.argv[4].split(",")}
rows = {(r["path"], r["batch"], r["bytes"]): r for r in report["results"]}
assert set(rows) == wanted, set(rows) ^ wanted
for (p, b, s), r in rows.items():
    assert r["runs"] == 2, r
    if b == "rtt":
        assert 0 < r["p50_us"]["min"] <= r["p99_us"]["max"], r
    else:
        assert r["records_per_second"]["min"] > 0, r
        assert r["lost"]["median"] < 0.5, r
PYTHON
}
facts() {
	python3 - "$tmp/metal.json" <<'PYTHON'
import json, os, sys
report = json.load(open(sys.argv[1]))
m = report["machine"]
assert m["kernel"] == os.uname().release and m["cpu"]["virtual"]
assert m["mitigations"] and m["aead"] and m["libraries"]["openssl"]
assert m["device"]["name"] == "veth0", m["device"]
assert m["device"]["offload"]["generic-segmentation-offload"] == "on"
# no counter in a virtual machine: reported, and null
assert "cycle" in report["how"]["cycles"], report["how"]
assert all(r["cycles"] is None for r in report["results"])
PYTHON
}

rmmod kdtls
ok "does not load kdtls unasked" refuses
ok "runs the grid in two namespaces, and loads kdtls with --load" grid
ok "every cell of it is there" \
	has_cells kdtls,openssl,udp 1,mmsg,gso,rtt 1400
ok "the machine is described, and that cycles are not counted" facts
ok "no namespace is left" no_namespaces

# as between two machines
ip addr add 10.89.0.1/32 dev lo
$metal --server 10.89.0.1 >"$tmp/server" 2>&1 &
server=$!
ok "runs the grid against a server" grid --client 10.89.0.1 --path kdtls,gnutls
ok "every cell of it is there" has_cells kdtls,gnutls 1,mmsg,gso,rtt 1400
kill "$server"
done_testing
