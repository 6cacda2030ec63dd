//go:build unix

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A service manager is told when the server is ready, is in its senses, reads its
// settings again and stops, by the server itself or by its parent.
func TestServiceManagerIsTold(t *testing.T) {
	for name, flags := range map[string][]string{"alone": nil, "watched": {"--watchdog"}} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "notify") // a socket's path is short
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			at := filepath.Join(dir, "s")
			manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: at, Net: "unixgram"})
			if err != nil {
				t.Fatal(err)
			}
			defer manager.Close()
			var said strings.Builder
			hears := func(state string) {
				t.Helper()
				_ = manager.SetReadDeadline(time.Now().Add(time.Minute))
				for b := make([]byte, 4096); ; {
					n, err := manager.Read(b)
					if err != nil {
						t.Fatalf("%s: %v; said so far:\n%s", state, err, said.String())
					}
					said.Write(append(b[:n:n], '\n'))
					if strings.Contains("\n"+string(b[:n])+"\n", "\n"+state+"\n") {
						return
					}
				}
			}
			serve := exec.Command(program, append([]string{"serve", t.TempDir(), "--listen", "127.0.0.1:0", "--anonymous", "--no-state"}, flags...)...)
			serve.Env = append(os.Environ(), "NOTIFY_SOCKET="+at, "WATCHDOG_USEC=100000")
			if err := serve.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = serve.Process.Kill() }()
			hears("READY=1")
			if flags == nil { // a parent says it every ten seconds
				hears("WATCHDOG=1")
			}
			for _, step := range []struct {
				sig    syscall.Signal
				states []string
			}{{syscall.SIGHUP, []string{"RELOADING=1", "READY=1"}}, {syscall.SIGTERM, []string{"STOPPING=1"}}} {
				if err := serve.Process.Signal(step.sig); err != nil {
					t.Fatal(err)
				}
				for _, state := range step.states {
					hears(state)
				}
			}
			if err := serve.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}
