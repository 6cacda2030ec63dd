package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/serve/live"
)

func upload(path string) live.Event {
	return live.Event{Kind: live.Upload, Time: time.Date(2026, 11, 5, 9, 8, 7, 0, time.Local), User: "ann", Peer: netip.MustParseAddrPort("192.0.2.7:4000"),
		Path: path, Bytes: 1234, Took: 2600 * time.Millisecond, Outcome: live.Done, Code: 226}
}

func TestXferlog(t *testing.T) {
	anonymous := upload("/a b\n1 forged\x1b[2J\u2028")
	anonymous.User, anonymous.Kind, anonymous.Outcome = "ftp", live.Download, live.Broken
	refused := upload("/x")
	refused.Outcome = live.Denied
	for _, c := range []struct {
		e    live.Event
		want string
	}{
		{upload("/in/f"), "Thu Nov  5 09:08:07 2026 3 192.0.2.7 1234 /in/f b _ i r ann ftp 0 * c\n"},
		{anonymous, "Thu Nov  5 09:08:07 2026 3 192.0.2.7 1234 /a_b_1_forged_[2J_ b _ o a ftp ftp 0 * i\n"},
		{refused, ""},
		{live.Event{Kind: live.LoggedIn}, ""},
	} {
		if got := string(asXfer(c.e)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.e.Path, got, c.want)
		}
	}
}

func TestJournalIsOneLineAnEvent(t *testing.T) {
	var out bytes.Buffer
	j := New(&out, func(err error) { t.Error(err) })
	j.Observe(upload("/a\r\n{\"event\":\"forged\"}\x1b[2J"))
	j.Observe(live.Event{Kind: live.Acted, User: "uid 0", Verb: "kick", Path: "user ann"})
	j.Close()
	j.Observe(upload("/late"))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 || strings.ContainsAny(out.String(), "\r\x1b") {
		t.Fatalf("got %q", out.String())
	}
	for i, want := range []live.Kind{live.Upload, live.Acted} {
		var e live.Event
		if err := json.Unmarshal([]byte(lines[i]), &e); err != nil || e.Kind != want {
			t.Errorf("%s: %v", lines[i], err)
		}
	}
}

// failing is a disk that is full for a while.
type failing struct {
	bytes.Buffer
	bad bool
}

func (f *failing) Write(p []byte) (int, error) {
	if f.bad {
		return 0, errors.New("disk full")
	}
	return f.Buffer.Write(p)
}

func TestErrorsAreToldOnce(t *testing.T) {
	times := 0
	j := New(&failing{bad: true}, func(error) { times++ })
	for range 5 {
		j.Observe(upload("/f"))
	}
	j.Close()
	if times != 1 {
		t.Errorf("told %d times", times)
	}
}

func TestFileMakesRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := Open(path, 0o600, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, line := range []string{"aaaa\n", "bbbb\n", "cccc\n", "dddd\n", "eeee\n"} {
		if _, err := f.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{path: "eeee\n", path + ".1": "cccc\ndddd\n", path + ".2": "aaaa\nbbbb\n"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", filepath.Base(name), got, err, want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestFileIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := Open(path, 0o600, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, _ = f.Write([]byte("old\n"))
	if err := os.Rename(path, path+".old"); err != nil {
		t.Skip("an open file can't be moved here:", err)
	}
	_, _ = f.Write([]byte("still old\n"))
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("new\n"))
	old, _ := os.ReadFile(path + ".old")
	now, _ := os.ReadFile(path)
	if string(old) != "old\nstill old\n" || string(now) != "new\n" {
		t.Errorf("old %q, new %q", old, now)
	}
}
