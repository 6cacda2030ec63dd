package wiretest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"ferry/proto"
)

// Player plays one end of a dialogue.
type Player struct {
	Role    proto.Direction // the lines that are sent; the others are expected
	Conn    net.Conn        // the control connection
	Network proto.Network   // for data connections; nil: the host's TCP
	Vars    map[string]string
	Hooks   map[string]func() error
	Timeout time.Duration // for each step; 0: 10 s

	in   *bufio.Reader
	out  bytes.Buffer // of steps with a plus
	data dataConn
}

// Play goes through the dialogue to its end or to the first difference. It
// closes data connections that it has opened, and leaves the control
// connection open.
func (p *Player) Play(ctx context.Context, s Script) error {
	if p.Timeout == 0 {
		p.Timeout = 10 * time.Second
	}
	if p.Vars == nil {
		p.Vars = map[string]string{}
	}
	if p.Network == nil {
		p.Network = proto.TCP{}
	}
	p.in = bufio.NewReader(p.Conn)
	defer p.data.close()
	for i, st := range s.steps {
		if err := p.step(ctx, st); err != nil {
			if gone(err) && p.alone(s.steps[i:]) {
				return nil
			}
			return fmt.Errorf("%s:%d: %w", s.Name, st.line, err)
		}
	}
	if err := p.flush(); !gone(err) {
		return err
	}
	return nil
}

// gone reports whether the other end had hung up when something was sent to it.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// alone reports whether the steps are nothing but lines that we send. Whether the
// other end hears them all before it hangs up, on the first of them perhaps, is
// for the scheduler to say, and what it made of them for the test.
func (p *Player) alone(steps []step) bool {
	for _, st := range steps {
		if st.who != p.Role || st.data || strings.IndexByte("~@.!?", st.kind) >= 0 {
			return false
		}
	}
	return true
}

func (p *Player) step(ctx context.Context, st step) error {
	release := proto.Guard(ctx, p.Conn)
	defer release()
	pat, err := parsePattern(st.text)
	if err != nil {
		return err
	}
	switch {
	case st.kind == '~':
		return p.sleep(ctx, st.wait)
	case st.kind == '@':
		return p.hook(strings.TrimSpace(st.text))
	case st.data && st.who == p.Role:
		return p.sendData(st, pat)
	case st.data:
		return p.expectData(st, pat)
	case st.who == p.Role:
		return p.send(ctx, st, pat)
	}
	return p.expect(ctx, st, pat)
}

func (p *Player) sleep(ctx context.Context, d time.Duration) error {
	if err := p.flush(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (p *Player) hook(name string) error {
	f := p.Hooks[name]
	if f == nil {
		return fmt.Errorf("no hook %q", name)
	}
	if err := p.flush(); err != nil {
		return err
	}
	return f()
}

func (p *Player) send(ctx context.Context, st step, pat pattern) error {
	switch st.kind {
	case '.', '?':
		err := p.flush()
		_ = p.Conn.Close() // under TLS its farewell fails where the other end has gone first
		return err
	case '!':
		return errors.Join(p.flush(), reset(p.Conn))
	}
	if pat.has("port", "hostport", "eprt") {
		if err := p.data.listen(ctx, p); err != nil {
			return err
		}
	}
	text, err := pat.expand(p.Vars)
	if err != nil {
		return err
	}
	if st.kind == '>' {
		p.out.WriteString(text)
	} else {
		p.out.WriteString(strings.ReplaceAll(text, "\xff", "\xff\xff") + "\r\n")
	}
	if st.kind == '+' {
		return nil
	}
	return p.flush()
}

func (p *Player) flush() error {
	if p.out.Len() == 0 {
		return nil
	}
	defer p.out.Reset()
	_ = p.Conn.SetWriteDeadline(time.Now().Add(p.Timeout))
	_, err := p.Conn.Write(p.out.Bytes())
	return err
}

func (p *Player) expect(ctx context.Context, st step, pat pattern) error {
	if err := p.flush(); err != nil {
		return err
	}
	_ = p.Conn.SetReadDeadline(time.Now().Add(p.Timeout))
	if strings.IndexByte(".!?", st.kind) >= 0 {
		return p.expectEnd(st)
	}
	got, err := p.read(st, pat)
	if err != nil {
		return fmt.Errorf("want %q: %w", st.text, err)
	}
	ok, err := pat.match(got, p.Vars)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("want %c: %s\n\tgot  %c: %q", st.who, st.text, st.who, got)
	}
	if pat.has("port", "hostport", "eprt") {
		return p.data.dial(ctx, p)
	}
	return nil
}

func (p *Player) read(st step, pat pattern) (string, error) {
	if st.kind == '>' {
		want, err := pat.expand(p.Vars)
		if err != nil {
			return "", err
		}
		got := make([]byte, len(want))
		n, err := io.ReadFull(p.in, got)
		return string(got[:n]), err
	}
	line, err := p.in.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("after %q: %w", line, err)
	}
	text, ok := strings.CutSuffix(line, "\r\n")
	if !ok {
		return "", fmt.Errorf("line without CR: %q", line)
	}
	return strings.ReplaceAll(text, "\xff\xff", "\xff"), nil
}

func (p *Player) expectEnd(st step) error {
	rest, err := io.ReadAll(p.in)
	switch {
	case len(rest) > 0:
		return fmt.Errorf("want the connection closed, got %q", rest)
	case st.kind != '.' && errors.Is(err, syscall.ECONNRESET):
		return nil
	case st.kind == '!':
		return fmt.Errorf("want the connection reset, got %v", orEOF(err))
	case err != nil:
		return fmt.Errorf("want the connection closed: %w", err)
	}
	return nil
}

func orEOF(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// reset closes a connection with RST.
func reset(nc net.Conn) error {
	if l, ok := nc.(interface{ SetLinger(int) error }); ok {
		_ = l.SetLinger(0)
	}
	return nc.Close()
}
