package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"ferry/proto/list"
	"ferry/script"
	"ferry/script/bulk"
	"ferry/script/report"
	"ferry/serve"
)

// Scripts in storms: whatever moves files, to servers that know more or less,
// while everything goes wrong that can, and then --resume. The exit code and the
// report are held against the bytes on both disks. FERRY_FAULTS=1000 runs a
// thousand of them, FERRY_FAULTS_FROM says where to begin.
func TestStormsOverScripts(t *testing.T) {
	log, small := &shipping{}, smallDisk(t)
	first, runs := faultsFrom(t), 2*len(passages())
	if os.Getenv("FERRY_FAULTS") != "" {
		runs = faultRuns(t)
	}
	for seed := first; seed < first+runs; seed++ {
		way := passages()[seed%len(passages())]
		root, local, fill, done := small.dirs(t, way.direction == bulk.Up, seed%5 == 2)
		home := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			v := newVoyage(t, root, local, home, seed)
			v.small, v.h.storm.fill = small, fill
			v.sail(log)
		})
		done()
	}
	t.Log(log)
	if runs < len(passages()) {
		return
	}
	if runs >= 200 && (log.killed == 0 || small != "" && log.full == 0) || log.sunk == 0 || log.lied == 0 || log.failed == 0 || log.whole == 0 {
		t.Error("there was no storm")
	}
}

// shipping is what became of many voyages.
type shipping struct{ sunk, lied, changes, killed, full, failed, whole, resumed, files int }

func (s *shipping) String() string {
	return fmt.Sprintf("%d connections broken, %d false replies, %d changes of files, %d servers killed, %d disks filled; %d runs failed and said so, %d did not, %d were gone on with; %d files reported as done",
		s.sunk, s.lied, s.changes, s.killed, s.full, s.failed, s.whole, s.resumed, s.files)
}

// passage is something that moves files.
type passage struct {
	words     string // one line; {} stands for each of the names
	direction bulk.Direction
	flat      bool // it moves no directories
	tree      bool // it makes the target like the source, so what is there already counts
}

func passages() []passage {
	return []passage{
		{"get -- {}", bulk.Down, true, false},
		{"put -- {}", bulk.Up, true, false},
		{"mget *", bulk.Down, true, false},
		{"mput *", bulk.Up, true, false},
		{"mirror . .", bulk.Down, false, true},
		{"mirror -R . .", bulk.Up, false, true},
		{"sync . .", bulk.Down, false, true},
		{"sync . .", bulk.Up, false, true},
		{"mirror -R --publish together . .", bulk.Up, false, true},
		{"mput --publish together *", bulk.Up, true, false},
		{"mirror --checksum . .", bulk.Down, false, true},
		{"mirror -R --checksum . .", bulk.Up, false, true},
		{"mirror --verify size . .", bulk.Down, false, true},
		{"mirror -R --verify size --atomic on . .", bulk.Up, false, true},
	}
}

// peers are what servers keep to themselves.
func peers() []func(feature string) bool {
	keeps := func(words ...string) func(string) bool {
		return func(f string) bool {
			word, _, _ := strings.Cut(f, " ")
			return !slices.Contains(words, word)
		}
	}
	return []func(string) bool{
		nil, // ferry, one data connection for many files
		func(f string) bool { return strings.HasPrefix(f, "CHAN") },                   // one for each; sums, ranges
		keeps("SIZE", "MDTM", "REST", "EPSV", "PASV", "UTF8", "MLST", "MFMT", "HASH"), // in batches, with sums
		keeps("SIZE", "MDTM", "REST", "EPSV", "PASV"),                                 // as vsftpd
		keeps("SIZE", "PASV"), // no times, no resuming
	}
}

// voyage is one script in one storm.
type voyage struct {
	*garden
	h             *harbour
	seed          int
	way           passage
	small         disk
	home          string // of what is said about the run
	state, script string
	old           map[string]string // what the target had before
	changing      bool
	spared        map[string]string // what only the target has, and keeps or, with sync, shares
	printable     map[string]string
	here, there   string
	out           bytes.Buffer
	code          int
}

func newVoyage(t *testing.T, root, local, home string, seed int) *voyage {
	rng := rand.New(rand.NewPCG(uint64(seed), 29))
	all := passages()
	w := all[seed%len(all)]
	s := &storm{rng: rand.New(rand.NewPCG(uint64(seed), 31)), kinds: int(hits), hides: peers()[rng.IntN(5)]}
	if rng.IntN(12) > 0 { // else it is calm
		s.chance, s.lies = 0.02+0.25*rng.Float64(), []float64{0, 0.01, 0.05, 0.1}[rng.IntN(4)]
		s.twice, s.bye = []float64{0, 0.005, 0.03}[rng.IntN(3)], []float64{0, 0.004, 0.02}[rng.IntN(3)]
	}
	s.fatal = seed/2%3 > 0
	v := &voyage{h: veiledHarbour(t, clothed(seed*4), serve.Roots, root, local, s), seed: seed, way: w, home: home, old: map[string]string{}, spared: map[string]string{}, printable: map[string]string{},
		there: filepath.Join(root, "t"), here: filepath.Join(local, "t"), state: filepath.Join(home, "state")}
	v.garden = &garden{t: t, rng: rng, d: w.direction, src: v.there, dst: v.here, versions: map[string][]string{}}
	if w.direction == bulk.Up {
		v.src, v.dst = v.here, v.there
	}
	if strings.Contains(w.words, "--checksum") { // it wants a server that has them
		s.hides = peers()[seed/len(all)%3]
	}
	big := rng.IntN(3) == 0
	v.load(big)
	// What changes behind a sync that broke off is told as changed at both ends.
	if v.changing = s.chance > 0 && rng.IntN(3) == 0 && !strings.HasPrefix(w.words, "sync"); v.changing {
		s.meddle = v.change
	}
	if big {
		s.reach = 3 << 20
	}
	v.write(big)
	return v
}

// load fills the source, and some of the target.
func (v *voyage) load(big bool) {
	v.must(os.MkdirAll(v.here, 0o777), os.MkdirAll(v.there, 0o777))
	for name, text := range cargo(v.t, v.rng, v.src) {
		if base := path.Base(name); v.way.flat && (base != name || !utf8.ValidString(name) || strings.HasPrefix(base, ".") || strings.HasPrefix(v.way.words, "m") && strings.HasPrefix(base, "-")) {
			os.Remove(filepath.Join(v.src, name))
			continue
		}
		v.versions[name] = []string{text}
	}
	if v.way.flat {
		for _, dir := range []string{"d/deep er", "d"} {
			os.RemoveAll(filepath.Join(v.src, dir))
		}
	}
	if big || len(v.versions) == 0 {
		text := v.text(2<<20 + v.rng.IntN(2<<20))
		v.versions["big"] = []string{text}
		v.must(os.WriteFile(filepath.Join(v.src, "big"), []byte(text), 0o666))
	}
	v.names = slices.Sorted(maps.Keys(v.versions))
	for _, name := range v.names {
		v.printable[list.Printable(name)] = name
		if v.rng.IntN(3) > 0 || strings.HasPrefix(v.way.words, "sync") { // there it would be a clash
			continue
		}
		v.old[name] = "old " + name
		at := filepath.Join(v.dst, name)
		v.must(os.MkdirAll(filepath.Dir(at), 0o777), os.WriteFile(at, []byte(v.old[name]), 0o666))
	}
	v.spared["own"] = v.text(v.rng.IntN(50_000))
	v.must(os.WriteFile(filepath.Join(v.dst, "own"), []byte(v.spared["own"]), 0o666))
}

func (v *voyage) text(size int) string {
	b := make([]byte, size)
	var key [32]byte
	key[0], key[1], key[2] = byte(v.seed), byte(v.seed>>8), byte(size)
	_, _ = rand.NewChaCha8(key).Read(b)
	return string(b)
}

func (v *voyage) must(errs ...error) {
	v.t.Helper()
	for _, err := range errs {
		if err != nil {
			v.t.Fatal(err)
		}
	}
}

// write makes the script.
func (v *voyage) write(big bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "on-error continue\nset existing overwrite\nretry 30 5s open 192.0.2.1\nretry 30 5s user anna secret\nretry 30 5s cd /t\nlcd %s\n", quoted(v.here))
	if big {
		fmt.Fprintf(&b, "set segments %d\n", 2+v.rng.IntN(4))
	}
	if v.rng.IntN(2) == 0 {
		b.Reset()
		fmt.Fprintf(&b, "set existing overwrite\nretry 30 5s open 192.0.2.1\nretry 30 5s user anna secret\nretry 30 5s cd /t\nlcd %s\n", quoted(v.here))
	}
	if !strings.Contains(v.way.words, "{}") {
		fmt.Fprintln(&b, v.way.words)
	} else {
		for _, name := range v.names {
			fmt.Fprintln(&b, strings.ReplaceAll(v.way.words, "{}", quoted(name)))
		}
	}
	text := b.String()
	if cert := v.h.crypt.Certificate; cert != nil {
		c, err := cert(nil)
		v.must(err)
		text = fmt.Sprintf("set tls on\nset pin sha256:%x\n%s", sha256.Sum256(c.Leaf.Raw), text)
	}
	v.script = filepath.Join(v.home, "s.ftp")
	v.must(os.WriteFile(v.script, []byte(text), 0o666))
}

// quoted is a word that means itself.
func quoted(word string) string {
	if strings.Contains(word, "'") {
		return `"` + word + `"`
	}
	return "'" + word + "'"
}

// sail is the run, what may come of it, and its end under a clear sky.
func (v *voyage) sail(log *shipping) {
	s := v.h.storm
	s.blowing = true
	v.run(script.KeepJournal)
	v.inspect(log)
	if v.code != 0 && v.rng.IntN(2) == 0 {
		v.run(script.Resume)
		v.inspect(log)
	}
	s.clear()
	v.small.drain()
	v.mu.Lock()
	log.sunk, log.lied, log.changes, log.killed = log.sunk+s.sunk, log.lied+s.lied, log.changes+v.changes, log.killed+v.h.killed()
	if s.filled {
		log.full++
	}
	v.mu.Unlock()
	if v.code != 0 {
		log.failed++
		if v.run(script.Resume); v.code != 0 {
			v.t.Errorf("under a clear sky --resume ends with %d\n%s", v.code, tail(v.out.Bytes()))
		}
		v.inspect(log)
		log.resumed++
	} else {
		log.whole++
	}
	time.Sleep(time.Hour) // the server lets go of what comes over connections that have stalled
	v.run(script.KeepJournal)
	if v.inspect(log); v.code != 0 {
		v.t.Errorf("under a clear sky the exit code is %d\n%s", v.code, tail(v.out.Bytes()))
	}
	for name, all := range v.versions {
		if got, _ := os.ReadFile(filepath.Join(v.dst, name)); string(got) != all[len(all)-1] {
			v.t.Errorf("%q is not what it should be in the end: version %d of %d, %d bytes", name, slices.Index(all, string(got)), len(all), len(got))
		}
	}
	if !v.way.flat || v.d == bulk.Down { // what the server keeps of a broken upload it sweeps by itself, in a day
		v.h.leftovers(v.dst)
	}
	if v.t.Failed() {
		text, _ := os.ReadFile(v.script)
		v.t.Logf("seed %d\n%s\n%+v\n%s", v.seed, text, v.way, tail(v.out.Bytes()))
	}
}

// run runs the script, in one of the ways that are gone on with.
func (v *voyage) run(how script.Journalling) {
	v.out.Reset()
	cfg := script.Config{
		Network: v.h.storm, Sandbox: v.h.crypt.Certificate == nil, Out: &v.out, Err: &v.out, Dir: v.here, State: v.state,
		Netrc: filepath.Join(v.state, "no-netrc"), Env: func(string) (string, bool) { return "", false },
		Client: v.h.config(),
		Books:  script.Books{Report: v.report(), Journal: how},
	}
	if v.h.trace != nil {
		cfg.Trace = func(s script.Said) { v.t.Logf("%+v", s) }
	}
	v.code = script.ExitCode(script.Run(context.Background(), cfg, v.script))
}

func (v *voyage) report() string { return filepath.Join(v.home, "out.json") }

// inspect holds what the run says against the bytes.
func (v *voyage) inspect(log *shipping) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var doc report.Report
	text, err := os.ReadFile(v.report())
	v.must(err, json.Unmarshal(text, &doc))
	if doc.Summary.Exit != v.code {
		v.t.Errorf("exit code %d, and the report says %d", v.code, doc.Summary.Exit)
	}
	for _, o := range doc.Operations {
		for _, f := range o.Files {
			if f.Status == report.Failed && v.code == 0 && !v.mended(doc, f) {
				v.t.Errorf("%s failed, and the exit code is 0", f.Local)
			}
			if f.Status != report.Done {
				continue
			}
			log.files++
			if name, ok := v.name(f); ok && !v.is(name) {
				v.t.Errorf("%q is reported as done, and has none of its %d contents", name, len(v.versions[name]))
			}
		}
	}
	for name := range v.versions {
		got, err := os.ReadFile(filepath.Join(v.dst, name))
		was, had := v.old[name]
		switch {
		case v.code == 0 && !v.is(name):
			v.t.Errorf("exit code 0, and %q has %d bytes of none of its %d versions: %v", name, len(got), len(v.versions[name]), err)
		case err == nil && !v.is(name) && (!had || string(got) != was):
			v.t.Errorf("%q is torn: %d bytes, of %d", name, len(got), len(v.versions[name][0]))
		case err != nil && had:
			v.t.Errorf("%q is lost: %v", name, err)
		}
		at, err := os.ReadFile(filepath.Join(v.src, name))
		if err != nil || !slices.Contains(v.versions[name], string(at)) {
			v.t.Errorf("the source %q is spoilt: %v", name, err)
		}
	}
	for name, want := range v.spared {
		if got, err := os.ReadFile(filepath.Join(v.dst, name)); string(got) != want {
			v.t.Errorf("%q, which only the target had, has %d bytes: %v", name, len(got), err)
		}
		if got, err := os.ReadFile(filepath.Join(v.src, name)); err == nil && string(got) != want {
			v.t.Errorf("%q is torn at the source: %d bytes", name, len(got))
		}
	}
}

// mended is a file that another try of the same line has moved.
func (v *voyage) mended(doc report.Report, f report.File) bool {
	for _, o := range doc.Operations {
		for _, x := range o.Files {
			if x.Status == report.Done && x.Local == f.Local {
				return true
			}
		}
	}
	return false
}

// name is which of the files a line of the report is about.
func (v *voyage) name(f report.File) (string, bool) {
	text, ok := strings.CutPrefix(f.Remote, "/t/")
	if !ok {
		text = f.Remote
	}
	name, known := v.printable[text]
	return name, known && string(f.Direction) == string(v.d)
}

// is reports whether the target has one of the versions that the source has had.
func (v *voyage) is(name string) bool {
	got, err := os.ReadFile(filepath.Join(v.dst, name))
	return err == nil && slices.Contains(v.versions[name], string(got))
}
