# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# want WHAT COMMAND...: "ok WHAT" or "not WHAT", with the end of what it printed
# own: the packages' files that are there

want() {
	if "${@:2}" >/tmp/said 2>&1; then
		echo "ok $1"
	else
		echo "not $1"
		tail -n 15 /tmp/said | sed 's/^/# /'
	fi
}

own() {
	find /etc /usr /lib /var/lib/dkms /var/lib/systemd -iname '*kdtls*' -o \
		-iname '*dtls-handshaked*' -o -iname 'dtlsc*' -o -iname dtlswrap |
		grep -v '/root/\|^/usr/share/doc' | sort
}
