package wiretest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"ferry/proto"
)

// dataConn is the data connection that was announced last: a listener until
// somebody comes, then a connection.
type dataConn struct {
	listener net.Listener
	nc       net.Conn
}

// listen waits at the control connection's own address, and sets the
// variables that announce it.
func (d *dataConn) listen(ctx context.Context, p *Player) error {
	d.close()
	own, err := addrPort(p.Conn.LocalAddr())
	if err != nil {
		return err
	}
	l, err := p.Network.Listen(ctx, "tcp", netip.AddrPortFrom(own.Addr(), 0).String())
	if err != nil {
		return err
	}
	d.listener = l
	at, err := addrPort(l.Addr())
	if err != nil {
		return err
	}
	p.Vars["port"] = strconv.Itoa(int(at.Port()))
	p.Vars["eprt"] = proto.FormatExtended(at)
	delete(p.Vars, "hostport")
	if at.Addr().Is4() {
		p.Vars["hostport"] = proto.FormatHostPort(at)
	}
	return nil
}

// dial connects to the control peer at the port that was received, and
// forgets the port, so that the next one is taken again.
func (d *dataConn) dial(ctx context.Context, p *Player) error {
	d.close()
	peer, err := addrPort(p.Conn.RemoteAddr())
	if err != nil {
		return err
	}
	port, err := announced(p.Vars)
	if err != nil {
		return err
	}
	for _, name := range []string{"port", "hostport", "eprt"} {
		delete(p.Vars, name)
	}
	d.nc, err = p.Network.DialContext(ctx, "tcp", netip.AddrPortFrom(peer.Addr(), port).String())
	return err
}

// announced is the port in the variables.
func announced(vars map[string]string) (uint16, error) {
	if v, ok := vars["hostport"]; ok {
		at, err := proto.ParseHostPort(v)
		return at.Port(), err
	}
	if v, ok := vars["eprt"]; ok {
		at, err := proto.ParseExtended(v)
		return at.Port(), err
	}
	n, err := strconv.ParseUint(vars["port"], 10, 16)
	return uint16(n), err
}

func addrPort(a net.Addr) (netip.AddrPort, error) {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("no data connections beside %v", a)
	}
	at := t.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port()), nil
}

// conn is the data connection, accepted if need be.
func (d *dataConn) conn(timeout time.Duration) (net.Conn, error) {
	if d.nc == nil && d.listener != nil {
		if l, ok := d.listener.(interface{ SetDeadline(time.Time) error }); ok {
			_ = l.SetDeadline(time.Now().Add(timeout))
		}
		nc, err := d.listener.Accept()
		if err != nil {
			return nil, err
		}
		d.nc = nc
	}
	if d.nc == nil {
		return nil, errors.New("no data connection was announced")
	}
	_ = d.nc.SetDeadline(time.Now().Add(timeout))
	return d.nc, nil
}

func (d *dataConn) close() {
	if d.nc != nil {
		_ = d.nc.Close()
	}
	if d.listener != nil {
		_ = d.listener.Close()
	}
	d.nc, d.listener = nil, nil
}

func (p *Player) sendData(st step, pat pattern) error {
	text, err := pat.expand(p.Vars)
	if err == nil {
		err = p.flush()
	}
	if err != nil {
		return err
	}
	nc, err := p.data.conn(p.Timeout)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(nc, text); err != nil {
		return err
	}
	switch st.kind {
	case ':':
		p.data.close()
	case '!':
		_ = reset(nc)
		p.data.close()
	}
	return nil
}

func (p *Player) expectData(st step, pat pattern) error {
	if err := p.flush(); err != nil {
		return err
	}
	nc, err := p.data.conn(p.Timeout)
	if err != nil {
		return err
	}
	got, err := readData(nc, st, pat, p.Vars)
	if err != nil {
		return fmt.Errorf("data: want %q: %w", st.text, err)
	}
	if st.kind != '+' {
		p.data.close()
	}
	if ok, err := pat.match(got, p.Vars); err != nil || !ok {
		return errors.Join(err, fmt.Errorf("data: want %q\n\tgot  %q", st.text, got))
	}
	return nil
}

func readData(nc net.Conn, st step, pat pattern, vars map[string]string) (string, error) {
	if st.kind == '+' { // no end to wait for: as many bytes as are written here
		want, err := pat.expand(vars)
		if err != nil {
			return "", err
		}
		got := make([]byte, len(want))
		n, err := io.ReadFull(nc, got)
		return string(got[:n]), err
	}
	got, err := io.ReadAll(nc)
	if st.kind == '!' {
		if !errors.Is(err, syscall.ECONNRESET) {
			return string(got), fmt.Errorf("want a reset, got %v", orEOF(err))
		}
		err = nil
	}
	return string(got), err
}
