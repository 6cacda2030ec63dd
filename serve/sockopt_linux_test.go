package serve

import (
	"io"
	"net"
	"syscall"
	"testing"
)

// An urgent byte stays in the stream, whoever made the listener.
func TestUrgentDataStaysInLine(t *testing.T) {
	listeners := map[string]func() (net.Listener, error){
		"ours":      func() (net.Listener, error) { return Listen(t.Context(), "127.0.0.1:0") },
		"another's": func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") },
	}
	for name, listen := range listeners {
		t.Run(name, func(t *testing.T) {
			ln, err := listen()
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			each := tune(ln)
			near, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer near.Close()
			far, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer far.Close()
			each(far)
			control(t, near, func(fd int) error { return syscall.Sendto(fd, []byte("ABOR\r\n"), syscall.MSG_OOB, nil) })
			near.Close()
			if got, err := io.ReadAll(far); string(got) != "ABOR\r\n" {
				t.Errorf("got %q, %v", got, err)
			}
			for option, want := range map[int]int{syscall.TCP_KEEPIDLE: 30, syscall.TCP_KEEPINTVL: 10, syscall.TCP_KEEPCNT: 3} {
				control(t, far, func(fd int) error {
					got, err := syscall.GetsockoptInt(fd, syscall.IPPROTO_TCP, option)
					if got != want {
						t.Errorf("option %d is %d, want %d", option, got, want)
					}
					return err
				})
			}
		})
	}
}

func control(t *testing.T, nc net.Conn, f func(fd int) error) {
	t.Helper()
	rc, err := nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var ferr error
	if err := rc.Control(func(fd uintptr) { ferr = f(int(fd)) }); err != nil || ferr != nil {
		t.Fatal(err, ferr)
	}
}
