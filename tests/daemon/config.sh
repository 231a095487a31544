#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dtls-handshaked.conf(5): all errors are reported, each with its line.

set -u
. tests/daemon/lib.sh
pki

check() { "$bin/dtls-handshaked" --check --engines "$dir" --config "$dir/test.conf" >"$dir/err" 2>&1; }

# refused DESCRIPTION LINE TEXT, the file on stdin
refused() {
	cat >"$dir/test.conf"
	check
	local rc=$?
	if [ $rc = 78 ] && grep -q "test.conf:$2: .*$3" "$dir/err"; then
		pass "$1"
	else
		fail "$1" "exit status $rc
$(cat "$dir/err")"
	fi
}
accepted() {
	cat >"$dir/test.conf"
	ok "$1" check
}
psk="psk-file = $dir/psk
peers = 127.0.0.1"
begin='[profile p]
role = client
users = *'

if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
	ok "the example" "$bin/dtls-handshaked" --check -c userspace/dtls-handshaked/dtls-handshaked.conf
else
	skip "the example" "no ca-certificates"
fi
ok "the configuration of the tests" "$bin/dtls-handshaked" --check -c "$dir/conf"
accepted "an empty file" </dev/null
accepted "comments, lists over several lines, addresses of both kinds" <<EOF
; comment
[global]
workers = 3  ; three
log-level = debug
[profile p]
role = both
users = root, 12
users = nobody
psk-file = $dir/psk
psk-identity = u1
peers = 10.0.0.0/8, 2001:db8::/32
peers = ::1, 127.0.0.1
EOF
refused "a key before any section" 1 "first section" <<<"workers = 1"
refused "unknown section" 1 "no section" <<<"[globl]
workers = 1"
refused "unknown key" 2 'no key "worker"' <<<"[global]
worker = 1"
refused "no key at all" 2 "key = value" <<<"[global]
workers"
refused "a key twice" 3 "set before" <<<"[global]
workers = 1
workers = 2"
refused "a number that is none" 2 "number from 1 to 64" <<<"[global]
workers = many"
refused "a number too large" 2 "number from 1 to 64" <<<"[global]
workers = 65"
refused "a limit of nothing" 2 "number from 1 to" <<<"[global]
max-handshakes-per-address = 0"
refused "a rate that is none" 3 "number from 1 to" <<<"[global]
address-burst = 5
address-rate = 1/s"
refused "a metrics file anywhere" 2 "not an absolute path" <<<"[global]
metrics-file = here.prom"
refused "a metrics file that is a directory" 2 "name a file in it" <<<"[global]
metrics-file = /run/"
refused "a log level that is none" 2 "one of error" <<<"[global]
log-level = loud"
refused "workers as root" 2 "must not run as root" <<<"[global]
user = root"
refused "an unknown user" 2 "no user" <<<"[global]
user = nobody-of-this-name"
refused "a line too long" 2 "longer than" <<<"[global]
user = $(head -c 300 /dev/zero | tr '\0' x)"
refused "a profile twice" 5 "already begins at line 1" <<<"[profile p]
role = client
[profile q]
role = client
[profile p]
role = client
users = *"
refused "a profile name with a space" 1 "not a profile name" <<<"[profile a b]
role = client"
refused "no role" 1 "needs \"role" <<<"[profile p]
users = *"
refused "no users" 1 "needs \"users" <<<"[profile p]
role = client"
refused "a client that checks nothing" 1 "for its servers" <<<"$begin"
refused "a server without certificate" 1 "is a server and needs" <<<"[profile p]
role = server
users = *"
refused "a PSK for any server" 1 "needs \"peers" <<<"$begin
psk-file = $dir/psk"
refused "an address that is none" 4 "not an address" <<<"$begin
peers = 127.0.0.1/33"
refused "a relative path" 4 "not an absolute path" <<<"$begin
ca = ca.pem"
refused "a file that is not there" 1 "No such file" <<<"$begin
ca = $dir/nothing
verify = name"
refused "a CA without verify" 1 "needs \"verify\"" <<<"$begin
ca = $dir/ca.pem"
refused "verify without a CA" 1 "needs \"ca" <<<"$begin
verify = name"
refused "verify = chain for a client" 1 "must check a name" <<<"$begin
ca = $dir/ca.pem
verify = chain"
refused "verify = name for a server without names" 1 "needs \"peer-name\"" <<<"[profile p]
role = server
users = *
certificate = $dir/server.pem
private-key = $dir/server.key
client-cert = required
ca = $dir/ca.pem
verify = name"
refused "client-cert without verify" 1 "how to check" <<<"[profile p]
role = server
users = *
certificate = $dir/server.pem
private-key = $dir/server.key
client-cert = required"
refused "tickets of a client of DTLS 1.2" 1 "does not resume: remove tickets" <<<"$begin
$psk
tickets = yes"
refused "a protection that is none" 4 "one of required, offered" <<<"$begin
extended-master-secret = no"
refused "secure renegotiation that is none" 4 "one of required, offered" <<<"$begin
secure-renegotiation = yes"
refused "tickets neither on nor off" 4 "one of no, yes" <<<"$begin
tickets = perhaps"
refused "tickets for ever" 4 "number from 1 to 86400" <<<"$begin
ticket-lifetime = 100000"
refused "a lifetime without tickets" 1 "needs \"tickets = yes\"" <<<"[profile p]
role = server
users = *
psk-file = $dir/psk
ticket-lifetime = 60"
refused "a certificate without its key" 1 "write pairs" <<<"[profile p]
role = server
users = *
certificate = $dir/server.pem"
refused "a certificate with another's key" 1 "server.pem with .*client.key: .*key" <<<"[profile p]
role = server
users = *
certificate = $dir/server.pem
private-key = $dir/client.key"
refused "a short fingerprint" 5 "64 hexadecimal" <<<"$begin
verify = fingerprint
fingerprint = 00:11"
refused "an unknown cipher" 7 '"des" is not one of aes-128-gcm, ' <<<"$begin
$psk
ciphers = aes-128-gcm
ciphers = aes-256-gcm, des"
refused "a priority unknown to GnuTLS" 6 'priority: .* "+NONSENSE"' <<<"$begin
$psk
priority = +GROUP-X25519:+NONSENSE:-AES-128-CCM"
refused "a PSK identity that is not in the file" 1 'no identity "u9"' <<<"$begin
$psk
psk-identity = u9"
cp "$dir/psk" "$dir/psk-open"
chmod 604 "$dir/psk-open"
refused "a world-readable secret" 1 "mode 0604" <<<"$begin
peers = ::1
psk-file = $dir/psk-open"
# the daemon reads without CAP_DAC_OVERRIDE, and so does --check
cp "$dir/psk" "$dir/psk-of-nobody"
chmod 600 "$dir/psk-of-nobody"
chown nobody "$dir/psk-of-nobody"
refused "a secret of another user" 1 "Permission denied; .*chown it to root" <<<"$begin
peers = ::1
psk-file = $dir/psk-of-nobody"
cp "$dir/err" "$dir/err.check"
"$bin/dtls-handshaked" -f --config "$dir/test.conf" >"$dir/err" 2>&1
is "... of which the daemon says the same: exit status" $? 78
is "... and text" "$(cat "$dir/err")" "$(cat "$dir/err.check")"
chmod 644 "$dir/test.conf"
setpriv --reuid=nobody --clear-groups "$bin/dtls-handshaked" --check --config "$dir/test.conf" \
	>"$dir/err" 2>&1
ok "another user than root: --check says so" grep -q "read as uid .*as root" "$dir/err"
is "the unit hides no file that --check sees" \
	"$(grep -cE '^(ProtectHome=(yes|tmpfs)|PrivateTmp=yes|InaccessiblePaths)' userspace/dtls-handshaked/dtls-handshaked.service)" 0
echo "u1:xyz" >"$dir/psk-bad"
chmod 600 "$dir/psk-bad"
refused "a key that is not hexadecimal" 1 "psk-bad:1: the key is not hexadecimal" <<<"$begin
peers = ::1
psk-file = $dir/psk-bad"

# a key log
mkdir -m 700 "$dir/logs"
logs() { # FILE: what follows a warning that keys are logged
	printf '%s\n%s\nkeylog = %s\n' "$begin" "$psk" "$1"
}
accepted "a key log in a private directory" < <(logs "$dir/logs/keys")
ok "... is said loudly" grep -q "WRITES THE KEYS of all its sessions to $dir/logs/keys" "$dir/err"
is "... and has mode 0600" "$(stat -c %a "$dir/logs/keys")" 600
refused "a relative key log" 6 "not an absolute path" < <(logs keys)
chmod 640 "$dir/logs/keys"
refused "a key log that a group may read" 1 "$dir/logs/keys: its mode is not 0600" < <(logs "$dir/logs/keys")
chmod 600 "$dir/logs/keys"
chown nobody "$dir/logs/keys"
refused "a key log of another user" 1 "Permission denied\|another user" < <(logs "$dir/logs/keys")
chown 0 "$dir/logs/keys"
ln -s keys "$dir/logs/link"
refused "a symbolic link" 1 "it is a symbolic link" < <(logs "$dir/logs/link")
ln "$dir/logs/keys" "$dir/logs/second"
refused "a file with two names" 1 "hard link" < <(logs "$dir/logs/keys")
rm "$dir/logs/second"
ln -s logs "$dir/to-logs"
refused "a symbolic link to the directory" 1 "part of its path is a symbolic link" < <(logs "$dir/to-logs/keys")
chmod 1777 "$dir/logs"
refused "a directory that others can write to" 1 "writable by other users" < <(logs "$dir/logs/keys")
chmod 700 "$dir/logs"
chown nobody "$dir/logs"
refused "a directory of another user" 1 "belongs to another user" < <(logs "$dir/logs/keys")
chown 0 "$dir/logs"

# unusable certificates
leaf() { # EXTENSION...: self-signed
	local options=() x
	for x in "$@"; do options+=(-addext "$x"); done
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=leaf \
		-keyout "$dir/leaf.key" -out "$dir/leaf.pem" \
		-addext basicConstraints=CA:FALSE "${options[@]}" >"$dir/openssl.log" 2>&1
}
# warned DESCRIPTION TEXT CERTIFICATE ROLE; TEXT "" without a warning
warned() {
	printf '[profile p]\nrole = %s\nusers = *\ncertificate = %s\nprivate-key = %s\n' "$4" \
		"$dir/$3.pem" "$dir/$3.key" >"$dir/test.conf"
	[ "$4" = server ] || printf 'ca = %s\nverify = name\n' "$dir/ca.pem" >>"$dir/test.conf"
	check
	local rc=$?
	if [ "$rc" = 0 ] && [[ $(cat "$dir/err") =~ $2 ]] && { [ -n "$2" ] || [ ! -s "$dir/err" ]; }; then
		pass "$1"
	else
		fail "$1" "exit status $rc
$(cat "$dir/err")"
	fi
}
good=subjectAltName=DNS:host.test
warned "a usable certificate: no warning" "" server server
warned "one that has expired" "expired.pem, of .profile p.: certificate 1 has expired at 2020-02-01" expired server
leaf $good keyUsage=keyAgreement
warned "keyUsage without digitalSignature" "no digitalSignature, which ECDHE" leaf server
warned "... as client, too" "no digitalSignature, which ECDHE" leaf client
leaf $good keyUsage=digitalSignature
warned "... with it" "" leaf server
leaf $good extendedKeyUsage=clientAuth
warned "for clients only" "no serverAuth" leaf server
warned "... as client" "" leaf client
leaf
warned "a certificate that names no host" "no DNS or IP entry" leaf server
warned "... which a client need not do" "" leaf client
leaf subjectAltName=DNS:host.test.
warned "a name that ends in a dot" "ends in a dot" leaf server
leaf subjectAltName=DNS:192.0.2.1
warned "an address as DNS" "is an address" leaf server
leaf "subjectAltName=DNS:two words"
warned "a name that is none" "is not a host name" leaf server
openssl req -new -key "$dir/leaf.key" -subj /CN=leaf -out "$dir/leaf.csr"
(cd "$dir" && openssl ca -batch -config ca.cnf -in leaf.csr -out later.pem -notext -cert ca.pem \
	-keyfile ca.key -extfile server.ext -startdate 20490101000000Z \
	-enddate 20490201000000Z) >"$dir/openssl.log" 2>&1
cp "$dir/leaf.key" "$dir/later.key"
warned "one that is not valid yet" "not valid before 2" later server

# lines of a psk-file: tests/daemon/unit/psk.c; here: the line number
# shellcheck disable=SC2059 # the escapes are meant
psk_lines() { printf "$1" >"$dir/psk-lines"; chmod 600 "$dir/psk-lines"; }
lines="psk-file = $dir/psk-lines
peers = ::1"
psk_lines '# GnuTLS\n\nurn:imei:1:0a0b\r\n#0001ff:0a0b\n#75726e3a696d65693a32:0a0b'
accepted "identities with colons, bytes and NUL" <<<"$begin
$lines
psk-identity = #0001ff"
refused "an identity of bytes that is not in the file" 1 'no identity "#0002"' <<<"$begin
$lines
psk-identity = #0002"
refused "an identity of bytes that is none" 1 'psk-identity "#xy": .*hexadecimal' <<<"$begin
$lines
psk-identity = #xy"
psk_lines 'u1:0a0b\n#75726e3a696d65693a32:0a0b\n#u2:0c0d\n'
refused "a line that looks like a comment and has a key" 1 \
	"psk-lines:3: .*no identity in hexadecimal; a comment has a space" <<<"$begin
$lines
psk-identity = u1"
psk_lines '# \nu1:0a0b\n\0u2:0a0b\n'
refused "a NUL byte" 1 "psk-lines:3: .*NUL byte" <<<"$begin
$lines
psk-identity = u1"
psk_lines '#7531:0a0b\nu2:22\nu1:0a0b\n'
refused "an identity twice, in two ways" 1 "psk-lines:3: .*line 1" <<<"$begin
$lines
psk-identity = u1"
psk_lines 'adm:0a0b\n#61646d0001:0a0b\n'
refused "two identities that a string function takes for one" 1 "psk-lines:2: .*line 1" <<<"$begin
$lines
psk-identity = adm"

printf '[global]\nworkers = x\nnonsense = 1\n[profile p]\nrole = x\n' >"$dir/test.conf"
check
is "all errors in one run" "$(grep -c 'test.conf:' "$dir/err")" 4
"$bin/dtls-handshaked" --nonsense >/dev/null 2>&1
is "wrong usage: exit status" $? 64
ok "--version" "$bin/dtls-handshaked" --version
is "-V" "$("$bin/dtls-handshaked" -V)" "$("$bin/dtls-handshaked" --version)"
ok "--help" "$bin/dtls-handshaked" --help
refused "a version that is none" 4 "not one of 1.2, 1.3" <<<"$begin
versions = 1.4"
refused "both versions without the plug-in of one" 1 "versions = 1.2, 1.3.*needs the package dtls-handshaked-wolfssl" <<<"$begin
versions = 1.2, 1.3
$psk"
refused "both versions with GnuTLS's priority" 1 "remove priority" <<<"$begin
versions = 1.2, 1.3
priority = -GROUP-ALL
$psk"
refused "both versions with no cipher of one" 1 "no cipher of DTLS 1.3: add one to" <<<"$begin
versions = 1.2, 1.3
ciphers = aes-128-ccm-8
$psk"
refused "DTLS 1.3 without its plug-in" 1 "needs the package dtls-handshaked-wolfssl" <<<"$begin
versions = 1.3
$psk"
refused "DTLS 1.3 with GnuTLS's priority" 1 "remove priority" <<<"$begin
versions = 1.3
priority = -GROUP-ALL
$psk"
refused "DTLS 1.3 with a cipher that it forbids" 1 "remove aes-128-ccm-8" <<<"$begin
versions = 1.3
ciphers = aes-128-gcm, aes-128-ccm-8
$psk"
refused "DTLS 1.3 with tickets" 1 "remove tickets" <<<"[profile p]
role = server
users = *
versions = 1.3
tickets = yes
psk-file = $dir/psk"
refused "tickets of a client with a PSK" 1 "a PSK, which does not resume: remove tickets" <<<"[profile p]
role = client
users = *
versions = 1.3
tickets = yes
peers = 10.0.0.0/8
psk-identity = u1
psk-file = $dir/psk"
refused "Connection IDs without the plug-in" 1 'connection-id = yes.*needs the package dtls-handshaked-wolfssl' <<<"$begin
connection-id = yes
$psk"
refused "Connection IDs with GnuTLS's priority" 1 "connection-id: remove priority" <<<"$begin
connection-id = yes
priority = -GROUP-ALL
$psk"
refused "Connection IDs of a client of both versions" 1 'set "versions = 1.2" or "versions = 1.3"' <<<"[profile p]
role = client
users = *
versions = 1.2, 1.3
connection-id = yes
psk-identity = u1
psk-file = $dir/psk"
refused "connection-id that is neither" 4 "not one of no, yes" <<<"$begin
connection-id = 8"
accepted "no Connection IDs" <<<"$begin
connection-id = no
$psk"
accepted "DTLS 1.2 by its name" <<<"$begin
versions = 1.2
$psk"
done_testing
