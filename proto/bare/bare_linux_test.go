package bare

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pair is a connection that can be bare, and its other end.
func pair(t *testing.T) (near *Conn, far *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	out, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	in, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near = Over(in)
	t.Cleanup(func() { near.Close(); out.Close() })
	return near, out.(*net.TCPConn)
}

func mustBeBare(t *testing.T, c *Conn, wait time.Duration) {
	t.Helper()
	if err := c.Bare(wait); err != nil || !c.IsBare() {
		t.Fatalf("bare: %v, %v", c.IsBare(), err)
	}
}

func mustRead(t *testing.T, from io.Reader, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(from, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v, want %q", got, err, want)
	}
}

// Who comes back to the poller has the keep-alive that it had, or none.
func TestKeepAliveIsKept(t *testing.T) {
	for _, want := range []net.KeepAliveConfig{{}, {Enable: true, Idle: 41 * time.Second, Interval: 13 * time.Second, Count: 5}} {
		c, _ := pair(t)
		tcp, err := c.Polled()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(tcp.SetKeepAlive(want.Enable), tcp.SetKeepAliveConfig(want)); err != nil {
			t.Fatal(err)
		}
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		look := func() (k keepAlive) {
			if err := raw.Control(func(fd uintptr) { k = keepAliveOf(int(fd)) }); err != nil {
				t.Fatal(err)
			}
			return k
		}
		before := look()
		mustBeBare(t, c, time.Second)
		if _, err := c.Polled(); err != nil {
			t.Fatal(err)
		}
		if after := look(); after[0] != before[0] || want.Enable && after != before {
			t.Errorf("%+v: %v became %v", want, before, after)
		}
		if want.Enable != (before[0] != 0) || want.Enable && before != (keepAlive{1, 41, 13, 5}) {
			t.Errorf("%+v was set as %v", want, before)
		}
	}
}

// A thread that is held makes way for the runtime, which can't stop the world
// else.
func TestHeldThreadMakesWay(t *testing.T) {
	near, far := pair(t)
	mustBeBare(t, near, time.Minute)
	begins := make(chan struct{})
	over := make(chan error, 1)
	go func() {
		close(begins)
		over <- near.Await()
	}()
	<-begins
	for range 20 {
		runtime.GC()
	}
	select {
	case err := <-over:
		t.Errorf("the wait is over: %v", err)
	default:
	}
	if _, err := far.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := <-over; err != nil || !near.IsBare() {
		t.Error(err)
	}
	mustRead(t, near, "x")
}

// One that gathers waits for as much as it was told, or for the end; as soon as it
// is polled, any byte counts again.
func TestGather(t *testing.T) {
	lowest := func(c *Conn) (n int) {
		raw, err := c.SyscallConn()
		if err == nil {
			err = raw.Control(func(fd uintptr) { n, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT) })
		}
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for name, c := range map[string]struct {
		send  string
		end   bool
		waits bool
	}{
		"a part":             {"abc", false, true},
		"a part and the end": {"abc", true, false},
		"enough":             {"abcdefgh", false, false},
		"the end":            {"", true, false},
	} {
		wait := time.Minute
		if c.waits {
			wait = 20 * time.Millisecond
		}
		near, far := pair(t)
		mustBeBare(t, near, wait)
		near.Gather(8)
		if n := lowest(near); n != 8 {
			t.Fatalf("%d bytes wake it", n)
		}
		if _, err := far.Write([]byte(c.send)); err != nil {
			t.Fatal(err)
		}
		if c.end {
			far.CloseWrite()
		}
		got := make([]byte, 100)
		n, err := near.Read(got)
		if string(got[:n]) != c.send || c.send == "" && err != io.EOF || c.send != "" && err != nil {
			t.Errorf("%s: %q, %v", name, got[:n], err)
		}
		if c.end {
			if n, err := near.Read(got); n != 0 || err != io.EOF {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		if _, err := near.Polled(); err != nil {
			t.Fatal(err)
		}
		if n := lowest(near); n != 1 {
			t.Errorf("%s: %d bytes wake it afterwards", name, n)
		}
	}
}

// What hasn't ended after a read that gathers is waited for as ever.
func TestGatherGoesOn(t *testing.T) {
	near, far := pair(t)
	mustBeBare(t, near, time.Minute)
	near.Gather(4)
	for _, part := range []string{"abcd", "efgh", "ijkl"} {
		go far.Write([]byte(part))
		mustRead(t, near, part)
	}
	go far.Close()
	if n, err := near.Read(make([]byte, 1)); n != 0 || err != io.EOF || !near.IsBare() {
		t.Error(n, err, near.IsBare())
	}
}

// Only TCP can be bare.
func TestOver(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if Over(a) != nil {
		t.Error("a pipe is TCP")
	}
}

// Bytes are the same in both states, and from one to the other, to the end.
func TestStates(t *testing.T) {
	near, far := pair(t)
	for i := range 50 {
		if i%3 > 0 {
			mustBeBare(t, near, time.Minute)
		} else if _, err := near.Polled(); err != nil || near.IsBare() {
			t.Fatal(near.IsBare(), err)
		}
		if _, err := far.Write([]byte("there")); err != nil {
			t.Fatal(err)
		}
		mustRead(t, near, "there")
		if n, err := near.Write([]byte("back")); n != 4 || err != nil {
			t.Fatal(n, err)
		}
		mustRead(t, far, "back")
	}
	mustBeBare(t, near, time.Minute)
	far.CloseWrite()
	if n, err := near.Read(make([]byte, 9)); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
	if near.RemoteAddr().String() != far.LocalAddr().String() || near.LocalAddr().String() != far.RemoteAddr().String() {
		t.Error("other addresses")
	}
}

// A read that finds nothing for its time goes on in the poller, with the deadline
// that was set meanwhile.
func TestFallsBack(t *testing.T) {
	near, far := pair(t)
	mustBeBare(t, near, time.Millisecond)
	go func() {
		for near.IsBare() {
			time.Sleep(time.Millisecond)
		}
		far.Write([]byte("late"))
	}()
	mustRead(t, near, "late")

	mustBeBare(t, near, time.Millisecond)
	go func() {
		for near.IsBare() {
			time.Sleep(time.Millisecond)
		}
		near.SetReadDeadline(time.Unix(1, 0))
	}()
	mustTimeOut(t, near)
	near.SetReadDeadline(time.Time{})

	mustBeBare(t, near, time.Millisecond)
	near.SetReadDeadline(time.Unix(1, 0))
	mustTimeOut(t, near)
	if !near.IsBare() {
		t.Error("a deadline that has passed was waited for")
	}
	near.SetDeadline(time.Now().Add(2 * time.Millisecond))
	mustTimeOut(t, near)
}

func mustTimeOut(t *testing.T, c *Conn) {
	t.Helper()
	var ne net.Error
	if _, err := c.Read(make([]byte, 1)); !errors.As(err, &ne) || !ne.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("read: %v", err)
	}
}

// The kernel has no room for all of a write: the poller writes the rest.
func TestWriteOfMuch(t *testing.T) {
	near, far := pair(t)
	tcp, err := near.Polled()
	if err := errors.Join(err, tcp.SetWriteBuffer(64<<10), far.SetReadBuffer(64<<10)); err != nil {
		t.Fatal(err)
	}
	mustBeBare(t, near, time.Minute)
	much := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	var got bytes.Buffer
	var all sync.WaitGroup
	all.Go(func() {
		for near.IsBare() { // until the kernel has no room
			time.Sleep(time.Millisecond)
		}
		if _, err := io.CopyN(&got, far, int64(len(much))); err != nil {
			t.Error(err)
		}
	})
	if n, err := near.Write(much); n != len(much) || err != nil {
		t.Errorf("%d written, %v", n, err)
	}
	all.Wait()
	if !bytes.Equal(got.Bytes(), much) {
		t.Error("other bytes came")
	}
	mustBeBare(t, near, time.Minute)
	near.SetWriteDeadline(time.Unix(1, 0))
	if _, err := near.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
}

// Await ends with what comes, and leaves a connection polled where nothing does.
func TestAwait(t *testing.T) {
	near, far := pair(t)
	mustBeBare(t, near, time.Minute)
	far.Write([]byte("x"))
	if err := near.Await(); err != nil || !near.IsBare() {
		t.Error(near.IsBare(), err)
	}
	mustRead(t, near, "x")
	near.Polled()
	mustBeBare(t, near, time.Millisecond)
	for range 2 {
		if err := near.Await(); err != nil || near.IsBare() {
			t.Error(near.IsBare(), err)
		}
	}
}

// What others do with the socket meets the descriptor that there is.
func TestSyscallConn(t *testing.T) {
	near, far := pair(t)
	rc, err := near.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		kind := 0
		if err := rc.Control(func(fd uintptr) { kind, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TYPE) }); err != nil || kind != syscall.SOCK_STREAM {
			t.Fatal(kind, err)
		}
		if err := rc.Read(func(uintptr) bool { return true }); err != nil { // no wait before f
			t.Fatal(err)
		}
		if _, err := far.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		var n int
		var rerr error
		if err := rc.Read(func(fd uintptr) bool {
			n, rerr = syscall.Read(int(fd), make([]byte, 1))
			return rerr != syscall.EAGAIN
		}); err != nil || n != 1 || rerr != nil {
			t.Fatal(n, rerr, err)
		}
		if err := rc.Write(func(fd uintptr) bool {
			_, rerr = syscall.Write(int(fd), []byte("y"))
			return true
		}); err != nil || rerr != nil {
			t.Fatal(rerr, err)
		}
		mustRead(t, far, "y")
		if near.IsBare() {
			near.Polled()
		} else {
			mustBeBare(t, near, time.Minute)
		}
	}
}

// Close ends it in either state, once, also while somebody reads; and SetLinger
// makes that a reset.
func TestClose(t *testing.T) {
	near, far := pair(t)
	mustBeBare(t, near, 20*time.Millisecond)
	read := make(chan error)
	go func() {
		_, err := near.Read(make([]byte, 1))
		read <- err
	}()
	if err := near.Close(); err != nil {
		t.Error(err)
	}
	if err := <-read; err == nil || err == io.EOF {
		t.Errorf("the read: %v", err)
	}
	mustBeOver(t, near)
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the other end: %v", err)
	}

	near, far = pair(t)
	mustBeBare(t, near, time.Minute)
	if err := near.SetLinger(0); err != nil {
		t.Error(err)
	}
	near.Close()
	mustBeOver(t, near)
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the other end: %v", err)
	}
}

func mustBeOver(t *testing.T, c *Conn) {
	t.Helper()
	_, rerr := c.Read(make([]byte, 1))
	_, werr := c.Write([]byte("x"))
	for what, err := range map[string]error{"close": c.Close(), "read": rerr, "write": werr} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func listener(t *testing.T, patience time.Duration) *Listener {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(ln, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func dial(t *testing.T, l *Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// A listener accepts in either state. What it accepts at once is bare, and waits
// as long as the listener says.
func TestListener(t *testing.T) {
	l := listener(t, 5*time.Millisecond)
	for range 3 {
		if c := l.AcceptNow(); c != nil {
			t.Fatal("somebody has come")
		}
		out := dial(t, l)
		in := l.AcceptNow()
		if in == nil || !in.IsBare() || in.RemoteAddr().String() != out.LocalAddr().String() {
			t.Fatalf("accepted: %v", in)
		}
		in.SetReadDeadline(time.Now().Add(time.Millisecond))
		mustTimeOut(t, in)
		out.Write([]byte("x"))
		in.SetReadDeadline(time.Time{})
		mustRead(t, in, "x")
		in.Close()

		l.Bare()
		out = dial(t, l)
		polled, err := l.Accept()
		if err != nil || polled.RemoteAddr().String() != out.LocalAddr().String() {
			t.Fatal(polled, err)
		}
		polled.Close()
		l.SetDeadline(time.Unix(1, 0))
		if _, err := l.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("after the deadline: %v", err)
		}
		l.Bare()
		l.SetDeadline(time.Time{})
	}
}

// Nobody is accepted after Close, nor let wait.
func TestListenerClose(t *testing.T) {
	for _, bare := range []bool{true, false} {
		l := listener(t, time.Millisecond)
		if bare {
			l.Bare()
		}
		over := make(chan error)
		if !bare {
			go func() {
				_, err := l.Accept()
				over <- err
			}()
		}
		l.Close()
		if !bare {
			if err := <-over; !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if l.AcceptNow() != nil || l.Close() == nil {
			t.Error("it is not closed")
		}
		if c, err := net.Dial("tcp4", l.Addr().String()); err == nil {
			c.Close()
			t.Error("it listens still")
		}
	}
}
