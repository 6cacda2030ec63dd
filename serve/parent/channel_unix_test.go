//go:build unix

package parent

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"ferry/proto"
)

func channels(t testing.TB) (parent, child *channel) {
	t.Helper()
	ours, theirs, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	other, err := net.FileConn(theirs)
	if err != nil {
		t.Fatal(err)
	}
	a, aerr := newChannel(ours)
	b, berr := newChannel(other)
	if err := errors.Join(aerr, berr); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.close)
	t.Cleanup(b.close)
	return a, b
}

// Messages of any size arrive in order, with the connection that came along.
func TestChannel(t *testing.T) {
	a, b := channels(t)
	ours, theirs, err := socketPair()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	large := bytes.Repeat([]byte("x"), 1<<20)
	go func() {
		_ = a.send(message{Kind: change, ID: 7, Text: large}, nil)
		_ = a.send(message{Kind: probe, Text: []byte("token")}, theirs)
		theirs.Close()
		_ = a.send(message{Kind: stop}, nil)
		a.close()
	}()
	m, f, err := b.receive()
	if err != nil || f != nil || m.Kind != change || m.ID != 7 || !bytes.Equal(m.Text, large) {
		t.Fatalf("%v, %d, %d bytes, %v, %v", m.Kind, m.ID, len(m.Text), f, err)
	}
	m, f, err = b.receive()
	if err != nil || f == nil || m.Kind != probe || string(m.Text) != "token" {
		t.Fatalf("%+v, %v, %v", m, f, err)
	}
	if _, err := f.WriteString("here"); err != nil {
		t.Error(err)
	}
	f.Close()
	if got, err := io.ReadAll(ours); string(got) != "here" || err != nil {
		t.Errorf("the connection brings %q, %v", got, err)
	}
	if m, f, err = b.receive(); err != nil || f != nil || m.Kind != stop {
		t.Errorf("%+v, %v, %v", m, f, err)
	}
	if _, _, err := b.receive(); err == nil {
		t.Error("the other end is closed, yet no error")
	}
}

// SECURITY: a child can't make its parent hold more than it must, nor confuse it.
func TestChannelRefusesNonsense(t *testing.T) {
	for name, text := range map[string]string{"too long": "\xff\xff\xff\xff", "no JSON": "\x00\x00\x00\x03abc", "cut": "\x00\x00\x00\x09{}"} {
		a, b := channels(t)
		if _, err := a.c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		a.close()
		if m, _, err := b.receive(); err == nil {
			t.Errorf("%s: taken for %+v", name, m)
		}
	}
	a, _ := channels(t)
	if err := a.send(message{Kind: change, Text: make([]byte, maxMessage)}, nil); !errors.Is(err, errChannel) {
		t.Errorf("a message that nobody would take: %v", err)
	}
}

// A descriptor that is sent with a message which is broken does not stay open.
func TestChannelClosesWhatItDoesNotPass(t *testing.T) {
	a, b := channels(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		_ = a.send(message{Kind: probe}, w)
		w.Close()
		a.close()
	}()
	if _, f, err := b.receive(); err == nil && f != nil {
		f.Close()
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the pipe is still open for writing: %v", err)
	}
}

// A probe is an FTP login, and whatever is not one shows that something is wrong.
func TestAsk(t *testing.T) {
	for name, c := range map[string]struct {
		replies []string
		ok      bool
	}{
		"well":        {[]string{"220 here", "331 password", "230 in", "200 noop"}, true},
		"full":        {[]string{"421 too many"}, false},
		"refused":     {[]string{"220 here", "331 password", "530 no"}, false},
		"no answer":   {[]string{"220 here", "331 password", "230 in"}, false},
		"another one": {[]string{"220 here", "331 password", "230 in", "502 what"}, false},
		"silent":      {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			var heard []string
			go func() {
				conn := proto.NewConn(theirs, nil)
				for i, r := range c.replies {
					if i > 0 {
						cmd, err := conn.ReadCommand()
						if err != nil {
							return
						}
						heard = append(heard, cmd.Verb+" "+cmd.Arg)
					}
					if _, err := theirs.Write([]byte(r + "\r\n")); err != nil {
						return
					}
				}
				_, _ = io.Copy(io.Discard, theirs)
			}()
			err := ask(ours, "t0ken", 50*time.Millisecond)
			if (err == nil) != c.ok {
				t.Errorf("got %v", err)
			}
			if c.ok && (len(heard) != 3 || heard[0] != "USER probe" || heard[1] != "PASS t0ken") {
				t.Errorf("it said %q", heard)
			}
		})
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4096 {
			return
		}
		a, b := channels(t)
		if _, err := a.c.Write(text); err != nil {
			t.Fatal(err)
		}
		a.close()
		for {
			if _, _, err := b.receive(); err != nil {
				return
			}
		}
	})
}

// Settings that change while a child begins, which has been told the former ones,
// are not lost; and who has asked a child that can't answer any more is answered.
func TestReloadWhileChildBegins(t *testing.T) {
	l := &loop{
		Parent: &Parent{
			Reread: func() (Fresh, error) { return Fresh{Patience: time.Minute, Drain: time.Hour}, nil },
			Log:    slog.New(slog.DiscardHandler), Notify: func(...string) {},
		},
		next: &child{}, waiting: map[uint64]asking{},
	}
	l.reload(asking{})
	if l.again == "" {
		t.Error("the one that begins serves on with the former settings")
	}
	if l.drain != time.Hour || l.patience.Load() != int64(time.Minute) {
		t.Error("the parent itself goes by the former ones")
	}
	ours, theirs := channels(t)
	l.waiting[1] = asking{&child{ch: ours}, 7}
	l.unanswered(&child{})
	if m, _, err := theirs.receive(); err != nil || m.Kind != told || m.ID != 7 || len(l.waiting) > 0 {
		t.Errorf("%+v, %v, %d wait", m, err, len(l.waiting))
	}
}

// What a child has said counts although it is dead by the time that it is read: that
// its work is over, for one.
func TestLastWords(t *testing.T) {
	ours, theirs := channels(t)
	l := &loop{events: make(chan event), over: make(chan struct{})}
	c := &child{ch: ours, cmd: exec.Command("true"), gone: make(chan struct{}), said: make(chan struct{})}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go l.waitFor(c)
	<-c.gone
	if err := theirs.send(message{Kind: done}, nil); err != nil {
		t.Fatal(err)
	}
	theirs.close()
	go l.listenTo(c)
	if e := <-l.events; e.msg == nil || e.msg.Kind != done {
		t.Errorf("first of all comes %+v", e)
	}
	if e := <-l.events; !e.gone {
		t.Errorf("then %+v", e)
	}
}
