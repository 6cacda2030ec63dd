package repl

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	"ferry/proto/list"
	"ferry/script"
)

// history is what was typed, oldest first. On disk it is a text file that all
// running shells of a user add to, a line at a time, and read on from where
// they were.
type history struct {
	path string // "" when it is not kept

	mu    sync.Mutex
	lines []string
	added int         // lines ever added: since counts in these
	info  os.FileInfo // of the file that offset belongs to
	at    int64       // how much of it was read
}

// newHistory opens a history in a directory that only its owner can read.
// "" keeps none.
func newHistory(dir string) (*history, error) {
	h := &history{}
	if dir == "" {
		return h, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return h, err
	}
	path := filepath.Join(dir, "history")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return h, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().Perm()&0o077 != 0 {
		_ = f.Chmod(0o600) // host names and paths are nobody else's business
	}
	h.path = path
	h.read()
	h.shorten()
	return h, nil
}

// keep adds a line that was typed. One with a secret is not kept at all, one
// that is not a line of the language only here: it may be a password at the
// wrong prompt.
//
// SECURITY: the only way into the history.
func (h *history) keep(t *script.Table, line string) {
	line = strings.TrimSpace(line)
	if !plain(line) {
		return
	}
	if _, secret := t.ShownText(line); secret {
		return
	}
	if h.path == "" || !understood(t, line) || h.write(line) != nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.add(line)
	}
}

// understood reports whether a line can be read and its verbs exist.
func understood(t *script.Table, line string) bool {
	lines, err := t.ParseLine(line)
	if err != nil || len(lines) == 0 {
		return false
	}
	for _, l := range lines {
		if _, err := t.Lookup(l.Verb); err != nil {
			return false
		}
	}
	return true
}

func (h *history) write(line string) error {
	f, err := os.OpenFile(h.path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.WriteString(f, line+"\n"); err != nil { // one write: shells don't mix their lines
		return err
	}
	h.read()
	return nil
}

// read takes in what this and other shells have added.
func (h *history) read() {
	if h.path == "" {
		return
	}
	f, err := os.Open(h.path)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.info != nil && (!os.SameFile(info, h.info) || info.Size() < h.at) {
		h.lines, h.at = nil, 0 // another shell has shortened it
	}
	h.info = info
	b, err := io.ReadAll(io.NewSectionReader(f, h.at, info.Size()-h.at))
	if err != nil {
		return
	}
	whole := bytes.LastIndexByte(b, '\n') + 1
	h.at += int64(whole)
	for line := range strings.Lines(string(b[:whole])) {
		h.add(strings.TrimSuffix(line, "\n"))
	}
}

// add takes a line in.
//
// SECURITY: the file may have been written by something else; what is not
// plain text would reach the terminal.
func (h *history) add(line string) {
	if !plain(line) {
		return
	}
	if n := len(h.lines); n > 0 && h.lines[n-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	h.added++
	if extra := len(h.lines) - maxHistory; extra > 0 {
		h.lines = append([]string(nil), h.lines[extra:]...)
	}
}

// plain reports whether a line may stand in a history.
func plain(line string) bool {
	return line != "" && len(line) <= maxHistoryLine && utf8.ValidString(line) && list.Printable(line) == line
}

// shorten rewrites a file that has twice the lines that are kept.
func (h *history) shorten() {
	b, err := os.ReadFile(h.path)
	if err != nil || bytes.Count(b, []byte("\n")) < 2*maxHistory {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(h.path), "history-*")
	if err != nil {
		return
	}
	_, err = io.WriteString(f, strings.Join(h.lines, "\n")+"\n")
	if cerr := f.Close(); err != nil || cerr != nil || os.Rename(f.Name(), h.path) != nil {
		os.Remove(f.Name())
		return
	}
	h.info = nil
	if info, err := os.Stat(h.path); err == nil {
		h.info, h.at = info, info.Size()
	}
}

// since are the lines added after the first *seen, which becomes all.
func (h *history) since(seen *int) []string {
	h.read()
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(h.added-*seen, len(h.lines))
	*seen = h.added
	return append([]string(nil), h.lines[len(h.lines)-n:]...)
}

// all are the lines, oldest first.
func (h *history) all() []string {
	n := 0
	return h.since(&n)
}

// suggest is the rest of the newest line that begins with this one.
func (h *history) suggest(line string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.lines) - 1; i >= 0; i-- {
		if rest, ok := strings.CutPrefix(h.lines[i], line); ok && rest != "" {
			return rest
		}
	}
	return ""
}
