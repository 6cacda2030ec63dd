package serve

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"time"
)

// The part of the machine, and of its driver, that is about TLS.

// security is AUTH, PBSZ and PROT.
func (m *machine) security(verb, arg string) []int {
	switch {
	case !m.tlsThere:
		return []int{502}
	case arg == "":
		return []int{501}
	case verb == "AUTH" && m.tls:
		return []int{503}
	case verb == "AUTH":
		return m.auth(strings.ToUpper(arg))
	case verb == "PBSZ" && !m.tls, verb == "PROT" && !m.sized:
		return []int{503}
	case verb == "PBSZ" && arg == "0":
		m.sized = true
		return []int{200}
	case verb == "PBSZ":
		return []int{501}
	}
	switch arg {
	case "C", "P":
		m.prot = arg
		return []int{200}
	case "S", "E":
		return []int{536}
	}
	return []int{504}
}

// auth forgets what came in clear, but not how often it was wrong.
func (m *machine) auth(kind string) []int {
	switch {
	case m.in:
		return []int{534}
	case kind != "TLS" && kind != "TLS-C":
		return []int{504}
	}
	m.begin()
	m.tls = true
	return []int{234}
}

// begin is the session as it was after the greeting.
func (m *machine) begin() {
	next := newGuest()
	next.strikes, next.failures = m.strikes, m.failures
	m.guest = next
}

// veil begins or ends TLS as the last reply has it.
func (d *driver) veil(verb string, code int) error {
	switch {
	case verb == "AUTH" && code == 234:
		tc := tls.Client(d.nc, d.tlsConfig)
		if err := tc.Handshake(); err != nil {
			return err
		}
		d.nc = tc
	case verb == "REIN" && code == 220:
		tc, ok := d.nc.(*tls.Conn)
		if !ok {
			return nil
		}
		if _, err := tc.Read(make([]byte, 1)); err != io.EOF {
			return err
		}
		_ = tc.CloseWrite()
		d.nc = tc.NetConn()
		_ = d.nc.SetDeadline(time.Now().Add(1000 * time.Hour))
	default:
		return nil
	}
	return d.conn.Upgrade(func(net.Conn) net.Conn { return d.nc })
}

// sealed is a data connection as PROT has it.
func (d *driver) sealed(nc net.Conn) (net.Conn, error) {
	if !d.private {
		return nc, nil
	}
	tc := tls.Client(nc, d.tlsConfig)
	return tc, tc.Handshake()
}

func uncovered(nc net.Conn) net.Conn {
	if tc, ok := nc.(*tls.Conn); ok {
		return tc.NetConn()
	}
	return nc
}

// cut ends a data connection with a reset.
func cut(nc net.Conn) error {
	nc = uncovered(nc)
	_ = nc.(interface{ SetLinger(int) error }).SetLinger(0)
	return nc.Close()
}
