# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154
#
# Programs of Debian that support only UDP, a server and a client each, for
# programs.sh. A case is
#	row NAME PORT[,PORT...] SERVER CLIENT RESULT	a row of the table
#	s_NAME: starts the server, with S COMMAND...
#	c_NAME: runs the client, with C COMMAND..., and says if all was well:
#		in the files out.s, out.c (has FILE WORD) of the case's $here
# $can is a word that must not be on the wire, $A4 the server's address. Cases
# of $small are those of make check. They run at the same time.

row iperf3 5201 "iperf3 -s" "iperf3 -u -c, --fragment" works
s_iperf3() { option=-f S iperf3 -s; }
c_iperf3() { option=-f C iperf3 -u -c "$A4" -t 1 -b 100k && has out.c receiver; }

row iperf 5001 "iperf -u -s" "iperf -u -c, --fragment" works
s_iperf() { option=-f S iperf -u -s; }
c_iperf() { option=-f C iperf -u -c "$A4" -t 2 -b 100k && has out.s "sec  .*bits/sec"; }

row socat 7002 "socat UDP4-LISTEN:,fork" "socat UDP4:" works
s_socat() { S socat UDP4-LISTEN:7002,fork EXEC:cat; }
c_socat() { late | C socat -t2 - "UDP4:$A4:7002" && has out.c "$can"; }

row nc_k 7013 "nc -u -l -k" "nc -u" works
s_nc_k() { S nc.openbsd -u -l -k 7013; }
c_nc_k() { late | C nc.openbsd -u -w2 "$A4" 7013; has out.s "$can"; }

row ncat 7004 "ncat -u -l" "ncat -u" works
s_ncat() { S ncat -u -l 7004; }
c_ncat() { late | C ncat -u "$A4" 7004; has out.s "$can"; }

row bash 7005 "socat -u UDP4-RECV:" "bash, /dev/udp" works
s_bash() { S socat -u UDP4-RECV:7005 -; }
c_bash() { C bash -c "echo $can >/dev/udp/$A4/7005; sleep 1" && has out.s "$can"; }

row python 7006 "Python, socketserver" "Python, asyncio; 3,000 bytes with --fragment" works
s_python() { option=-f S python3 "$cases/echo.py" server "$A4" 7006; }
c_python() { option=-f C python3 "$cases/echo.py" client "$A4" 7006 "$can" && has out.c "3000 $can"; }

row rsyslog 5514 "rsyslogd, imudp" "logger -d -n" works
s_rsyslog() {
	cat >"$here/conf" <<-C
		global(workDirectory="$here")
		module(load="imudp")
		input(type="imudp" port="5514" address="$A4")
		action(type="omfile" file="$here/log")
	C
	S rsyslogd -n -f "$here/conf" -i "$here/pid"
}
c_rsyslog() { C logger -d -n "$A4" -P 5514 "$can" && has log "$can"; }

row dnsmasq 5355 "dnsmasq" "dig" works
s_dnsmasq() {
	S dnsmasq -k -p 5355 --conf-file=/dev/null -R -h --user=root --group=root \
		"--txt-record=canary.test,$can" --log-facility=-
}
c_dnsmasq() { dig_at 5355; }

row tftpd 6969 "in.tftpd -L" "socat, a read request" "refused: in.tftpd answers from a socket of its own"
s_tftpd() {
	mkdir -p "$here/root"
	echo "$can" >"$here/root/f"
	chmod -R a+rX "$here"
	S in.tftpd -L -a "$A4:6969" -u root -s "$here/root"
}
c_tftpd() {
	(printf '\0\1f\0octet\0'; sleep 5) | C socat -t5 - "UDP4:$A4:6969"
	has out.s "has no DTLS: not sent" && ! has out.c "$can"
}

row snmp 1161 "snmpd" "snmpget" works
s_snmp() {
	printf 'rocommunity public\nsysContact %s\n' "$can" >"$here/conf"
	S snmpd -f -Lo -C -c "$here/conf" -p "$here/pid" "udp:$A4:1161"
}
c_snmp() {
	C snmpget -t 15 -r 1 -v2c -c public "$A4:1161" 1.3.6.1.2.1.1.4.0 && has out.c "$can"
}

row sipp 5060 "sipp -sn uas" "sipp -sn uac" works
s_sipp() { S sipp -sn uas -i "$A4" -p 5060 -nostdin -m 1 -trace_err -error_file "$here/err"; }
c_sipp() { C sipp -sn uac -i "$B4" -p 5062 -m 1 -nostdin -timeout 50 "$A4:5060"; }

row socat_recvfrom 7001 "socat UDP4-RECVFROM:,fork" "socat UDP4:" works
s_socat_recvfrom() { S socat UDP4-RECVFROM:7001,fork EXEC:cat; }
c_socat_recvfrom() { late | C socat -t5 - "UDP4:$A4:7001" && has out.c "$can"; }

row nc 7003 "nc -u -l" "nc -u" "refused: connect() on a socket with SO_REUSEPORT"
s_nc() { S nc.openbsd -u -l 7003; }
c_nc() { late | C nc.openbsd -u -w2 "$A4" 7003; has out.s "SO_REUSEPORT"; }

row ncat_e 7014 "ncat -u -l -k -e" "ncat -u" works
s_ncat_e() { S ncat -u -l -k -e /bin/cat 7014; }
c_ncat_e() { late | C ncat -u "$A4" 7014; has out.c "$can"; }

row omfwd 5515 "rsyslogd, imudp" "rsyslogd, omfwd" works
s_omfwd() {
	cat >"$here/conf" <<-C
		global(workDirectory="$here")
		module(load="imudp")
		input(type="imudp" port="5515" address="$A4")
		action(type="omfile" file="$here/log")
	C
	S rsyslogd -n -f "$here/conf" -i "$here/pid"
}
c_omfwd() {
	mkdir -p "$here/c"
	cat >"$here/c/conf" <<-C
		global(workDirectory="$here/c")
		module(load="imfile")
		input(type="imfile" File="$here/c/feed" Tag="t")
		action(type="omfwd" target="$A4" port="5515" protocol="udp")
	C
	echo "$can" >"$here/c/feed"
	patience=20 C rsyslogd -n -f "$here/c/conf" -i "$here/c/pid"
	has log "$can"
}

row named 5353 "named" "dig" works
s_named() {
	cat >"$here/conf" <<-C
		options { directory "$here"; listen-on port 5353 { $A4; };
			listen-on-v6 { none; }; recursion no; pid-file none;
			dnssec-validation no; session-keyfile none; };
		controls { };
		zone "canary.test" { type primary; file "$here/zone"; };
	C
	printf '%s\n' '$TTL 60' '@ IN SOA a. b. 1 60 60 60 60' '@ IN NS a.' \
		"@ IN TXT \"$can\"" >"$here/zone"
	S named -g -c "$here/conf"
}
c_named() { dig_at 5353; }

row unbound 5354 "unbound" "dig" works
s_unbound() {
	cat >"$here/conf" <<-C
		server:
		 interface: $A4
		 port: 5354
		 do-daemonize: no
		 use-syslog: no
		 chroot: ""
		 username: ""
		 pidfile: ""
		 num-threads: 1
		 access-control: 10.77.0.0/24 allow
		 local-zone: "canary.test." static
		 local-data: 'canary.test. TXT "$can"'
		 module-config: "iterator"
		remote-control:
		 control-enable: no
	C
	S unbound -d -c "$here/conf"
}
c_unbound() { dig_at 5354; }

row atftp 6970 "in.tftpd -L" "atftp" "refused: the answer's socket, again"
s_atftp() {
	mkdir -p "$here/root"
	echo "$can" >"$here/root/f"
	chmod -R a+rX "$here"
	S in.tftpd -L -a "$A4:6970" -u root -s "$here/root"
}
c_atftp() {
	patience=20 C atftp -g -r f -l "$here/got" "$A4" 6970
	has out.s "has no DTLS: not sent" && [ ! -s "$here/got" ]
}

row chrony 11123 "chronyd" "chronyd -Q" works
s_chrony() {
	printf '%s\n' 'local stratum 8' 'allow 10.77.0.0/24' 'port 11123' \
		"bindaddress $A4" 'cmdport 0' "pidfile $here/pid" >"$here/conf"
	S chronyd -x -d -f "$here/conf" -u root
}
c_chrony() {
	C chronyd -x -d -t 40 -u root -Q "server $A4 port 11123 iburst maxsamples 1" \
		"pidfile $here/client.pid" "cmdport 0" && has out.c "System clock wrong"
}

row teeworlds 8303 "teeworlds-server" "a token request from Python" works
s_teeworlds() {
	S /usr/games/teeworlds-server "sv_port 8303" "bindaddr $A4" "sv_register 0"
}
c_teeworlds() { C python3 "$cases/query.py" tee "$A4" 8303 && has out.c reply; }

row minetest 30000 "minetestserver" "an empty packet from Python" works
s_minetest() {
	mkdir -p "$here/w"
	S /usr/lib/minetest/minetestserver --world "$here/w" --gameid minimal \
		--port 30000 --config /dev/null
}
c_minetest() { C python3 "$cases/query.py" mt "$A4" 30000 && has out.c reply; }

row gst 5004 "gst-launch, udpsrc" "gst-launch, udpsink" works
# unbuffered: what arrives here is less than the 64 KB that a filesink keeps
s_gst() {
	S gst-launch-1.0 -q udpsrc port=5004 ! \
		filesink location="$here/got" buffer-mode=unbuffered
}
c_gst() {
	C gst-launch-1.0 -q audiotestsrc num-buffers=20 ! rtpL16pay ! udpsink host="$A4" port=5004
	[ -s "$here/got" ]
}

row ffmpeg 5006 "ffmpeg -i udp:" "ffmpeg -f mpegts udp:" works
# it knows the stream after half a second, not after five, and writes it at once
s_ffmpeg() {
	S ffmpeg -hide_banner -loglevel warning -y -analyzeduration 500000 \
		-i "udp://$A4:5006?timeout=45000000" -c copy -flush_packets 1 \
		-f mpegts "$here/got"
}
c_ffmpeg() {
	C ffmpeg -hide_banner -loglevel warning -re -f lavfi -i sine -t 3 -f mpegts \
		"udp://$A4:5006?connect=1&pkt_size=1316"
	sleep 2
	[ -s "$here/got" ]
}

row ffmpeg_rtp 5008,5009 "ffmpeg, RTP and RTCP" "ffmpeg -f rtp" works
s_ffmpeg_rtp() {
	printf 'v=0\no=- 0 0 IN IP4 %s\ns=x\nc=IN IP4 %s\nt=0 0\nm=audio 5008 RTP/AVP 10\n' \
		"$A4" "$A4" >"$here/x.sdp"
	S ffmpeg -hide_banner -loglevel warning -protocol_whitelist file,udp,rtp -y \
		-i "$here/x.sdp" -t 1 -c copy -f s16be "$here/got"
}
c_ffmpeg_rtp() {
	C ffmpeg -hide_banner -loglevel warning -re -f lavfi -i sine -t 3 -ac 2 \
		-c:a pcm_s16be -f rtp "rtp://$A4:5008?connect=1&pkt_size=1200"
	sleep 2
	[ -s "$here/got" ]
}

row openvpn 1194 "openvpn, a static key" "openvpn" works
s_openvpn() {
	modprobe tun
	openvpn --genkey secret "$here/key" >/dev/null 2>&1
	vpn=(--dev-type tun --secret "$here/key" --cipher AES-256-CBC --auth SHA256
		--verb 3 --disable-dco --providers legacy default)
	S openvpn --dev ovs --ifconfig 10.99.0.1 10.99.0.2 --local "$A4" --port 1194 \
		--proto udp4 --float "${vpn[@]}"
}
c_openvpn() {
	patience=40 C openvpn --dev ovc --ifconfig 10.99.0.2 10.99.0.1 --remote "$A4" 1194 udp4 \
		--nobind "${vpn[@]}" &
	wait_for 30 in_b ping -c 1 -W 1 10.99.0.1
}

small="iperf3 iperf socat nc_k ncat bash python dnsmasq nc sipp"
