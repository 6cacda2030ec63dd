package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/script/journal"
	"ferry/script/report"
)

// A batch of 500 puts, and one of 500 gets, is killed at random points and gone
// on with: every file is there once and whole, and nothing else of ours is, here
// or at the server. FERRY_KILLS=200 kills that often; by default it is a
// few times, and another few each day.
func TestKilledBatches(t *testing.T) {
	kills, seed := 6, uint64(time.Now().Unix()/86400)
	if s := os.Getenv("FERRY_KILLS"); s != "" {
		if _, err := fmt.Sscan(s, &kills); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	root := t.TempDir()
	log := filepath.Join(t.TempDir(), "server.log")
	addr := ferryServe(t, root, "--log", log, "--log-format", "json")
	b := newBatch(t, addr, r)
	down := newFetch(t, addr, root, r)
	seen := map[string]int{}
	fetched := map[string]int{}
	for i := range kills {
		b.one(t, i, root, log, r, seen)
		down.fetch(t, i, r, fetched)
	}
	t.Logf("where the kills hit: puts %v, gets %v", seen, fetched)
	if kills < 50 {
		return
	}
	for _, place := range []string{"inside a transfer", "between transfer and commit", "between commit and journal", "in the resumed run too"} {
		if seen[place] == 0 {
			t.Errorf("no kill hit %s", place)
		}
	}
	for _, place := range []string{"inside a transfer", "between commit and journal", "in the resumed run too"} {
		if fetched[place] == 0 {
			t.Errorf("no kill of gets hit %s", place)
		}
	}
}

// batch is what all the runs have in common.
type batch struct {
	addr, dir, script string
	sums              map[string][32]byte
}

const batchFiles = 500

func newBatch(t *testing.T, addr string, r *rand.Rand) *batch {
	b := &batch{addr: addr, dir: t.TempDir(), sums: map[string][32]byte{}}
	var lines strings.Builder
	lines.WriteString("open ftp://demo@${1}\nset existing overwrite\nlcd ${here}\ncd ${2}\n")
	for i := range batchFiles {
		name := fmt.Sprintf("file-%03d", i)
		size := r.IntN(32 << 10)
		if i%50 == 7 {
			size = 1 << 20
		}
		content := bytes.Repeat([]byte{byte(i), byte(i >> 8), 'x'}, size/3)
		writeFile(t, filepath.Join(b.dir, name), string(content))
		b.sums[name] = sha256.Sum256(content)
		fmt.Fprintf(&lines, "put %s\n", name)
		if i%100 == 99 {
			fmt.Fprintf(&lines, "append file-%03d-line all.log\nrename file-%03d renamed-%03d\n", i, i, i)
			writeFile(t, filepath.Join(b.dir, name+"-line"), name+"\n")
			b.sums[fmt.Sprintf("renamed-%03d", i)] = b.sums[name]
			delete(b.sums, name)
		}
	}
	b.script = writeFile(t, filepath.Join(b.dir, "batch.ftp"), lines.String())
	return b
}

// one is one batch: killed, perhaps once more, and gone on with.
func (b *batch) one(t *testing.T, i int, root, log string, r *rand.Rand, seen map[string]int) {
	t.Helper()
	dir := fmt.Sprintf("run-%03d", i)
	target := filepath.Join(root, dir)
	if err := os.Mkdir(target, 0o777); err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	killed := b.run(t, state, dir, "", r)
	places(target, state, seen)
	if killed && r.IntN(3) == 0 && b.run(t, state, dir, "--resume", r) {
		seen["in the resumed run too"]++
	}
	out := filepath.Join(state, "out.json")
	cmd := b.command(t, state, dir, "--resume", "--report", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", dir, err, tail(text))
	}
	b.check(t, dir, target, log)
	leftHere(t, b.dir, state)
	b.told(t, dir, out, "put", killed, seen)
}

// told looks at what the resumed run says.
func (b *batch) told(t *testing.T, dir, out, verb string, killed bool, seen map[string]int) {
	t.Helper()
	if !killed {
		seen["behind the end"]++
		return
	}
	var doc report.Report
	text, err := os.ReadFile(out)
	if err != nil || json.Unmarshal(text, &doc) != nil {
		t.Fatal(err)
	}
	if doc.Summary.Lines == 0 { // it was killed behind its last record
		seen["behind the end"]++
		return
	}
	files := 0
	for _, o := range doc.Operations {
		if o.Verb == verb && (o.Status == report.Done || o.Status == report.Resumed) {
			files++
		}
	}
	if files != batchFiles || doc.Summary.Exit != 0 {
		t.Errorf("%s: the report tells of %d lines of %s, exit code %d", dir, files, verb, doc.Summary.Exit)
	}
}

// newFetch is a batch of gets, and what the server has for it.
func newFetch(t *testing.T, addr, root string, r *rand.Rand) *batch {
	b := &batch{addr: addr, dir: t.TempDir(), sums: map[string][32]byte{}}
	source := filepath.Join(root, "source")
	if err := os.Mkdir(source, 0o777); err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	lines.WriteString("open ftp://demo@${1}\nset existing overwrite\nset segments auto\nlcd ${2}\ncd source\n")
	for i := range batchFiles {
		name := fmt.Sprintf("file-%03d", i)
		size := r.IntN(32 << 10)
		if i%50 == 7 {
			size = 3 << 20
		}
		content := bytes.Repeat([]byte{byte(i), byte(i >> 8), 'y'}, size/3)
		writeFile(t, filepath.Join(source, name), string(content))
		b.sums[name] = sha256.Sum256(content)
		fmt.Fprintf(&lines, "get %s\n", name)
		if i%100 == 99 {
			fmt.Fprintf(&lines, "ls -1 > ${temp}/list\n")
		}
	}
	b.script = writeFile(t, filepath.Join(b.dir, "batch.ftp"), lines.String())
	return b
}

// fetch is one batch of gets: killed, perhaps once more, and gone on with.
func (b *batch) fetch(t *testing.T, i int, r *rand.Rand, seen map[string]int) {
	t.Helper()
	dir, state := t.TempDir(), t.TempDir()
	killed := b.run(t, state, dir, "", r)
	places(dir, state, seen)
	if killed && r.IntN(3) == 0 && b.run(t, state, dir, "--resume", r) {
		seen["in the resumed run too"]++
	}
	out := filepath.Join(state, "out.json")
	cmd := b.command(t, state, dir, "--resume", "--report", out)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("gets %d: %v\n%s", i, err, tail(text))
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if want, ok := b.sums[e.Name()]; err != nil || !ok {
			t.Errorf("gets %d: %s is left (%v)", i, e.Name(), err)
		} else if sha256.Sum256(content) != want {
			t.Errorf("gets %d: %s is not whole", i, e.Name())
		}
	}
	if len(entries) != len(b.sums) {
		t.Errorf("gets %d: %d names, not %d", i, len(entries), len(b.sums))
	}
	leftHere(t, state)
	b.told(t, fmt.Sprint("gets ", i), out, "get", killed, seen)
}

// leftHere looks for temporaries and parts on this side.
func leftHere(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
			if err == nil && (strings.HasPrefix(d.Name(), ".ferry-") || strings.HasPrefix(d.Name(), "ferry-run-")) {
				t.Errorf("%s is left", name)
			}
			return nil
		})
	}
}

func (b *batch) command(t *testing.T, state, dir string, flags ...string) *exec.Cmd {
	t.Helper()
	args := append([]string{"run", "--quiet"}, flags...)
	cmd := command(t, program, append(args, b.script, b.addr, dir)...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+state, "HOME="+state, "TMPDIR="+filepath.Join(state, "tmp"))
	if err := os.MkdirAll(filepath.Join(state, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// run starts the batch and kills it at a random moment, near something that
// happens. It reports whether that came before the end.
func (b *batch) run(t *testing.T, state, dir, flag string, r *rand.Rand) (killed bool) {
	t.Helper()
	flags := []string{"--events", "3"}
	if flag != "" {
		flags = append(flags, flag)
	}
	cmd := b.command(t, state, dir, flags...)
	events, child, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	cmd.ExtraFiles = []*os.File{child}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	child.Close()
	at, wait := r.IntN(2*batchFiles), time.Duration(r.IntN(2500))*time.Microsecond
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<20)
	for n := 0; lines.Scan(); {
		if !bytes.Contains(lines.Bytes(), []byte(`"event":"file`)) {
			continue
		}
		if n++; n == at {
			time.Sleep(wait)
			_ = cmd.Process.Kill()
		}
	}
	err = cmd.Wait()
	if err != nil && cmd.ProcessState.Exited() {
		t.Fatalf("%s: %v\n%s", dir, err, tail(errs.Bytes()))
	}
	return err != nil
}

// places tells what a kill has hit, by what it has left.
func places(target, state string, seen map[string]int) {
	entries, err := os.ReadDir(target)
	if err != nil {
		return
	}
	there := 0
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "file-") || strings.HasPrefix(e.Name(), "renamed-"):
			there++
		case strings.HasPrefix(e.Name(), ".ferry-") && strings.HasSuffix(e.Name(), ".tmp"):
			seen["between transfer and commit"]++
		case strings.HasPrefix(e.Name(), "."):
			seen["inside a transfer"]++
		}
	}
	names, _ := filepath.Glob(filepath.Join(state, "ferry", "runs", "*.journal"))
	if len(names) != 1 {
		seen["before the journal or behind the end"]++
		return
	}
	f, err := os.Open(names[0])
	if err != nil {
		return
	}
	defer f.Close()
	past, err := journal.Read(f)
	if err != nil {
		seen["journal: "+err.Error()]++
		return
	}
	recorded := 0
	for _, l := range past.Lines {
		recorded += len(l.Files)
	}
	if recorded < there {
		seen["between commit and journal"]++
	}
	if past.Torn {
		seen["in a journal's record"]++
	}
}

// check compares what the server has, and how it came there.
func (b *batch) check(t *testing.T, dir, target, log string) {
	t.Helper()
	entries, err := os.ReadDir(target)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(target, e.Name()))
		want, ok := b.sums[e.Name()]
		switch {
		case err != nil:
			t.Error(err)
		case e.Name() == "all.log":
			if got := strings.Count(string(content), "\n"); got != 5 || !strings.HasPrefix(string(content), "file-099\nfile-199\nfile-299\n") {
				t.Errorf("%s: the appended lines are %q", dir, content)
			}
		case strings.HasPrefix(e.Name(), ".ferry-"):
			t.Errorf("%s: %s is left", dir, e.Name())
		case !ok:
			t.Errorf("%s: %s is left", dir, e.Name())
		case sha256.Sum256(content) != want:
			t.Errorf("%s: %s is not whole", dir, e.Name())
		}
	}
	if len(entries) != len(b.sums)+1 {
		t.Errorf("%s: %d names, not %d", dir, len(entries), len(b.sums)+1)
	}
	for name, n := range commits(t, log, dir) {
		if n != 1 {
			t.Errorf("%s: %s was committed %d times", dir, name, n)
		}
	}
}

// commits counts, in the server's log, how often each name was given.
func commits(t *testing.T, log, dir string) map[string]int {
	t.Helper()
	f, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	counts, in := map[string]int{}, map[uint64]bool{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e struct {
			Msg, Command, Verb, Path, Err string
			Sid                           uint64
			Code                          int
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.Msg == "transfer" && e.Verb == "STOR" && e.Err == "" && filepath.Base(filepath.Dir(e.Path)) == dir && !strings.HasPrefix(filepath.Base(e.Path), ".ferry-") {
			counts[filepath.Base(e.Path)]++ // in one step, by those who know ferry
		}
		if e.Msg != "command" || e.Code != 250 {
			continue
		}
		verb, arg, _ := strings.Cut(e.Command, " ")
		switch {
		case verb == "CWD":
			in[e.Sid] = strings.HasSuffix(arg, dir)
		case verb == "RNTO" && in[e.Sid] && !strings.HasPrefix(filepath.Base(arg), ".ferry-"):
			counts[filepath.Base(arg)]++
		}
	}
	if len(counts) < batchFiles {
		t.Fatalf("the server's log tells of %d commits", len(counts))
	}
	return counts
}
