#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# All known records must pass; and the checker must detect a wrong one,
# else passing proves nothing.

set -eu
. "${KDTLS_TOP:-.}/tests/harness/tap.sh"

top=${KDTLS_TOP:-.}
vectors=$top/build/tests/vectors
data=$top/tests/vectors/data
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# says DESCRIPTION STATUS PATTERN ARG...: exit status and a line of output
says() {
	desc=$1 want=$2 pattern=$3
	shift 3
	status=0
	"$vectors" "$@" >"$dir/out" 2>&1 || status=$?
	if [ "$status" = "$want" ] && grep -q -e "$pattern" "$dir/out"; then
		pass "$desc"
	else
		fail "$desc" "status $status: $(cat "$dir/out")"
	fi
}

# wrong WHAT FILE SED-EXPRESSION PATTERN: that change in one record is noticed
wrong() {
	sed "$3" "$data/$2" >"$dir/wrong.json"
	says "notices: $1" 1 "$4" "$dir/wrong.json"
}

for file in dtls12 dtls12-cid dtls12-large dtls12-refuse \
	dtls13 dtls13-shapes dtls13-large dtls13-refuse; do
	ok "$file.json" "$vectors" "$data/$file.json"
done

wrong 'another nonce' dtls12.json '0,/"nonce": "81/s//"nonce": "82/' 'nonce differs'
wrong 'another AAD' dtls12-cid.json '0,/"aad": "ff/s//"aad": "fe/' 'aad differs'
wrong 'another content' dtls12.json '0,/"content": "68/s//"content": "69/' 'content differs'
wrong 'another number' dtls12.json '0,/"seq": 1,/s//"seq": 2,/' 'seq is 1, wanted 2'
wrong 'another type' dtls12-cid.json '0,/"content_type": 23/s//"content_type": 22/' 'content_type is 23'
wrong 'another padding' dtls12-cid.json '0,/"padding": 6/s//"padding": 5/' 'padding is 6'
wrong 'another key' dtls12.json '0,/"key": "02/s//"key": "03/' 'does not authenticate'
wrong 'another CID' dtls12-cid.json '0,/"cid": "5152"/s//"cid": "5153"/' 'connection id'
wrong 'another secret' dtls13.json '0,/"traffic_secret": "8f/s//"traffic_secret": "8e/' 'key differs'
wrong 'another mask' dtls13.json '0,/"mask": "59/s//"mask": "58/' 'mask differs'
wrong 'a cipher we do not know' dtls12.json '0,/AES-128-GCM"/s//AES-128-XTS"/' 'unknown cipher "AES-128-XTS"'
wrong 'hex that is none' dtls12.json '0,/"iv": "81/s//"iv": "8g/' '"iv" has a character'
wrong 'a field left out' dtls12.json '0,/"record"/s//"rekord"/' '"record" is missing'
wrong 'a good record to be refused' dtls12.json '0,/"epoch": 1/s//"epoch": 1, "refuse": "why"/' 'accepted, but: why'

echo '[]' >"$dir/empty.json"
says 'nothing checked is no success' 1 '^0 passed, 0 failed$' "$dir/empty.json"
echo '{}' >"$dir/object.json"
says 'a file that is no list' 2 'not a JSON list' "$dir/object.json"
echo '[ { "cipher" }' >"$dir/broken.json"
says 'a file that is not JSON' 2 'line 1, column' "$dir/broken.json"
says 'a file that is not there' 2 'missing.json' "$dir/missing.json"
says 'the rest is checked all the same' 2 '^17 passed, 0 failed$' \
	"$dir/missing.json" "$data/dtls12.json"
says '--help' 0 '^Usage: vectors FILE' --help
done_testing
