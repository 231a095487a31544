// SPDX-License-Identifier: GPL-2.0-or-later

// A peer with pion's library, like a program of its users:
//
//	interop-pion client|server ADDRESS PORT SUITE [OPTION=VALUE]...
//
// SUITE is the library's name of it. Options: cert, key, ca (files), name (of the server),
// ask (a client certificate), psk (IDENTITY:TEXT), exporter (a label: 32 bytes), cid (a
// Connection ID of as many bytes for what comes, or nothing: only the peer may have one).
//
// What was negotiated is printed, then what comes; a client sends the lines of stdin, a
// server echoes. With a line "move ADDRESS PORT" a client goes on from there (0: any port).
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/gob"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
)

var suites = []dtls.CipherSuiteID{
	dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	dtls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
	dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
	dtls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	dtls.TLS_PSK_WITH_AES_128_GCM_SHA256,
	dtls.TLS_PSK_WITH_CHACHA20_POLY1305_SHA256,
	dtls.TLS_PSK_WITH_AES_128_CCM,
	dtls.TLS_PSK_WITH_AES_128_CCM_8,
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop-pion:", err)
		os.Exit(1)
	}
}

func option(name string) (string, bool) {
	for _, arg := range os.Args[5:] {
		if value, found := strings.CutPrefix(arg, name+"="); found {
			return value, true
		}
	}
	return "", false
}

func suiteOf(name string) dtls.CipherSuiteID {
	for _, id := range suites {
		if id.String() == name {
			return id
		}
	}
	must(fmt.Errorf("no suite %s", name))
	return 0
}

func authorities(file string) *x509.CertPool {
	pem, err := os.ReadFile(file)
	must(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return pool
}

func credentials() (options []dtls.Option) {
	if cert, ok := option("cert"); ok {
		key, _ := option("key")
		pair, err := tls.LoadX509KeyPair(cert, key)
		must(err)
		options = append(options, dtls.WithCertificates(pair))
	}
	if ca, ok := option("ca"); ok {
		options = append(options, dtls.WithRootCAs(authorities(ca)))
	}
	if name, ok := option("name"); ok {
		options = append(options, dtls.WithServerName(name))
	}
	if psk, ok := option("psk"); ok {
		identity, key, _ := strings.Cut(psk, ":")
		options = append(options, dtls.WithPSKIdentityHint([]byte(identity)),
			dtls.WithPSK(func([]byte) ([]byte, error) { return []byte(key), nil }))
	}
	return options
}

func configure() []dtls.Option {
	options := append(credentials(), dtls.WithCipherSuites(suiteOf(os.Args[4])),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret))
	if cid, ok := option("cid"); ok {
		generator := dtls.OnlySendCIDGenerator()
		if cid != "" {
			generator = dtls.RandomCIDGenerator(len(cid))
		}
		options = append(options, dtls.WithConnectionIDGenerator(generator))
	}
	return options
}

// The library's only public way to the Connection IDs is a state to resume from.
func reportIDs(state dtls.State) {
	var ids struct{ LocalConnectionID, RemoteConnectionID []byte }
	data, err := state.MarshalBinary()
	must(err)
	must(gob.NewDecoder(bytes.NewReader(data)).Decode(&ids))
	fmt.Printf("cid=tx:%d,rx:%d\n", len(ids.RemoteConnectionID), len(ids.LocalConnectionID))
}

func report(conn *dtls.Conn) {
	state, ok := conn.ConnectionState()
	if !ok {
		must(fmt.Errorf("no state"))
	}
	fmt.Printf("suite=%v identity=%s certs=%d\n", state.CipherSuiteID, state.IdentityHint,
		len(state.PeerCertificates))
	reportIDs(state)
	if label, ok := option("exporter"); ok {
		material, err := state.ExportKeyingMaterial(label, nil, 32)
		must(err)
		fmt.Printf("exporter=%x\n", material)
	}
}

func shakeHands(conn net.Conn) *dtls.Conn {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	own := conn.(*dtls.Conn)
	must(own.HandshakeContext(ctx))
	report(own)
	return own
}

// hear calls do with each message that comes, until the peer closes.
func hear(conn net.Conn, do func([]byte)) {
	message := make([]byte, 4096)
	for {
		n, err := conn.Read(message)
		if err != nil {
			return
		}
		os.Stdout.Write(message[:n])
		do(message[:n])
	}
}

func serve(at *net.UDPAddr) {
	var options []dtls.ServerOption
	for _, o := range configure() {
		options = append(options, o)
	}
	if ca, ok := option("ask"); ok {
		options = append(options, dtls.WithClientCAs(authorities(ca)),
			dtls.WithClientAuth(dtls.RequireAndVerifyClientCert))
	}
	listener, err := dtls.ListenWithOptions("udp", at, options...)
	must(err)
	accepted, err := listener.Accept()
	must(err)
	conn := shakeHands(accepted)
	hear(conn, func(message []byte) {
		_, err := conn.Write(message)
		must(err)
	})
}

// A client's socket that can be replaced, like that of a host that gets another address.
type socket struct {
	net.PacketConn
	mutex sync.Mutex // guards PacketConn
}

func bind(address string) net.PacketConn {
	conn, err := net.ListenPacket("udp", address)
	must(err)
	return conn
}

func (s *socket) current() net.PacketConn {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.PacketConn
}

func (s *socket) move(address string) {
	old := s.current()
	s.mutex.Lock()
	s.PacketConn = bind(address)
	s.mutex.Unlock()
	old.Close()
}

func (s *socket) ReadFrom(message []byte) (int, net.Addr, error) {
	for {
		conn := s.current()
		n, from, err := conn.ReadFrom(message)
		if err == nil || conn == s.current() {
			return n, from, err
		}
	}
}

func (s *socket) WriteTo(message []byte, to net.Addr) (int, error) {
	return s.current().WriteTo(message, to)
}

func call(to *net.UDPAddr) {
	var options []dtls.ClientOption
	for _, o := range configure() {
		options = append(options, o)
	}
	own := &socket{PacketConn: bind(":0")}
	dialled, err := dtls.ClientWithOptions(own, to, options...)
	must(err)
	conn := shakeHands(dialled)
	go hear(conn, func([]byte) {})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 3 && words[0] == "move" {
			own.move(net.JoinHostPort(words[1], words[2]))
			continue
		}
		_, err := conn.Write([]byte(lines.Text() + "\n"))
		must(err)
	}
	conn.Close()
}

func main() {
	if len(os.Args) < 5 {
		must(fmt.Errorf("usage: client|server ADDRESS PORT SUITE [OPTION=VALUE]..."))
	}
	at, err := net.ResolveUDPAddr("udp", net.JoinHostPort(os.Args[2], os.Args[3]))
	must(err)
	if os.Args[1] == "server" {
		serve(at)
	} else {
		call(at)
	}
}
