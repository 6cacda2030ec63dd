package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func clock() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

// written is a journal as a run leaves it that was killed after its records.
func written(t testing.TB, dir string, records ...Record) {
	t.Helper()
	j, err := Lock(dir, "k", "s.ftp", clock)
	if err != nil {
		t.Fatal(err)
	}
	defer j.lock.Close()
	if err := j.Begin(Head{Script: "/s.ftp", Sum: Sum("x"), Began: clock()}); err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := j.Append(r, Durable); err != nil {
			t.Fatal(err)
		}
	}
	j.file.Close()
}

func some() []Record {
	return []Record{
		{Kind: Begin, ID: "1", Site: "anna@ftp.test:21"},
		{Kind: File, ID: "1", Way: "up", Local: "/a", Remote: "b\xff\n", Size: 12, Time: clock(), Hash: "SHA-256 00"},
		{Kind: Done, ID: "1"},
		{Kind: Begin, ID: "2"},
		{Kind: Failed, ID: "2"},
		{Kind: Value, ID: "3", Values: []Name{"x", "\x00"}},
		{Kind: Begin, ID: "4", Size: 3},
	}
}

func past(t testing.TB, dir string) *Past {
	t.Helper()
	j, err := Lock(dir, "k", "s.ftp", clock)
	if err != nil {
		t.Fatal(err)
	}
	defer j.lock.Close()
	p, err := j.Past()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestJournalTellsWhatWasDone(t *testing.T) {
	dir := t.TempDir()
	written(t, dir, some()...)
	p := past(t, dir)
	if l := p.Lines["1"]; !l.Done || l.Site != "anna@ftp.test:21" || len(l.Files) != 1 || l.Files[0].Remote != "b\xff\n" || !l.Files[0].Time.Equal(clock()) {
		t.Errorf("%+v", l)
	}
	if l := p.Lines["2"]; l.Done || l.Begun != nil {
		t.Errorf("a line that failed counts: %+v", l)
	}
	if diff := cmp.Diff([]Name{"x", "\x00"}, p.Lines["3"].Values); diff != "" {
		t.Error(diff)
	}
	if l := p.Lines["4"]; l.Done || l.Begun == nil || l.Begun.Size != 3 {
		t.Errorf("%+v", l)
	}
	if p.Ended || p.Torn || p.Head.Script != "/s.ftp" || p.Head.Sum != Sum("x") {
		t.Errorf("%+v", p)
	}
}

func TestNoJournal(t *testing.T) {
	dir := t.TempDir()
	if p := past(t, dir); p != nil {
		t.Error(p)
	}
	if err := os.WriteFile(filepath.Join(dir, "k.journal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if p := past(t, dir); p != nil {
		t.Error("an empty journal is one", p)
	}
}

// A run that goes on writes behind what counts, and may itself be gone on with.
func TestContinue(t *testing.T) {
	dir := t.TempDir()
	written(t, dir, some()...)
	tear(t, dir, 5)
	for range 2 {
		j, err := Lock(dir, "k", "s.ftp", clock)
		if err != nil {
			t.Fatal(err)
		}
		p, err := j.Past()
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Continue(p); err != nil {
			t.Fatal(err)
		}
		if err := j.Append(Record{Kind: Done, ID: "5"}, Grouped); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(3); err != nil {
			t.Fatal(err)
		}
	}
	p := past(t, dir)
	if p.Lines["4"] != nil || !p.Lines["5"].Done || !p.Lines["1"].Done || !p.Ended || p.Code != 3 || p.Torn {
		t.Errorf("%+v", p)
	}
}

func tear(t testing.TB, dir string, n int64) {
	t.Helper()
	name := filepath.Join(dir, "k.journal")
	info, err := os.Stat(name)
	if err == nil {
		err = os.Truncate(name, info.Size()-n)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestDoneRunsAreTold(t *testing.T) {
	dir := t.TempDir()
	j, err := Lock(dir, "k", "s.ftp", clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Begin(Head{}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(0); err != nil {
		t.Fatal(err)
	}
	if p := past(t, dir); p == nil || !p.Whole() {
		t.Error(p)
	}
}

func TestTwoRunsLockEachOtherOut(t *testing.T) {
	dir := t.TempDir()
	j, err := Lock(dir, "k", "s.ftp", clock)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Lock(dir, "k", "s.ftp", clock)
	var busy *BusyError
	if !errors.As(err, &busy) || !strings.HasPrefix(err.Error(), "s.ftp runs already: process ") || !strings.HasSuffix(err.Error(), "since 2026-03-04T05:06:07Z") {
		t.Error(err)
	}
	other, err := Lock(dir, "other", "t.ftp", clock)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range []*Journal{j, other} {
		if err := j.Close(1); err != nil {
			t.Error(err)
		}
	}
	if j, err = Lock(dir, "k", "s.ftp", clock); err != nil {
		t.Fatal("the lock outlives its run:", err)
	}
	j.Close(0)
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	written(t, dir, some()...)
	names := func() int {
		e, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(e)
	}
	if err := Sweep(dir, time.Now().Add(Keep/2)); err != nil || names() != 2 {
		t.Error("a young journal is gone", err)
	}
	j, err := Lock(dir, "k", "s.ftp", clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := Sweep(dir, time.Now().Add(2*Keep)); err != nil || names() != 2 {
		t.Error("the journal of a run under way is gone", err)
	}
	j.lock.Close()
	if err := Sweep(dir, time.Now().Add(2*Keep)); err != nil || names() != 0 {
		t.Error("an old journal stays", err)
	}
	if err := Sweep(filepath.Join(dir, "none"), time.Now()); err != nil {
		t.Error(err)
	}
}

// disk is a journal's bytes, and how many records begin before each byte.
func disk(t testing.TB) []byte {
	t.Helper()
	dir := t.TempDir()
	written(t, dir, some()...)
	b, err := os.ReadFile(filepath.Join(dir, "k.journal"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A journal that was cut at any byte is a beginning of what was written.
func TestEveryCut(t *testing.T) {
	whole := disk(t)
	for n := range whole {
		p, err := Read(bytes.NewReader(whole[:n]))
		lines := bytes.Count(whole[:n], []byte("\n"))
		if err != nil && (lines > 0 || !errors.Is(err, errEmpty)) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if err == nil && (p.number != lines || p.Torn != (whole[n-1] != '\n')) {
			t.Fatalf("cut at %d: %d of %d records, torn %v", n, p.number, lines, p.Torn)
		}
	}
}

// A byte that is another one anywhere is refused, or has torn the last record.
func TestEveryByteCounts(t *testing.T) {
	whole := disk(t)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for i := range whole {
		for _, c := range []byte{whole[i] ^ 1, whole[i] ^ 0x80, 0, '\n'} {
			if c == whole[i] {
				continue
			}
			bad := bytes.Clone(whole)
			bad[i] = c
			p, err := Read(bytes.NewReader(bad))
			if err == nil && (i < last || p.number >= 8) {
				t.Fatalf("byte %d as %q is believed: %d records", i, c, p.number)
			}
		}
	}
}

func TestDamage(t *testing.T) {
	whole := disk(t)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	other := bytes.SplitAfter(disk(t), []byte("\n"))
	join := func(l ...[]byte) []byte { return bytes.Join(l, nil) }
	for name, c := range map[string]struct {
		text []byte
		want string // "": the first torn records are left out
	}{
		"zeros behind":        {append(bytes.Clone(whole), make([]byte, 4096)...), ""},
		"zeros for the last":  {append(join(lines[:7]...), make([]byte, 100)...), ""},
		"a line twice":        {join(append(lines[:8:8], lines[7])...), "the journal is damaged: record 9 is not what was written"},
		"a line missing":      {join(append(lines[:3:3], lines[4:]...)...), "the journal is damaged: record 4 is not what was written"},
		"lines changed over":  {join(lines[0], lines[2], lines[1]), "the journal is damaged: record 2 is not what was written"},
		"another's line":      {join(lines[0], other[1]), "the journal is damaged: record 2 is not what was written"},
		"no head":             {join(lines[1]), "the journal is damaged: record 1 is not what was written"},
		"two heads":           {join(lines[0], lines[0]), "the journal is damaged: record 2 is not what was written"},
		"some other file":     {[]byte("hello\nworld\n"), "the journal is damaged: record 1 is not what was written"},
		"zeros in the middle": {join(lines[0], make([]byte, 50), lines[1]), "the journal is damaged: record 2 is not what was written"},
	} {
		p, err := Read(bytes.NewReader(c.text))
		if c.want == "" && (err != nil || !p.Torn) || c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVersions(t *testing.T) {
	h := Head{Version: 2}
	text, err := Record{Kind: RunKind, Head: &h}.line("", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), "is of version 2; this ferry knows 1") {
		t.Error(err)
	}
}

func TestReadErrors(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Error(err)
	}
	if p, err := Read(iotest.OneByteReader(bytes.NewReader(disk(t)))); err != nil || p.number != 8 {
		t.Error(p, err)
	}
}

func TestKeysDiffer(t *testing.T) {
	one, same := Key("a"), Key("a")
	if Key("a", "bc") == Key("ab", "c") || one != same || one == Key("a", "") {
		t.Error("keys don't tell their parts apart")
	}
}

// fixed is a journal that is the same in every process.
func fixed(t testing.TB) (whole []byte) {
	records := append([]Record{{Kind: RunKind, Head: &Head{Version: version, Nonce: "N"}}}, some()...)
	for i, r := range records {
		text, err := r.line("N", i+1)
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, text...)
	}
	return whole
}

// FuzzRead damages a journal: what comes back is a beginning of it, or a
// refusal.
func FuzzRead(f *testing.F) {
	whole := fixed(f)
	f.Add(whole, 0, 0, []byte{})
	f.Add(whole, 100, 120, []byte("x"))
	f.Add(whole, len(whole)-3, len(whole), []byte{})
	f.Add([]byte("0123456789abcdef {}\n"), 0, 0, []byte{})
	f.Fuzz(func(t *testing.T, text []byte, from, to int, with []byte) {
		_, _ = Read(bytes.NewReader(text)) // anything at all: no panic
		if from < 0 || to < from || to > len(whole) {
			return
		}
		bad := bytes.Join([][]byte{whole[:from], with, whole[to:]}, nil)
		p, err := Read(bytes.NewReader(bad))
		if err != nil {
			return
		}
		if int(p.Length) > len(whole) || !bytes.Equal(bad[:p.Length], whole[:p.Length]) {
			t.Errorf("believed what was never written:\n%q", bad[:p.Length])
		}
	})
}
