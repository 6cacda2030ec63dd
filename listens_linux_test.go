package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// servers.md T28: there is no way for administrators over the network:
// `ferry serve` listens where it says, at a control socket in the file system
// that --no-state leaves out, and nowhere else.
func TestOnlyFTPListens(t *testing.T) {
	addr, pid := ferryProcess(t, localhost, t.TempDir(), "--no-state", "--implicit", "127.0.0.1:0")
	nc, err := net.Dial("tcp", addr) // so that a session is there, too
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(addr)
	listening := sockets(t, pid)
	slices.Sort(listening)
	if !slices.Contains(listening, fmt.Sprintf("tcp 0100007F:%04X", at.Port())) {
		t.Errorf("its port %d is not among %q", at.Port(), listening)
	}
	if len(listening) != 2 {
		t.Errorf("it listens at %q, want --listen and --implicit only", listening)
	}
	for _, l := range listening {
		if !strings.HasPrefix(l, "tcp 0100007F:") {
			t.Errorf("it listens at %s", l)
		}
	}
}

// sockets are those of a process that others can reach: TCP that listens, UDP,
// and Unix sockets with names.
func sockets(t *testing.T, pid int) (found []string) {
	t.Helper()
	own := map[string]bool{}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		to, _ := os.Readlink(filepath.Join(fmt.Sprintf("/proc/%d/fd", pid), fd.Name()))
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	if len(own) == 0 {
		t.Fatal("no socket was found at all")
	}
	for kind, column := range map[string]int{"tcp": 9, "tcp6": 9, "udp": 9, "udp6": 9, "unix": 6} {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "net", kind))
		if err != nil {
			continue // this kernel has none of the kind
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			switch {
			case len(f) <= column || !own[f[column]]:
			case kind == "unix" && len(f) > 7, strings.HasPrefix(kind, "udp"):
				found = append(found, kind+" "+f[1])
			case strings.HasPrefix(kind, "tcp") && f[3] == "0A": // LISTEN
				found = append(found, kind+" "+f[1])
			}
		}
	}
	return found
}
