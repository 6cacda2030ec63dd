package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// kernel is what makes a server fast, and keeps it in its place.
func kernel(context.Context, Host) []Finding {
	return []Finding{landlock(), bbr(), spliced()}
}

// landlock asks for the version of the interface, as landlock(7) has it.
func landlock() Finding {
	const name = "Landlock"
	const askVersion = 1 // LANDLOCK_CREATE_RULESET_VERSION
	abi, _, no := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, askVersion)
	switch {
	case no != 0:
		return Finding{Name: name, Result: absent, Found: "this kernel has none: files outside the served directories stay within reach of the process", Fix: "Linux 5.19 or later, with landlock among its lsm="}
	case abi < 2:
		return Finding{Name: name, Result: absent, Found: "ABI 1 can't let files be moved, and is left alone", Fix: "Linux 5.19 or later"}
	}
	return good(name, "ABI %d: files outside are put out of reach", abi)
}

// bbr tells whether data may go out under it.
func bbr() Finding {
	const name = "congestion control"
	const proc = "/proc/sys/net/ipv4/tcp_"
	if strings.Contains(" "+setting(proc+"allowed_congestion_control")+" ", " bbr ") || os.Geteuid() == 0 && strings.Contains(setting(proc+"available_congestion_control"), "bbr") {
		return good(name, "bbr, which lost packets don't slow down")
	}
	fix := "modprobe tcp_bbr; sysctl net.ipv4.tcp_allowed_congestion_control='reno cubic bbr'"
	return Finding{Name: name, Result: absent, Found: "no bbr for ferry here, but " + setting(proc+"congestion_control") + ": lossy lines are slower", Fix: fix}
}

// spliced tries splice from a file into a pipe, as zero-copy transfers do.
func spliced() Finding {
	const name = "zero copy"
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return Finding{Name: name, Result: untold, Found: err.Error()}
	}
	defer self.Close()
	r, w, err := os.Pipe()
	if err != nil {
		return Finding{Name: name, Result: untold, Found: err.Error()}
	}
	defer r.Close()
	defer w.Close()
	if n, err := unix.Splice(int(self.Fd()), nil, int(w.Fd()), nil, 4096, 0); err != nil || n == 0 {
		return Finding{Name: name, Result: weak, Found: fmt.Sprintf("splice does not work here: %v", err), Fix: "is a sandbox (gVisor, seccomp) in between? Files are copied through the process"}
	}
	return good(name, "splice and sendfile")
}

// clock asks the kernel whether somebody keeps it right.
func clock(context.Context, Host) []Finding {
	const name = "clock"
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		return []Finding{{Name: name, Result: untold, Found: err.Error()}}
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		return []Finding{{Name: name, Result: weak, Found: "nobody keeps it right: certificates and times of files depend on it", Fix: "run chrony or systemd-timesyncd (in a container: on its host)"}}
	}
	return []Finding{good(name, "kept right, to %d ms", t.Maxerror/1000)}
}

// limits are those of the system that sessions run into.
func limits(_ context.Context, h Host) []Finding {
	all := []Finding{openFiles(h)}
	if n, err := strconv.Atoi(setting("/proc/sys/net/core/somaxconn")); err == nil {
		f := good("backlog", "%d connections may wait", n)
		if n < fewWaiting {
			f.Result, f.Fix = weak, "sysctl net.core.somaxconn=4096"
		}
		all = append(all, f)
	}
	return all
}

// ephemeral is where the system takes ports for outgoing connections.
func ephemeral() (low, high int) {
	_, _ = fmt.Sscan(setting("/proc/sys/net/ipv4/ip_local_port_range"), &low, &high)
	return low, high
}

func setting(path string) string {
	text, _ := os.ReadFile(path) // what can't be read is not there
	return strings.TrimSpace(string(text))
}

// holder is the program that listens on a port, as far as we may know.
func holder(port uint16) string {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		for line := range strings.Lines(setting(table)) {
			f := strings.Fields(line)
			const listens = "0A"
			if len(f) > 9 && f[3] == listens && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				sockets["socket:["+f[9]+"]"] = true
			}
		}
	}
	if len(sockets) == 0 {
		return ""
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && sockets[to] {
			process := filepath.Dir(filepath.Dir(link))
			return fmt.Sprintf("%s (process %s)", setting(process+"/comm"), filepath.Base(process))
		}
	}
	return "a program of another user"
}
