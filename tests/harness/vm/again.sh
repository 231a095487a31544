#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/harness/vm/run with a QEMU that ends before the job began, as an emulated
# processor that resets itself early does: another machine, three at most.

set -u
. "$KDTLS_TOP/tests/harness/tap.sh"

bin=$KDTLS_OUT/bin
log=$KDTLS_OUT/log
mkdir -p "$bin"
real=$(command -v qemu-system-x86_64)
cat >"$bin/qemu-system-x86_64" <<END
#!/bin/bash
echo start >>"$KDTLS_OUT/starts"
[ "\$(wc -l <"$KDTLS_OUT/starts")" -gt "\$LOST" ] || exit "\$LOST_STATUS"
exec "$real" "\$@"
END
chmod +x "$bin/qemu-system-x86_64"

run() { # LOST STATUS COMMAND...: its status, output in log, machines in starts
	rm -f "$KDTLS_OUT/starts"
	LOST=$1 LOST_STATUS=$2 PATH=$bin:$PATH \
		"$KDTLS_TOP/tests/harness/vm/run" --no-load --timeout 100 \
		--out "$KDTLS_OUT" -- "${@:3}" >"$log" 2>&1
	status=$?
	starts=$(wc -l <"$KDTLS_OUT/starts")
}

run 1 0 sh -c 'echo it ran; exit 7'
is "a machine that is lost before the job: its status is the job's" "$status" 7
is "... by a second machine" "$starts" 2
ok "... which is said" grep -q "ended before it began (QEMU's status 0); another one" "$log"
is "... and the job ran once" "$(grep -c '^it ran' "$log")" 1
run 9 139 true
is "one that is lost each time: status 98" "$status" 98
is "... after three" "$starts" 3
done_testing
rc=$?
rm -rf "$bin" "$log" "$KDTLS_OUT"/{starts,vm-*}
exit $rc
