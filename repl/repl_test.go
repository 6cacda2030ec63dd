package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
	"ferry/script/bulk"
)

// scripted is an editor whose person has written everything down. "^C" is ^C.
type scripted struct {
	lines   []string
	prompts []string
	out     bytes.Buffer
}

func (s *scripted) Line(prompt string) (string, error) {
	s.prompts = append(s.prompts, prompt)
	if len(s.lines) == 0 {
		return "", io.EOF
	}
	line := s.lines[0]
	s.lines = s.lines[1:]
	if line == "^C" {
		return "", errInterrupted
	}
	return line, nil
}

func (s *scripted) Question(_ context.Context, q question) (string, error) { return s.Line(q.line) }
func (s *scripted) Secret(_ context.Context, text string) (string, error)  { return s.Line(text) }
func (s *scripted) Beside() io.Writer                                      { return &s.out }
func (s *scripted) Width() int                                             { return 60 }
func (s *scripted) SetKeys(script.Keys)                                    {}
func (s *scripted) Close() error                                           { return nil }

// ran runs a shell in which these lines are typed.
func ran(t *testing.T, cfg Config, lines ...string) (*shell, *scripted, error) {
	t.Helper()
	ed := &scripted{lines: lines}
	cfg.Script.Err = &ed.out
	if cfg.Script.Dir == "" {
		cfg.Script.Dir = t.TempDir()
	}
	sh := newShell(cfg, &history{}, make(chan os.Signal))
	err := sh.run(t.Context(), ed)
	return sh, ed, err
}

func TestShellGoesOnAfterAFailure(t *testing.T) {
	var out bytes.Buffer
	_, ed, err := ran(t, Config{Script: script.Config{Out: &out}}, "nonsense", "^C", "", "echo on", "ls")
	if err != nil || out.String() != "on\n" {
		t.Errorf("%v, %q", err, out.String())
	}
	if got := ed.out.String(); !strings.Contains(got, "hint: open HOST connects") {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"ferry> ", "ferry> ", "ferry> ", "ferry> ", "ferry> ", "ferry> "}, ed.prompts); diff != "" {
		t.Error(diff)
	}
}

func TestQuitEndsTheShell(t *testing.T) {
	for line, code := range map[string]int{"quit": 0, "bye": 0, "exit 3": 3} {
		_, ed, err := ran(t, Config{}, line, "echo not run")
		var exit *script.Exit
		if len(ed.prompts) != 1 || code == 0 && err != nil || code != 0 && (!errors.As(err, &exit) || exit.Code != code) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestErrorsAreColouredAndWrapped(t *testing.T) {
	_, ed, _ := ran(t, Config{Color: Colored}, "get a", "lcd /no/such/directory/of/a/name/that/is/longer/than/the/screen/is/wide")
	got := ed.out.String()
	if !strings.Contains(got, red+"ferry: get: not connected"+reset+"\n"+cyan+"hint: ") {
		t.Errorf("%q", got)
	}
	for line := range strings.Lines(got) {
		if width(strings.TrimSuffix(line, "\n")) > 60 && !strings.HasPrefix(line, "`") && !strings.Contains(firstHint, strings.TrimSpace(line)) {
			t.Errorf("too long: %q", line)
		}
	}
	_, ed, _ = ran(t, Config{Color: Colored}, "set color never", "get a")
	if strings.Contains(ed.out.String(), "\x1b") {
		t.Errorf("colours: %q", ed.out.String())
	}
}

func TestFirstHintHasThreeShortLines(t *testing.T) {
	lines := strings.Split(firstHint, "\n")
	if len(lines) != 3 {
		t.Error(len(lines), "lines")
	}
	for _, l := range lines {
		if width(l) > 84 {
			t.Errorf("%d columns: %s", width(l), l)
		}
	}
}

func TestCompleteLocally(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one file.txt", "one file.bin", "two", ".hidden", "sub dir/x", "e\x1b[2Jvil"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sh, _, _ := ran(t, Config{Script: script.Config{Dir: dir}})
	sh.history.keep(verbs(), "open ftp.example.com")
	for before, after := range map[string]string{
		"lcat one|":          `lcat "one file.|"`,
		`lcat "one file.|"`:  `lcat "one file.|"`, // a menu
		`lcat "one file.t|"`: `lcat "one file.txt" |`,
		"lcat tw|":           "lcat two |",
		"lcat tw| x":         "lcat two| x",
		"lcat .|":            "lcat .hidden |",
		"lcat e|":            "lcat e|",
		"lcd s|":             `lcd "sub dir/|"`,
		`lcat "sub dir/|"`:   `lcat "sub dir/x" |`,
		"lcat 'o|":           "lcat 'one file.|'",
		"EXI|":               "exit |",
		"set verif|":         "set verify |",
		"set verify h|":      "set verify hash |",
		"get --cont|":        "get --continue |",
		"open f|":            "open ftp.example.com |",
		"echo a; lpw|":       "echo a; lpwd |",
		"zzz|":               "zzz|",
		"get r|":             "get r|", // not connected
		"struct r|":          "struct record |",
	} {
		pos := strings.IndexByte(before, '|')
		c := sh.complete(before[:pos]+before[pos+1:], pos)
		if got := c.Line[:c.Pos] + "|" + c.Line[c.Pos:]; got != after {
			t.Errorf("%s<Tab>: %s, want %s", before, got, after)
		}
	}
	c := sh.complete("lcat ", 5)
	var menu bytes.Buffer
	writeMenu(&menu, c, 60, Plain)
	if got := menu.String(); got != "one file.bin  one file.txt  sub dir/  two\n" {
		t.Errorf("menu %q", got)
	}
}

func TestMenuIsBounded(t *testing.T) {
	dir := t.TempDir()
	for i := range maxMenu + 50 {
		if err := os.WriteFile(filepath.Join(dir, strings.Repeat("x", i+1)), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sh, _, _ := ran(t, Config{Script: script.Config{Dir: dir}})
	c := sh.complete("lcat x", 6)
	var menu bytes.Buffer
	writeMenu(&menu, c, 40, Plain) // names wider than the screen
	if len(c.Menu) != maxMenu || !strings.Contains(menu.String(), "and 50 more") {
		t.Errorf("%d, %s", len(c.Menu), menu.String())
	}
}

func TestColumns(t *testing.T) {
	cells := func(names ...string) (c []cell) {
		for _, n := range names {
			c = append(c, cell{text: n})
		}
		return c
	}
	for _, c := range []struct {
		names []string
		width int
		want  string
	}{
		{[]string{"a", "b", "c"}, 20, "a  b  c\n"},
		{[]string{"a", "b", "c"}, 4, "a  c\nb\n"},
		{[]string{"日本", "b", "c"}, 7, "日本  c\nb\n"},
		{[]string{"longer than that", "b"}, 5, "longer than that\nb\n"},
		{nil, 5, ""},
	} {
		var b bytes.Buffer
		if err := writeColumns(&b, cells(c.names...), c.width, Plain); err != nil || b.String() != c.want {
			t.Errorf("%q in %d: %q, want %q", c.names, c.width, b.String(), c.want)
		}
	}
}

func TestLongListing(t *testing.T) {
	now := time.Now()
	entry := func(e proto.Entry) list.Line { return list.Line{Entry: e, Verdict: list.Understood} }
	s := &shower{shell: &shell{ed: &scripted{}}, colors: newKindColors("*.gz=31")}
	var b bytes.Buffer
	err := s.List(&b, script.Listing{Long: true, Lines: []list.Line{
		entry(proto.Entry{Name: "dir", Kind: proto.Directory, Size: 4096, Modify: now.AddDate(-2, 0, 0), HasMode: true, Mode: 0o755}),
		entry(proto.Entry{Name: "a\x1b[2J.gz", Kind: proto.RegularFile, Size: 2048, Modify: now, HasMode: true, Mode: 0o644}),
		entry(proto.Entry{Name: "link", Kind: proto.Symlink, Size: proto.NoSize, Target: "a\a"}),
		{Text: "what is\x1b[2Jthis", Verdict: list.Unknown},
		{Text: strings.Repeat("日", 1<<20), Verdict: list.Unknown},
	}})
	old, fresh := now.AddDate(-2, 0, 0).Local().Format("Jan _2  2006"), now.Local().Format("Jan _2 15:04")
	want := "drwxr-xr-x     -  " + old + "  dir/\n" +
		"-rw-r--r--  2.0K  " + fresh + `  a\x1b[2J.gz` + "\n" +
		"l?????????     -             -  link -> a" + list.Printable("a\a")[1:] + "\n" +
		`what is\x1b[2Jthis` + "\n" +
		strings.Repeat("日", maxShownName/3) + "…\n"
	if err != nil || b.String() != want {
		t.Errorf("%v\n%s\nwant\n%s", err, b.String(), want)
	}
}

func TestKindColors(t *testing.T) {
	k := newKindColors("di=01;35:*.GZ=31:ln=\x1b]0;x\a:so=:=1:fi=0")
	for _, c := range []struct {
		e    proto.Entry
		want string
	}{
		{proto.Entry{Name: "d", Kind: proto.Directory}, "\x1b[01;35m"},
		{proto.Entry{Name: "a.gz", Kind: proto.RegularFile}, "\x1b[31m"},
		{proto.Entry{Name: "a", Kind: proto.RegularFile}, "\x1b[0m"},
		{proto.Entry{Name: "l", Kind: proto.Symlink}, cyan}, // what is no colour is not believed
	} {
		if got := k.of(c.e); got != c.want {
			t.Errorf("%s: %q, want %q", c.e.Name, got, c.want)
		}
	}
}

func TestParseChoice(t *testing.T) {
	for line, want := range map[string]string{
		"overwrite": "overwrite", "o": "overwrite", "s all": "skip all", "SKIP": "skip all", "ren": "rename", "res a": "resume all",
		"n": "newer", "d": "difference", "r": "", "": "", "skip some": "", "o a l": "", "x": "",
	} {
		choice, all, ok := parseChoice(line, choices(bulk.Conflict{SourceSize: 2, TargetSize: 1}))
		if all && ok {
			choice += " all"
		}
		if choice != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", line, choice, ok)
		}
	}
}

func TestConflictShowsBothSides(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := asker{&shell{meter: &meter{dir: func() string { return "/l" }}}}
	got := a.describe(bulk.Conflict{
		Item: bulk.Item{Local: "/l/a\x1b", Remote: "a"}, Direction: bulk.Down,
		SourceSize: 2048, SourceTime: at, TargetSize: 10, TargetTime: at.Add(time.Hour), FreeName: "/l/a-1",
	})
	want := `a\x1b exists:
  here    10 bytes                ` + at.Add(time.Hour).Local().Format(time.DateTime) + `  newer
  server  2048 bytes (2.0K)       ` + at.Local().Format(time.DateTime) + `  larger
  rename would make it a-1`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		source, target int64
		resume         bool
	}{{2, 1, true}, {1, 1, false}, {1, 2, false}, {proto.NoSize, 1, false}, {2, proto.NoSize, false}} {
		if got := slices.Contains(choices(bulk.Conflict{SourceSize: c.source, TargetSize: c.target}), "resume"); got != c.resume {
			t.Errorf("%+v: resume is offered: %v", c, got)
		}
	}
}

// drawn is what bars would show.
type drawnBars struct {
	bytes.Buffer
	log []string
}

func (d *drawnBars) Set(f *flow)   { d.log = append(d.log, "set "+f.name+f.news()) }
func (d *drawnBars) Drop(f *flow)  { d.log = append(d.log, "drop "+f.name) }
func (d *drawnBars) Total(f *flow) { d.log = append(d.log, f.name+f.news()) }
func (d *drawnBars) Close()        { d.log = append(d.log, "close") }

func TestMeter(t *testing.T) {
	d := &drawnBars{}
	var out bytes.Buffer
	m := &meter{
		to: &out, dir: func() string { return "/l" }, draw: func(io.Writer, func() int) bars { return d },
		say: func(bulk.EventKind) bool { return true }, c: func() Color { return Plain },
	}
	at := time.Unix(1000, 0)
	item, small := bulk.Item{Local: "/l/a\x1b", Remote: "/r/a"}, bulk.Item{Local: "/l/s", Remote: "s"}
	m.event(bulk.Event{Kind: bulk.Planned, At: at, Files: 3, Size: 120 << 20, Direction: bulk.Down})
	m.event(bulk.Event{Kind: bulk.Started, At: at, Item: item, Size: 100 << 20, Direction: bulk.Down})
	m.event(bulk.Event{Kind: bulk.Progress, At: at, Item: item, Size: 100 << 20, Moved: 50 << 20, Direction: bulk.Down}) // resumed there
	m.event(bulk.Event{Kind: bulk.Started, At: at, Item: small, Size: 10 << 20, Direction: bulk.Down})
	m.event(bulk.Event{Kind: bulk.Done, At: at.Add(time.Second), Item: small, Size: 10 << 20, Direction: bulk.Down}) // too small for news of its own
	m.event(bulk.Event{Kind: bulk.Progress, At: at.Add(time.Second), Item: item, Size: 100 << 20, Moved: 60 << 20, Direction: bulk.Down})
	m.event(bulk.Event{Kind: bulk.Skipped, At: at.Add(2 * time.Second), Item: bulk.Item{Local: "/x/b", Remote: "b"}, Size: 10 << 20, Direction: bulk.Up, Why: "it exists"})
	m.event(bulk.Event{Kind: bulk.Done, At: at.Add(2 * time.Second), Item: item, Size: 100 << 20, Direction: bulk.Down})
	m.finish()
	want := []string{
		"set a\x1b  50%   50M      0/s        ", "0 of 3 files  41%   50M      0/s        ",
		"drop s", "1 of 3 files  50%   60M    10M/s    0:06",
		"set a\x1b  60%   60M    10M/s    0:04", "1 of 3 files  58%   70M    20M/s    0:03",
		"2 of 3 files  63%   70M    10M/s    0:04",
		"drop a\x1b", "3 of 3 files 100%  110M    30M/s    0:00", "close",
	}
	if diff := cmp.Diff(want, d.log); diff != "" {
		t.Error(diff)
	}
	if got := d.String(); got != "s -> s (10M)\n/x/b -> b: skipped: it exists\n"+`/r/a -> a\x1b (100M)`+"\n" {
		t.Errorf("%q", got)
	}
	if got := out.String(); !strings.HasPrefix(got, "2 files, 110M in ") || !strings.HasSuffix(got, ", 1 skipped\n") {
		t.Errorf("%q", got)
	}
}

// A rate of the past is none: where nothing moves the bar says for how long.
func TestMeterOfSilence(t *testing.T) {
	at := time.Unix(1000, 0)
	f := flow{name: "a", size: 1000, began: at}
	f.at(500, at.Add(time.Second))
	f.at(500, at.Add(4*time.Second))
	if got := f.news(); got != "  50%   500    125/s    0:04" {
		t.Errorf("%q", got)
	}
	f.at(500, at.Add(70*time.Second))
	if got := f.news(); got != "  50%   500   still for 1:09" {
		t.Errorf("%q", got)
	}
	f.at(501, at.Add(71*time.Second))
	if got := f.news(); strings.Contains(got, "still") {
		t.Errorf("%q", got)
	}
}

// Many files that are each too small for a bar have one together, once that
// takes a while.
func TestMeterOfSmallFiles(t *testing.T) {
	d := &drawnBars{}
	m := &meter{
		to: io.Discard, dir: func() string { return "/l" }, draw: func(io.Writer, func() int) bars { return d },
		say: func(bulk.EventKind) bool { return true }, c: func() Color { return Plain },
	}
	at := time.Unix(1000, 0)
	m.event(bulk.Event{Kind: bulk.Planned, At: at, Files: 4, Size: 4096, Direction: bulk.Down})
	for i := range 3 {
		item := bulk.Item{Local: fmt.Sprint("/l/", i)}
		m.event(bulk.Event{Kind: bulk.Started, At: at, Item: item, Size: 1024, Direction: bulk.Down})
		m.event(bulk.Event{Kind: bulk.Done, At: at.Add(time.Duration(i) * time.Second), Item: item, Size: 1024, Direction: bulk.Down})
	}
	m.finish()
	want := []string{"2 of 4 files  50%  2.0K   2.0K/s    0:01", "drop 2", "3 of 4 files  75%  3.0K   1.5K/s    0:01", "close"}
	if diff := cmp.Diff(want, d.log); diff != "" {
		t.Error(diff)
	}
}

// A frame begins at the first column, wherever the echo of a key has moved the
// cursor; what jobs say stands above the bars, and in their place when they
// have gone.
func TestBarsStandAlone(t *testing.T) {
	var out lockedBuffer
	m := &meter{
		to: &out, dir: func() string { return "/l" }, draw: drawBars, width: func() int { return 50 },
		say: func(bulk.EventKind) bool { return true }, c: func() Color { return Plain },
	}
	at, item := time.Unix(1000, 0), bulk.Item{Local: "/l/a-long-name-of-a-file.tar.gz"}
	m.event(bulk.Event{Kind: bulk.Planned, At: at, Files: 1, Size: 100, Direction: bulk.Down})
	m.event(bulk.Event{Kind: bulk.Started, At: at, Item: item, Size: 100, Direction: bulk.Down})
	m.event(bulk.Event{Kind: bulk.Progress, At: at, Item: item, Size: 100, Moved: 50, Direction: bulk.Down})
	beside := above{m, &out}
	fmt.Fprintln(beside, "[1] done: ls")
	m.finish()
	fmt.Fprintln(beside, "[2] done: ls")
	got := out.String()
	if !regexp.MustCompile(`\r(\x1b\[1A\x1b\[J)?\[1\] done: ls\na-long-nam… +\[`).MatchString(got) {
		t.Errorf("%q", got)
	}
	if !strings.HasSuffix(got, "\x1b[J[2] done: ls\n") {
		t.Errorf("%q", got)
	}
	for line := range strings.SplitSeq(got, "\n") {
		if text := line[strings.LastIndexAny(line, "\rJ")+1:]; width(text) > 49 {
			t.Errorf("%d columns: %q", width(text), text)
		}
	}
}

// A window that has become narrower has made more lines of the frame that
// stands.
func TestFramesInANarrowerWindow(t *testing.T) {
	var out bytes.Buffer
	room := 20
	f := &frames{to: &out, width: func() int { return room }}
	fmt.Fprint(f, "a text that is long as texts are\n12345678901234567\n1234567\n")
	room = 10
	fmt.Fprint(f, "\x1b[2A\x1b[J1\n2\n")
	fmt.Fprint(f, "\x1b[2A\x1b[J")
	if _, got, _ := strings.Cut(out.String(), "1234567\n\r"); got != "\x1b[3A\x1b[J1\n2\n\r\x1b[2A\x1b[J" {
		t.Errorf("%q", got)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestInterruptible(t *testing.T) {
	signals := make(chan os.Signal, 4)
	signals <- os.Interrupt // an old one, from the prompt
	var heard []int
	second := make(chan struct{})
	err := interruptible(t.Context(), signals, func(n int) {
		heard = append(heard, n)
		if n == 2 {
			close(second)
		}
	}, func(ctx context.Context) error {
		if ctx.Err() != nil {
			t.Error("an old interrupt ended it")
		}
		signals <- os.Interrupt
		<-ctx.Done()
		signals <- os.Interrupt
		<-second
		return context.Cause(ctx)
	})
	if !interrupted(err) || !cmp.Equal(heard, []int{1, 2}) {
		t.Errorf("%v, %v", err, heard)
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"/short", 10, "/short"},
		{"/a/long/directory/name", 10, "…tory/name"},
		{"/日本語日本語", 6, "…本語"},
	} {
		if got := shorten(c.text, c.columns); got != c.want && width(got) > c.columns {
			t.Errorf("%s in %d: %s", c.text, c.columns, got)
		}
	}
}

// Of very many names only the first are kept for the menu, and what all have
// in common.
func TestOffers(t *testing.T) {
	for _, c := range []struct {
		dir    string
		names  []string
		common string
	}{
		{"", []string{"report-a", "report-b"}, "report-"},
		{"d/", []string{"report-a", "report"}, "d/report"},
		{"d/", []string{"a", "b"}, "d/"},
		{"", []string{"größe", "grün"}, "gr"},
		{"", []string{"gr\u00f6\u00dfe", "gr\u00fcn"}, "gr"}, // ö and ü begin with the same byte
		{"d/", []string{"one"}, "d/one"},
		{"", nil, ""},
	} {
		var found offers
		for _, text := range c.names {
			found.offer(c.dir, "", name{text, proto.RegularFile}, anyKind)
		}
		if got := found.prefix(); got != c.common || found.n != len(c.names) {
			t.Errorf("%q: %q of %d", c.names, got, found.n)
		}
	}
	var found offers
	for i := range 100_000 {
		found.offer("d/", "", name{fmt.Sprintf("report-%06d", i), proto.Directory}, anyKind)
	}
	if found.n != 100_000 || len(found.menu) != maxMenu || found.menu[1].text != "d/report-000001/" || found.prefix() != "d/report-0" {
		t.Error(found.n, len(found.menu), found.prefix())
	}
	if n := testing.AllocsPerRun(10, func() { found.offer("d/", "", name{"report-1", proto.RegularFile}, anyKind) }); n > 0 {
		t.Errorf("%v allocations for a name that is only counted", n)
	}
}

// A job that somebody waits for has bars from where it is; others have none.
func TestMeterOfAttendedJobs(t *testing.T) {
	d := &drawnBars{}
	attended := ""
	var out bytes.Buffer
	m := &meter{
		to: &out, dir: func() string { return "/l" }, draw: func(io.Writer, func() int) bars { return d },
		say: func(bulk.EventKind) bool { return true }, c: func() Color { return Plain }, attended: func(job string) bool { return job == attended },
	}
	m.start(bulk.Event{})
	at := time.Unix(1000, 0)
	event := func(job string, kind bulk.EventKind, moved int64) {
		at = at.Add(time.Second)
		m.event(bulk.Event{Kind: kind, At: at, Job: job, Item: bulk.Item{Local: "/l/" + job, Remote: job}, Size: 100, Moved: moved})
	}
	event("1", bulk.Started, 0)
	event("1", bulk.Progress, 10)
	attended = "1"
	event("1", bulk.Progress, 50)
	event("2", bulk.Progress, 50)
	event("1", bulk.Progress, 60)
	event("1", bulk.Done, 100)
	attended = ""
	m.finish()
	want := []string{"set 1  50%    50      0/s        ", "set 1  60%    60      5/s    0:08", "drop 1", "close"}
	if diff := cmp.Diff(want, d.log); diff != "" || out.Len() > 0 {
		t.Error(diff, out.String())
	}
}

func TestSilenceIsToldInLines(t *testing.T) {
	want := "waiting for box, which has said nothing\n  for 5 seconds (^C stops; twice: drops\n  the connection)"
	if got := silence("box", 5500*time.Millisecond, 40); got != want {
		t.Errorf("%q", got)
	}
}
