package proto_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"ferry/proto"
)

// tcpPair returns the two ends of a connection over the host's loopback.
func tcpPair(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := proto.TCP{}.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err = proto.TCP{}.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

func TestConnOverTCP(t *testing.T) {
	near, far := tcpPair(t)
	server, client := proto.NewConn(near, nil), proto.NewConn(far, nil)
	long := strings.Repeat("x", proto.MaxCommand-5)
	for _, cmd := range []proto.Command{proto.Cmd("NOOP"), proto.Cmd("RETR", long), proto.Cmd("QUIT")} {
		if err := client.WriteCommand(cmd); err != nil {
			t.Fatal(err)
		}
	}
	go client.Flush()
	for _, want := range []string{"NOOP", "RETR", "QUIT"} {
		if cmd, err := server.ReadCommand(); err != nil || cmd.Verb != want {
			t.Fatalf("%v, %v, want %s", cmd.Verb, err, want)
		}
	}
	server.WriteReply(proto.Replyf(proto.Closing, "bye"))
	if err := server.Flush(); err != nil {
		t.Fatal(err)
	}
	if r, err := client.ReadReply(); err != nil || r.Code != proto.Closing {
		t.Errorf("%v, %v", r, err)
	}

	// The read deadline is how a session's owner is woken.
	go func() {
		time.Sleep(time.Millisecond)
		server.SetReadDeadline(time.Unix(1, 0))
	}()
	if _, err := server.ReadCommand(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("woken: %v", err)
	}
	server.SetReadDeadline(time.Time{})
	client.Close()
	if _, err := server.ReadCommand(); !errors.Is(err, io.EOF) {
		t.Errorf("closed: %v", err)
	}
	server.Close()
	if _, err := server.ReadCommand(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("own end closed: %v", err)
	}
}

func TestResetOverTCP(t *testing.T) {
	near, far := tcpPair(t)
	far.(*net.TCPConn).SetLinger(0)
	far.Close()
	_, err := proto.NewConn(near, nil).ReadCommand()
	var op *net.OpError
	if !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &op) {
		t.Errorf("%v", err)
	}
	if got := proto.Cause(context.Background(), err); got != err {
		t.Errorf("cause %v", got)
	}
}

// Ten thousand idle sessions are a normal day: each costs no buffer, neither
// over TCP nor over what can't be waited for (TLS, memory).
func TestIdleConnHoldsNoBuffer(t *testing.T) {
	pairs := map[string]func() (net.Conn, net.Conn){
		"TCP": func() (net.Conn, net.Conn) {
			if runtime.GOOS == "windows" {
				t.Skip("no way to wait without a buffer")
			}
			return tcpPair(t)
		},
		"other": net.Pipe,
	}
	const conns, most = 200, 1024 // bytes of heap
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			var nears, fars [conns]net.Conn
			for i := range conns {
				nears[i], fars[i] = pair()
				defer fars[i].Close()
			}
			done := make(chan struct{})
			for range conns { // a goroutine that ended is used again; the first costs
				go func() { done <- struct{}{} }()
			}
			for range conns {
				<-done
			}
			before := heap()
			for i := range conns {
				go func() { idle(proto.NewConn(nears[i], nil)); done <- struct{}{} }()
			}
			// All that makes a connection fat: a long line, Telnet, a long reply.
			line := "RETR \xff\xff" + strings.Repeat("x", 4000) + "\r\n"
			for _, far := range fars {
				io.WriteString(far, line)
				if _, err := io.ReadFull(far, make([]byte, len("200 \r\n")+8000)); err != nil {
					t.Fatal(err)
				}
			}
			after := heap()
			for i := range conns {
				fars[i].Close()
				<-done
			}
			if per := (after - before) / conns; per > most {
				t.Errorf("an idle connection holds %d bytes", per)
			}
		})
	}
}

// idle answers one command and waits for the next.
func idle(c *proto.Conn) {
	if _, err := c.ReadCommand(); err != nil {
		return
	}
	c.WriteReply(proto.Replyf(proto.OK, "%s", strings.Repeat("y", 8000)))
	if c.Flush() == nil {
		c.ReadCommand()
	}
}

func heap() int {
	var m runtime.MemStats
	for range 3 { // what a pool holds is gone after two
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestTCPLocalAddr(t *testing.T) {
	l, err := proto.TCP{}.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	from := proto.TCP{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	c, err := from.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if ip := c.LocalAddr().(*net.TCPAddr).IP; !ip.Equal(net.IPv4(127, 0, 0, 1)) {
		t.Error(ip)
	}
}
