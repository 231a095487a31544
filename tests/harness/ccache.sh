# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# ccache, where this machine has it: what a compiler made of the same text by the same
# command is kept in $KDTLS_CACHE/ccache, for all clones and roots. Source it; then
#	ccache_here	for the commands that follow, of Kbuild with CCACHE_DEPEND=1
#	ccache_in ROOT	for a Debian mounted at ROOT, in a mount namespace of one's own, with
#			PATH=$ccache_path:... and HOME=/root there
# CCACHE_DEPEND=1: no preprocessor before the compiler, which must list all files, those of
# the system too.

ccache_dir=${KDTLS_CACHE:-/var/cache/kdtls}/ccache
ccache_path=/root/.ccache/bin

ccache_ready() {
	[ -x /usr/bin/ccache ] || return
	mkdir -p "$ccache_dir/bin"
	# the sources are copied immediately before
	[ -e "$ccache_dir/ccache.conf" ] ||
		printf '%s\n' 'max_size = 2G' 'compiler_check = content' \
			'sloppiness = include_file_mtime,include_file_ctime' >"$ccache_dir/ccache.conf"
}

ccache_here() {
	ccache_ready || return 0
	# debug information may name the directory of another clone
	export CCACHE_DIR="$ccache_dir" CCACHE_NOHASHDIR=1 PATH="/usr/lib/ccache:$PATH"
}

# not installed there: what the root has is a part of some tests
ccache_in() {
	ccache_ready || return 0
	mkdir -p "$1/root/.ccache"
	mount --bind "$ccache_dir" "$1/root/.ccache"
	mount -t tmpfs tmpfs "$1$ccache_path"
	cp /usr/bin/ccache "$1$ccache_path/"
	# shellcheck disable=SC2046 # words
	cp $(ldd /usr/bin/ccache | grep -o '/[^ ]*libhiredis[^ ]*') "$1/usr/lib/x86_64-linux-gnu/"
	for ccache_c in "$1"/usr/bin/cc "$1"/usr/bin/gcc "$1"/usr/bin/gcc-[0-9]* \
		"$1"/usr/bin/x86_64-linux-gnu-gcc "$1"/usr/bin/x86_64-linux-gnu-gcc-[0-9]*; do
		if [ -L "$ccache_c" ] || [ -e "$ccache_c" ]; then
			ln -s ccache "$1$ccache_path/${ccache_c##*/}"
		fi
	done
}
