package serve

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"

	"ferry/serve/journal"
	"ferry/serve/live"
)

// Written is what a daemon writes down beside its log, and how large that gets.
type Written struct {
	Journal string // file of events, as JSON lines; "": none
	Xferlog string // file of transfers, as wu-ftpd's; "": none
	Most    int64  // bytes of the log and the xferlog, before they make room; 0: any number
}

// logger opens the log. A file gets every command, standard error only logins,
// refusals, transfers and troubles.
func (d Daemon) logger() (*slog.Logger, io.Closer, error) {
	if d.LogFile == "" {
		return NewLogger(d.Err, d.LogFormat, slog.LevelInfo), io.NopCloser(nil), nil
	}
	f, err := d.logTarget()
	if err != nil {
		return nil, nil, &StartError{fmt.Errorf("serve: --log: %w", err), "the log needs a file that may be written, in a directory that exists; syslog: and journald: are the system's"}
	}
	return NewLogger(f, d.LogFormat, slog.LevelDebug), f, nil
}

// reopen begins a new file where another program has moved the old one away.
func reopen(log *slog.Logger, to io.Closer) {
	f, ok := to.(*journal.File)
	if !ok {
		return
	}
	if err := f.Reopen(); err != nil {
		log.Error("file can't be opened again, the old one is written on", "err", err)
	}
}

func (r *running) reopen() {
	reopen(r.log, r.to)
	for _, f := range r.written.files {
		reopen(r.log, f)
	}
}

// logTarget is where --log writes: a file, or a service of the system.
func (d Daemon) logTarget() (io.WriteCloser, error) {
	switch {
	case strings.HasPrefix(d.LogFile, "syslog:"):
		return dialSyslog(strings.TrimPrefix(d.LogFile, "syslog:"))
	case strings.HasPrefix(d.LogFile, "journald:"):
		return dialJournald()
	}
	return journal.Open(d.LogFile, 0o640, d.Written.Most)
}

// journaldSocket is where systemd's journal listens: its native protocol, one
// datagram an entry (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
const journaldSocket = "/run/systemd/journal/socket"

// journald writes each line as an entry.
type journald struct{ net.Conn }

func dialJournald() (io.WriteCloser, error) {
	c, err := net.Dial("unixgram", journaldSocket)
	if err != nil {
		return nil, err
	}
	return journald{c}, nil
}

// SECURITY: an entry's fields end with their line; slog has quoted the line ends
// in what strangers wrote.
func (j journald) Write(line []byte) (int, error) {
	text := strings.TrimRight(string(line), "\n")
	if strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	if _, err := fmt.Fprintf(j.Conn, "PRIORITY=%d\nSYSLOG_IDENTIFIER=ferry\nMESSAGE=%s\n", priority(text), text); err != nil {
		return 0, err
	}
	return len(line), nil
}

// priority is that of syslog(3), by the level that slog has written.
func priority(line string) int {
	for i, word := range []string{"ERROR", "WARN", "INFO"} {
		if strings.Contains(line, "level="+word) || strings.Contains(line, `"level":"`+word+`"`) {
			return []int{3, 4, 6}[i]
		}
	}
	return 7
}

// writers write events down until they are closed.
type writers struct {
	sinks []*journal.Sink
	files []*journal.File
}

// openWritten opens the journal and the xferlog, before privileges are given up.
func (d Daemon) openWritten(log *slog.Logger) (w writers, err error) {
	for _, one := range []struct {
		flag, path string
		mode       os.FileMode
		most       int64
		make       func(io.Writer, func(error)) *journal.Sink
	}{
		{"--journal", d.Written.Journal, 0o600, 0, journal.New}, // never changed: it makes no room
		{"--xferlog", d.Written.Xferlog, 0o640, d.Written.Most, journal.Xferlog},
	} {
		if one.path == "" {
			continue
		}
		f, err := journal.Open(one.path, one.mode, one.most)
		if err != nil {
			w.close()
			return w, &StartError{fmt.Errorf("serve: %s: %w", one.flag, err), "it needs a file that may be written, in a directory that exists"}
		}
		w.files = append(w.files, f)
		w.sinks = append(w.sinks, one.make(f, func(err error) { log.Error("events can't be written down", "to", one.path, "err", err) }))
	}
	return w, nil
}

func (w writers) observe(e live.Event) {
	for _, s := range w.sinks {
		s.Observe(e)
	}
}

func (w writers) close() {
	for _, s := range w.sinks {
		s.Close()
	}
	for _, f := range w.files {
		f.Close()
	}
}
