# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of dtlscat, dtlsctl, dtlswrap and dtls-handshaked. Options and
# commands are those that --help lists; installed under the name of each program.

_kdtls_options()
{
	"$1" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
}

# ids of the associations of this network namespace; needs CAP_NET_ADMIN
_kdtls_ids()
{
	dtlsctl --json show 2>/dev/null | grep -oE '"id": *[0-9]+' |
		grep -oE '[0-9]+'
}

_kdtls()
{
	local word=$2 before=$3 words=

	COMPREPLY=()
	case $word in
	-*)
		words=$(_kdtls_options "$1") ;;
	*)
		case ${1##*/}:$before in
		dtlsctl:show | dtlsctl:close)
			words=$(_kdtls_ids) ;;
		dtlsctl:*)
			words=$("$1" --help 2>/dev/null |
				sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p') ;;
		dtlswrap:-n | dtlswrap:--server-name)
			mapfile -t COMPREPLY < <(compgen -A hostname -- "$word")
			return ;;
		dtlswrap:-* | dtlscat:-*) ;;
		dtlswrap:*)
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
			return ;;
		esac ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o default -F _kdtls dtlscat dtlsctl dtlswrap dtls-handshaked
