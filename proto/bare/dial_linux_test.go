package bare

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// What was dialled is bare from its first moment, and carries both ways.
func TestDial(t *testing.T) {
	for _, host := range []string{"127.0.0.1:0", "[::1]:0"} {
		ln, err := net.Listen("tcp", host)
		if err != nil && host == "[::1]:0" {
			t.Log("a machine without IPv6:", err) // the other family has been tried
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		c, err := Dial(t.Context(), ln.Addr().(*net.TCPAddr).AddrPort(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		far, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer far.Close()
		if !c.IsBare() || c.RemoteAddr().String() != ln.Addr().String() {
			t.Error(c.IsBare(), c.RemoteAddr())
		}
		if _, err := c.Write([]byte("there")); err != nil {
			t.Error(err)
		}
		mustRead(t, far, "there")
		if _, err := far.Write([]byte("back")); err != nil {
			t.Error(err)
		}
		mustRead(t, c, "back")
	}
}

func TestDialNobody(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := ln.Addr().(*net.TCPAddr).AddrPort()
	ln.Close()
	var oe *net.OpError
	if _, err := Dial(t.Context(), to, time.Second); !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &oe) {
		t.Errorf("%v (%T)", err, err)
	}
}

// A listener whose queue is full answers nothing: the context ends that.
func TestDialGivenUp(t *testing.T) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*syscall.SockaddrInet4).Port))
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		c, err := Dial(ctx, to, time.Second)
		if err == nil {
			defer c.Close()
			continue
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		return
	}
	t.Error("all connections stood")
}
