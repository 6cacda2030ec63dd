//go:build unix

package panes

import (
	"bytes"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// mend is what undoes all that the panes tell a terminal: reports of the
// mouse, of focus and of pasting, colours, the hidden cursor, margins, keys,
// and the other screen.
const mend = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?9001l\x1b[<u\x1b[>4;0m" +
	"\x1b[23;2t\x1b[m\x1b[?25h\x1b[?7h\x1b[?1l\x1b>\x1b[?1049l\r"

// Guard is the guard's process: it waits for the end of in, and mends the
// terminal when that came too early. It writes to ready once.
func Guard(in io.Reader, ready io.WriteCloser) error {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGPIPE)
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer tty.Close()
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return err
	}
	_, _ = ready.Write([]byte{engaged})
	ready.Close()
	last, trace := watch(in)
	if last != engaged && len(trace) == 0 {
		return nil
	}
	if last == engaged {
		_, _ = io.WriteString(tty, mend)
		time.Sleep(handBack)
		// A shell has taken the terminal back by now. Those that edit lines
		// have set it up for themselves; dash and its like leave that to us.
		if stillOurs(int(tty.Fd())) {
			_ = term.Restore(int(tty.Fd()), before)
		}
	}
	_, err = tty.Write(bytes.ReplaceAll(trace, []byte("\n"), []byte("\r\n")))
	return err
}

// stillOurs reports whether a terminal is as the panes have made it: no line
// editor turns off that line feeds begin a line.
func stillOurs(fd int) bool {
	now, err := unix.IoctlGetTermios(fd, readTermios)
	return err == nil && now.Oflag&unix.OPOST == 0 && now.Lflag&(unix.ICANON|unix.ISIG) == 0
}

// watch reads what the guard is told, until its end: the last word, and the
// trace of a panic, whose beginning is enough.
func watch(in io.Reader) (last byte, trace []byte) {
	b := make([]byte, 4096)
	for {
		n, err := in.Read(b)
		for _, c := range b[:n] {
			switch {
			case c == engaged || c == suspended || c == released:
				last = c
			case len(trace) < maxTrace:
				trace = append(trace, c)
			}
		}
		if err != nil {
			return last, trace
		}
	}
}
