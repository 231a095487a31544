# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# end_session LEADER [FROM]: kills what is left of a session, as "pkill -9 -s LEADER"
# would, but starts no program. Processes with ids below FROM are spared.

end_session() {
	local p stat from=${2:-$1}

	read -r stat </proc/loadavg
	# ids began again at the bottom: any may be one of them
	[ "${stat##* }" -ge "$from" ] || { pkill -9 -s "$1"; return; }
	for p in /proc/[0-9]*; do
		p=${p#/proc/}
		[ "$p" -ge "$from" ] || continue
		stat=
		{ read -r -d '' stat <"/proc/$p/stat"; } 2>/dev/null
		# behind the name, which may have blanks: state, parent, group, session
		# shellcheck disable=SC2086 # words
		set -- "$1" ${stat##*) }
		[ "${5:-}" != "$1" ] || kill -9 "$p" 2>/dev/null
	done
	return 0
}
