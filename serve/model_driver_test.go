package serve

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
)

// driver takes the steps to the server.
type driver struct {
	*machine
	w       *world
	host    *memnet.Host
	nc      net.Conn
	conn    *proto.Conn
	text    string         // of the last reply
	passive netip.AddrPort // where the last EPSV or PASV leads
	early   net.Conn       // made there, and not used by a transfer yet
	ln      net.Listener   // what the last PORT or EPRT announced
	offered net.Listener   // what this one does
	private bool           // the data connection of this step is encrypted

	tlsConfig *tls.Config
}

func (d *driver) dial() error {
	d.host = d.w.net.Host(ownerAddr)
	nc, err := d.host.DialContext(d.w.t.Context(), "tcp", d.w.addr)
	if err != nil {
		return err
	}
	_ = nc.SetDeadline(time.Now().Add(1000 * time.Hour))
	d.nc, d.conn = nc, proto.NewConn(nc, nil)
	d.guest = newGuest()
	if codes := d.codes(1); !slices.Equal(codes, []int{220}) {
		return fmt.Errorf("greeting: %v", codes)
	}
	return nil
}

func (d *driver) hangUp() error {
	d.drop()
	if d.ln != nil {
		d.ln.Close()
	}
	if d.nc != nil {
		return uncovered(d.nc).Close()
	}
	return nil
}

// step plays one step at both and compares.
func (d *driver) step(st step) error {
	if d.nc == nil {
		if err := d.dial(); err != nil {
			return err
		}
	}
	if d.senseless(st) {
		return nil
	}
	st.play = d.possible(st)
	d.open, d.private = d.meet == waiting && (d.early != nil || st.come), d.prot == "P"
	met, params := d.meet, proto.Params{Type: proto.Type{Code: proto.TypeCode(d.typ[0])}, Stru: proto.Stru(d.stru[0]), Mode: proto.Mode(d.mode[0])}
	content, at := "", ""
	verb, arg, _ := strings.Cut(st.line, " ")
	if verb == "RETR" && d.rest <= len(d.files[d.at(arg)]) {
		content, at = d.files[d.at(arg)][d.rest:], d.at(arg)
	}
	want := d.obey(st)
	start := time.Now()
	got, received, err := d.carry(st, met, params, len(want))
	if err != nil {
		return err
	}
	if took := time.Since(start); d.over && took > 10*time.Second { // of its own, and not for a clock that ran out
		return fmt.Errorf("the session ended after %v only", took)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("replies %v, want %v", got, want)
	}
	whole := want[len(want)-1] == 226 && st.play == whole && params.Mode == proto.Stream && params.Stru == proto.File
	if at != "" && whole && received != encode(content, params) {
		return fmt.Errorf("%d bytes of %s, want %d as they are there", len(received), at, len(encode(content, params)))
	}
	if params.Mode = proto.Stream; verb == "SIZE" && got[0] == 213 && params.Stru != proto.Page {
		if size := strconv.Itoa(len(encode(d.told(d.at(arg)), params))); d.text != size {
			return fmt.Errorf("SIZE tells %s, want %s", d.text, size)
		}
	}
	if d.over {
		return d.renew()
	}
	return nil
}

func (d *driver) renew() error {
	err := d.hangUp()
	d.drop()
	d.nc, d.ln, d.passive = nil, nil, netip.AddrPort{}
	d.guest = newGuest()
	return err
}

// senseless steps are left out: pages have places of their own.
func (d *driver) senseless(st step) bool {
	verb, arg, _ := strings.Cut(st.line, " ")
	switch verb {
	case "STOR", "APPE", "STOU", "RETR":
		return d.stru == "P" && (d.rest > 0 || verb == "APPE" || len(d.files[d.at(arg)]) > 60_000)
	}
	return false
}

// possible is the play, but an upload whose bytes don't travel as they are is
// never cut in half: what is kept then is the decoder's business.
func (d *driver) possible(st step) play {
	if d.early != nil && (st.play == nobody || st.play == abortEarly) {
		return whole // somebody came
	}
	if d.meet == dialling && d.ln == nil {
		return nobody // nor listens any more
	}
	verb, _, _ := strings.Cut(st.line, " ")
	upload := verb == "STOR" || verb == "APPE" || verb == "STOU"
	if upload && (st.play == abort || st.play == cutOff) && !d.plain() {
		return abortEarly
	}
	return st.play
}

func (d *driver) plain() bool {
	return (d.typ == "I" || d.typ == "L") && d.stru == "F" && d.mode == "S"
}

// carry says the line and plays its data connection. It reads as many replies
// as are due, and looks whether there are more.
func (d *driver) carry(st step, met meet, p proto.Params, due int) (codes []int, received string, err error) {
	verb, _, _ := strings.Cut(st.line, " ")
	transfer := strings.Contains(" RETR STOR APPE STOU LIST NLST MLSD ", " "+verb+" ")
	if transfer && met == dialling && st.play == nobody && d.ln != nil {
		d.ln.Close()
		d.ln = nil
	}
	comes := transfer && st.play != nobody && st.play != abortEarly
	if (comes && !st.late || st.come) && met == waiting && d.early == nil {
		if d.early, err = d.host.DialContext(d.w.t.Context(), "tcp", d.passive.String()); err != nil {
			return nil, "", err
		}
		synctest.Wait()
	}
	nc := d.early
	line, err := d.addressed(st.line)
	if err != nil {
		return nil, "", err
	}
	if err := d.say(line); err != nil {
		return nil, "", err
	}
	codes = d.codes(1)
	if err := d.veil(strings.ToUpper(verb), codes[0]); err != nil {
		return codes, "", err
	}
	if transfer && codes[0] == 150 {
		if received, err = d.data(st, nc, met, p); err != nil {
			return codes, "", err
		}
	}
	if codes[0] != closed {
		codes = append(codes, d.codes(due-1)...)
	}
	d.settle(codes[0])
	if codes[0] == 227 || codes[0] == 229 || d.meet != waiting { // else it is good for the next transfer
		d.drop()
	}
	return append(codes, d.strays()...), received, nil
}

// settle keeps the listener that the server accepted.
func (d *driver) settle(code int) {
	if d.offered != nil && code == 200 {
		d.ln, d.offered = d.offered, d.ln
	}
	if d.offered != nil {
		d.offered.Close()
		d.offered = nil
	}
}

func (d *driver) drop() {
	if d.early != nil {
		d.early.Close()
		d.early = nil
	}
}

// data plays the data connection after the mark.
func (d *driver) data(st step, nc net.Conn, met meet, p proto.Params) (received string, err error) {
	if st.play == abortEarly {
		synctest.Wait()
		return "", d.say("ABOR")
	}
	if met == nowhere || st.play == nobody {
		return "", nil // over at once, or in half a minute
	}
	switch {
	case nc != nil:
	case met == waiting:
		nc, err = d.host.DialContext(d.w.t.Context(), "tcp", d.passive.String())
	default:
		nc, err = d.ln.Accept()
	}
	if err != nil {
		return "", err
	}
	_ = nc.SetDeadline(time.Now().Add(time.Hour))
	defer func() { nc.Close() }()
	if nc, err = d.sealed(nc); err != nil {
		return "", err
	}
	if strings.HasPrefix(st.line, "STOR") || strings.HasPrefix(st.line, "APPE") || strings.HasPrefix(st.line, "STOU") {
		return "", d.send(st, nc, p)
	}
	return d.receive(st, nc)
}

func (d *driver) send(st step, nc net.Conn, p proto.Params) error {
	wire := encode(st.data, p)
	half := 0
	if p.Stru == 'F' && p.Mode == 'S' && (p.Type.Code == 'I' || p.Type.Code == 'L') {
		half = len(wire) / 2
	}
	if _, err := io.WriteString(nc, wire[:half]); err != nil {
		return err
	}
	if err := d.meanwhile(st); err != nil {
		return err
	}
	switch st.play {
	case abort:
		return nil
	case cutOff:
		return cut(nc)
	}
	_, err := io.WriteString(nc, wire[half:])
	return err
}

func (d *driver) receive(st step, nc net.Conn) (string, error) {
	if err := d.meanwhile(st); err != nil {
		return "", err
	}
	switch st.play {
	case abort:
		return "", nil
	case cutOff:
		return "", cut(nc)
	}
	b, _ := io.ReadAll(nc) // a broken transfer is told by its code
	return string(b), nil
}

// meanwhile says what is said while data moves, once the server has nothing
// more to do for now.
func (d *driver) meanwhile(st step) error {
	synctest.Wait()
	lines := []string{}
	for i := range st.busy {
		lines = append(lines, []string{"NOOP", "STAT"}[i%2])
	}
	switch st.play {
	case abort:
		lines = append(lines, "ABOR")
	case quit:
		lines = append(lines, "QUIT")
	}
	for _, l := range lines {
		if err := d.say(l); err != nil {
			return err
		}
	}
	synctest.Wait()
	return nil
}

func (d *driver) say(line string) error {
	_, err := io.WriteString(d.nc, line+"\r\n")
	return err
}

// addressed is a line with its address filled in.
func (d *driver) addressed(line string) (string, error) {
	format := proto.FormatHostPort
	if strings.HasPrefix(line, "EPRT") {
		format = proto.FormatExtended
	}
	switch verb, which, _ := strings.Cut(line, " "); which {
	case "other":
		return verb + " " + format(netip.AddrPortFrom(thiefAddr, 40000)), nil
	case "low":
		return verb + " " + format(netip.AddrPortFrom(ownerAddr, 25)), nil
	case "mine":
		ln, err := d.host.Listen(d.w.t.Context(), "tcp", netip.AddrPortFrom(ownerAddr, 0).String())
		if err != nil {
			return "", err
		}
		d.offered = ln
		return verb + " " + format(addrPort(ln.Addr())), nil
	}
	return line, nil
}

// codes reads n replies, or fewer and closed.
func (d *driver) codes(n int) (codes []int) {
	for len(codes) < n {
		r, err := d.conn.ReadReply()
		if err != nil {
			return append(codes, closed)
		}
		codes = append(codes, int(r.Code))
		d.text = r.Text()
		d.learn(r)
	}
	return codes
}

// strays are replies that nobody waits for.
func (d *driver) strays() (codes []int) {
	if d.over {
		return nil
	}
	synctest.Wait()
	_ = d.nc.SetReadDeadline(time.Now().Add(time.Millisecond))
	for {
		r, err := d.conn.ReadReply()
		if err != nil {
			if !timeout(err) && !errors.Is(err, net.ErrClosed) {
				codes = append(codes, closed)
			}
			_ = d.nc.SetReadDeadline(time.Now().Add(1000 * time.Hour))
			return codes
		}
		codes = append(codes, int(r.Code))
	}
}

func (d *driver) learn(r proto.Reply) {
	switch r.Code {
	case proto.PassiveMode:
		if at, err := proto.ParsePassive(r.Text()); err == nil {
			d.passive = at
		}
	case proto.ExtendedPassive:
		if port, err := proto.ParseExtendedPassive(r.Text()); err == nil {
			d.passive = netip.AddrPortFrom(serverAddr, port)
		}
	}
}
