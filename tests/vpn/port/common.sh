# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Common to tests/vpn/port-*: main PACKAGE [--stock] [DIRECTORY] calls port and
# build in the unpacked source.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
port=$top/tests/vpn/port
# of libkdtls, for build
export cflags='' libs=''

insert() {
	"$top/tests/vpn/insert" "$@"
}

usage() {
	sed -n '/^# tests/,/^$/s/^# \{0,1\}//p' "$0"
	exit "$1"
}

# What the programs are made of, besides Debian's source; the libraries are shared ones.
sum_of() { # [-stock]
	(cd "$top" && cat "tests/vpn/${0##*/}" tests/vpn/port/common.sh &&
		{ [ -n "${1:-}" ] || cat tests/vpn/insert "$port"/* include/*/*.h include/uapi/*/*.h; }) |
		sha256sum | cut -c 1-16
}

# A copy without the source, for other clones; they go after a week.
keep() { # DIRECTORY KEPT
	local new
	mkdir -p "${2%/*}"
	find "${2%/*}" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
	new=$(mktemp -d "$2.XXXXXX")
	chmod 755 "$new"
	find "$1" -mindepth 1 -maxdepth 1 ! -name source -exec cp -a -t "$new" {} +
	mv -T "$new" "$2" 2>/dev/null || rm -rf "$new"
}

# Debian's own, unpacked; installed, a server would be started.
unpack_binary() { # PACKAGE DIRECTORY
	(cd "$2" && apt-get -q download -o APT::Sandbox::User=root "$1" >log 2>&1 &&
		dpkg-deb -x "$1"_*.deb root && rm "$1"_*.deb) ||
		{ echo "$1: no package of it: $(tail -n 1 "$2/log")" >&2; exit 75; }
	find "$2/root" \( -path '*/sbin/*' -o -path '*/bin/*' -o -name 'lib*.so.*' \) \
		-exec cp -P {} "$2" \;
}

build_port() { # PACKAGE DIRECTORY PROGRAM...
	local source log=$2/log dir=$2 p
	echo "$1: fetching the source" >&2
	source=$("$top/tests/vpn/source" "$1" "$dir/source") || exit
	cd "$source" || return
	port
	cflags="-I$top/include -I$top/include/uapi"
	libs="-L$top/build/lib -lkdtls-gnutls -lkdtls"
	echo "$1: building it; what the build says is in $log" >&2
	if ! build >"$log" 2>&1; then
		tail -n 5 "$log" >&2
		exit 1
	fi
	for p in "${@:3}"; do
		cp "$(find . -name "$p" -type f -perm -u+x -print -quit)" "$dir"
	done
}

main() { # PACKAGE PROGRAM... -- ARGUMENT...
	local package=$1 programs=() stock='' dir='' sum kept
	while [ "$1" != -- ]; do
		shift
		programs+=("$1")
	done
	shift
	unset 'programs[-1]'
	while [ $# -gt 0 ]; do
		case $1 in
		--stock) stock=-stock ;;
		-h | --help) usage 0 ;;
		-*) usage 2 >&2 ;;
		*) dir=$1 ;;
		esac
		shift
	done
	dir=$(realpath -m "${dir:-$top/build/vpn}")/$package$stock
	# two tests may want it at the same time
	mkdir -p "${dir%/*}"
	exec 9>"$dir.lock"
	flock 9
	sum=$(sum_of "$stock")
	kept=${KDTLS_CACHE:-/var/cache/kdtls}/ports/$package$stock-$sum
	if [ "$(cat "$dir/of" 2>/dev/null)" != "$sum" ]; then
		"$top/tests/harness/deps" vpn
		make -s -C "$top" userspace >&2
		rm -rf "$dir"
		mkdir -p "$dir"
		if [ -e "$kept" ]; then
			cp -a "$kept/." "$dir"
		elif [ -n "$stock" ]; then
			unpack_binary "$package" "$dir"
		else
			(build_port "$package" "$dir" "${programs[@]}")
		fi
		echo "$sum" >"$dir/of"
		[ -e "$kept" ] || keep "$dir" "$kept"
	fi
	echo "$dir/${programs[0]}"
}
