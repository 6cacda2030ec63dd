package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
	"ferry/serve"
)

// The transfer engine against ferry's own server, over a network that can be
// made to fail.

// rig is a logged-in client, a server that keeps its files in root, and a
// local directory.
type rig struct {
	t           *testing.T
	net         *faultyNetwork
	client      *client.Client
	root, local string
	notices     []string
	server      *bulk.Server
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, root: t.TempDir(), local: t.TempDir(), server: &bulk.Server{}}
	network, err := serve.Sandbox(r.root)
	if err != nil {
		t.Fatal(err)
	}
	r.net = &faultyNetwork{Network: network}
	r.connect()
	return r
}

func (r *rig) connect() {
	r.t.Helper()
	c, err := client.Dial(r.t.Context(), "server", client.Config{Network: r.net})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	if err := c.Login(r.t.Context(), client.Credentials{User: "anna", Pass: "secret"}); err != nil {
		r.t.Fatal(err)
	}
	r.client = c
}

func (r *rig) engine(o bulk.Options) *bulk.Engine {
	o.Server = r.server
	if o.Retry.Attempts == 0 {
		o.Retry.Attempts = 1 // what is left behind by one attempt is what most tests look at
	}
	o.Notice = func(line string) { r.notices = append(r.notices, line) }
	return bulk.New(r.client, o)
}

func (r *rig) get(o bulk.Options, name string) (bulk.Report, error) {
	return r.engine(o).Download(r.t.Context(), []bulk.Item{{Local: r.here(name), Remote: "/" + name}})
}

func (r *rig) put(o bulk.Options, name string) (bulk.Report, error) {
	return r.engine(o).Upload(r.t.Context(), []bulk.Item{{Local: r.here(name), Remote: "/" + name}})
}

func (r *rig) here(name string) string  { return filepath.Join(r.local, name) }
func (r *rig) there(name string) string { return filepath.Join(r.root, name) }

func (r *rig) read(path string) string {
	r.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// names are the visible and hidden names in a directory.
func (r *rig) names(dir string) string {
	r.t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// faultyNetwork cuts a data connection after so many bytes.
type faultyNetwork struct {
	proto.Network
	mu   sync.Mutex
	cut  int64 // bytes of the next data connection that pass, either way; 0 all
	kill bool  // the control connection goes too
	ctl  net.Conn
}

func (n *faultyNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := n.Network.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, port, _ := net.SplitHostPort(address); port == "21" {
		n.ctl = nc
		return nc, nil
	}
	if n.cut > 0 {
		cut := n.cut
		n.cut = 0
		return &cutConn{Conn: nc, net: n, left: cut}, nil
	}
	return nc, nil
}

type cutConn struct {
	net.Conn
	net  *faultyNetwork
	left int64
}

func (c *cutConn) spend(n int) bool {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.left -= int64(n); c.left > 0 {
		return true
	}
	if c.net.kill {
		c.net.ctl.Close()
	}
	c.Conn.(interface{ Reset() error }).Reset()
	return false
}

func (c *cutConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), 8192)])
	if !c.spend(n) {
		return 0, errors.New("the cable was pulled")
	}
	return n, err
}

func (c *cutConn) Write(p []byte) (int, error) {
	total := 0
	for len(p) > 0 {
		n, err := c.Conn.Write(p[:min(len(p), 8192)])
		total += n
		if err != nil {
			return total, err
		}
		if p = p[n:]; !c.spend(n) {
			return total, errors.New("the cable was pulled")
		}
	}
	return total, nil
}

// noise is text without repetition.
func noise(size int) string {
	var b strings.Builder
	for x := uint32(1); b.Len() < size; {
		x = x*1664525 + 1013904223
		b.WriteByte(byte(x >> 24))
	}
	return b.String()
}

func (r *rig) write(path, text string) {
	r.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// A download that breaks leaves the old file and a part; the next continues
// the part and fetches only what is missing and the bytes that it compares.
func TestBrokenDownloadIsContinued(t *testing.T) {
	r := newRig(t)
	text := noise(1 << 20)
	r.write(r.there("f"), text)
	r.write(r.here("f"), "old")
	r.net.cut = 700_000
	if _, err := r.get(bulk.Options{}, "f"); err == nil {
		t.Fatal("a download that was cut succeeded")
	}
	if got := r.read(r.here("f")); got != "old" {
		t.Fatalf("the old file was harmed: %d bytes", len(got))
	}
	report, err := r.get(bulk.Options{}, "f")
	if err != nil {
		t.Fatal(err)
	}
	if r.read(r.here("f")) != text {
		t.Error("the copy differs")
	}
	if x := report.Results[0]; x.Resumed < 500_000 || x.Bytes > 500_000 {
		t.Errorf("resumed at %d, fetched %d bytes", x.Resumed, x.Bytes)
	}
	if got := r.names(r.local); got != "f" {
		t.Errorf("left behind: %s", got)
	}
}

// A part of a file that has changed since is not built on.
func TestPartOfAnotherVersion(t *testing.T) {
	for name, change := range map[string]func(r *rig, text string){
		"size": func(r *rig, text string) { r.write(r.there("f"), text+"more") },
		"time": func(r *rig, text string) {
			r.write(r.there("f"), strings.ToUpper(text))
			_ = os.Chtimes(r.there("f"), time.Time{}, time.Now().Add(time.Hour))
		},
		"neither": func(r *rig, text string) { // the same size and time: the last bytes tell
			info, _ := os.Stat(r.there("f"))
			r.write(r.there("f"), strings.Repeat("x", len(text)))
			_ = os.Chtimes(r.there("f"), time.Time{}, info.ModTime())
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			text := noise(300_000)
			r.write(r.there("f"), text)
			r.net.cut = 200_000
			if _, err := r.get(bulk.Options{}, "f"); err == nil {
				t.Fatal("a download that was cut succeeded")
			}
			change(r, text)
			if _, err := r.get(bulk.Options{}, "f"); err != nil {
				t.Fatal(err)
			}
			if r.read(r.here("f")) != r.read(r.there("f")) {
				t.Error("the copy is neither the old file nor the new")
			}
		})
	}
}

// An upload that breaks leaves the old file; the next sends the rest.
func TestBrokenUploadIsContinued(t *testing.T) {
	r := newRig(t)
	text := noise(1 << 20)
	r.write(r.here("f"), text)
	r.write(r.there("f"), "old")
	if _, err := r.put(bulk.Options{}, "f"); err != nil { // so that it is known that a rename replaces
		t.Fatal(err)
	}
	r.write(r.there("f"), "old")
	r.net.cut = 700_000
	if _, err := r.put(bulk.Options{}, "f"); err == nil {
		t.Fatal("an upload that was cut succeeded")
	}
	if got := r.read(r.there("f")); got != "old" {
		t.Fatalf("the old file was harmed: %d bytes", len(got))
	}
	report, err := r.put(bulk.Options{}, "f")
	if err != nil {
		t.Fatal(err)
	}
	if r.read(r.there("f")) != text {
		t.Error("the copy differs")
	}
	if x := report.Results[0]; x.Resumed == 0 || x.Resumed+x.Bytes != int64(len(text)) {
		t.Errorf("resumed at %d, sent %d of %d bytes", x.Resumed, x.Bytes, len(text))
	}
}

// Both connections go in the middle of an upload.
func TestLostConnection(t *testing.T) {
	r := newRig(t)
	r.write(r.here("f"), noise(200_000))
	r.write(r.there("f"), "old")
	r.net.cut, r.net.kill = 100_000, true
	_, err := r.put(bulk.Options{}, "f")
	var lost *client.LostError
	if !errors.As(err, &lost) {
		t.Fatalf("%v, want a *client.LostError", err)
	}
	if got := r.read(r.there("f")); got != "old" {
		t.Errorf("the old file was harmed: %q", got)
	}
}

func TestPolicies(t *testing.T) {
	old, recent := time.Now().Add(-time.Hour), time.Now()
	for _, c := range []struct {
		name           string
		options        bulk.Options
		source, target string
		sourceTime     time.Time
		want           string // of the target afterwards
		kind           bulk.EventKind
	}{
		{"overwrite", bulk.Options{}, "new", "target", recent, "new", bulk.Done},
		{"skip", bulk.Options{Existing: bulk.Skip}, "new", "target", recent, "target", bulk.Skipped},
		{"newer", bulk.Options{Existing: bulk.Newer}, "new", "target", recent.Add(time.Hour), "new", bulk.Done},
		{"not newer", bulk.Options{Existing: bulk.Newer}, "new", "target", old, "target", bulk.Skipped},
		{"resume", bulk.Options{Existing: bulk.Resume}, "one two three", "one two", recent, "one two three", bulk.Done},
		{"resume what is whole", bulk.Options{Existing: bulk.Resume}, "one", "two", recent, "two", bulk.Skipped},
		{"resume what is longer", bulk.Options{Existing: bulk.Resume}, "one", "longer", recent, "longer", bulk.Failed},
		{"asked", bulk.Options{Existing: bulk.Ask, Ask: answer(bulk.Skip)}, "new", "target", recent, "target", bulk.Skipped},
	} {
		for _, d := range []bulk.Direction{bulk.Down, bulk.Up} {
			t.Run(c.name+" "+string(d), func(t *testing.T) {
				r := newRig(t)
				source, target, move := r.there("f"), r.here("f"), r.get
				if d == bulk.Up {
					source, target, move = target, source, r.put
				}
				r.write(source, c.source)
				r.write(target, c.target)
				_ = os.Chtimes(source, time.Time{}, c.sourceTime)
				_ = os.Chtimes(target, time.Time{}, recent)
				report, err := move(c.options, "f")
				if (err != nil) != (c.kind == bulk.Failed) {
					t.Fatal(err)
				}
				if got := r.read(target); got != c.want {
					t.Errorf("the target is %q, want %q", got, c.want)
				}
				if report.Results[0].Kind != c.kind {
					t.Errorf("%+v, want %s", report.Results[0], c.kind)
				}
			})
		}
	}
}

func answer(p bulk.Policy) bulk.Asker {
	return func(context.Context, bulk.Conflict) (bulk.Answer, error) { return bulk.Answer{Policy: p}, nil }
}

// Renaming takes the first free name and leaves what is there.
func TestRenamePolicy(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"f.txt", "f-1.txt"} {
		r.write(r.here(name), "here")
		r.write(r.there(name), "there")
	}
	if _, err := r.get(bulk.Options{Existing: bulk.Rename}, "f.txt"); err != nil {
		t.Fatal(err)
	}
	if r.read(r.here("f-2.txt")) != "there" || r.read(r.here("f.txt")) != "here" {
		t.Errorf("here: %s", r.names(r.local))
	}
	if _, err := r.put(bulk.Options{Existing: bulk.Rename}, "f.txt"); err != nil {
		t.Fatal(err)
	}
	if r.read(r.there("f-2.txt")) != "here" || r.read(r.there("f.txt")) != "there" {
		t.Errorf("there: %s", r.names(r.root))
	}
}

// A name that another file of the same plan gets is not free either, though
// nobody has it yet: all files arrive.
func TestRenameLeavesTheNamesOfOthers(t *testing.T) {
	for _, how := range []string{"items", "tree"} {
		for _, d := range []bulk.Direction{bulk.Down, bulk.Up} {
			t.Run(how+" "+string(d), func(t *testing.T) {
				r := newRig(t)
				source, target := r.there, r.here
				if d == bulk.Up {
					source, target = r.here, r.there
				}
				_, _ = os.Mkdir(source("d"), 0o777), os.Mkdir(target("d"), 0o777)
				r.write(source("d/f.txt"), "f")
				r.write(source("d/f-1.txt"), "f-1")
				r.write(target("d/f.txt"), "kept")
				items, o := []bulk.Item{{Local: r.here("d"), Remote: "/d"}}, bulk.Options{Existing: bulk.Rename, Recursive: bulk.Trees}
				if how == "items" {
					items = []bulk.Item{{Local: r.here("d/f.txt"), Remote: "/d/f.txt"}, {Local: r.here("d/f-1.txt"), Remote: "/d/f-1.txt"}}
				}
				move := r.engine(o).Download
				if d == bulk.Up {
					move = r.engine(o).Upload
				}
				if _, err := move(t.Context(), items); err != nil {
					t.Fatal(err)
				}
				if r.read(target("d/f.txt")) != "kept" || r.read(target("d/f-1.txt")) != "f-1" || r.read(target("d/f-2.txt")) != "f" {
					t.Errorf("the target: %s", r.names(target("d")))
				}
			})
		}
	}
}

// One answer for all is asked once.
func TestAnswerForAll(t *testing.T) {
	r := newRig(t)
	var items []bulk.Item
	for _, name := range []string{"a", "b", "c"} {
		r.write(r.here(name), "here")
		r.write(r.there(name), "there")
		items = append(items, bulk.Item{Local: r.here(name), Remote: "/" + name})
	}
	asked := 0
	ask := func(context.Context, bulk.Conflict) (bulk.Answer, error) {
		asked++
		return bulk.Answer{Policy: bulk.Overwrite, ForAll: true}, nil
	}
	report, err := r.engine(bulk.Options{Existing: bulk.Ask, Ask: ask}).Download(t.Context(), items)
	if err != nil || report.Done != 3 || asked != 1 {
		t.Errorf("%d done, asked %d times, %v", report.Done, asked, err)
	}
}

// With Continue the failures are told and the rest is moved.
func TestContinue(t *testing.T) {
	r := newRig(t)
	r.write(r.there("a"), "a")
	r.write(r.there("c"), "c")
	var items []bulk.Item
	for _, name := range []string{"a", "b", "c"} {
		items = append(items, bulk.Item{Local: r.here(name), Remote: "/" + name})
	}
	report, err := r.engine(bulk.Options{OnError: bulk.Continue}).Download(t.Context(), items)
	if !errors.Is(err, fs.ErrNotExist) || report.Done != 2 || report.Failed != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if r.names(r.local) != "a c" {
		t.Errorf("here: %s", r.names(r.local))
	}
}

// Files keep their times, the mode of what they replace, and nothing of ours
// stays behind.
func TestAttributes(t *testing.T) {
	r := newRig(t)
	when := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
	r.write(r.there("f"), "text")
	_ = os.Chtimes(r.there("f"), time.Time{}, when)
	r.write(r.here("f"), "old")
	_ = os.Chmod(r.here("f"), 0o600)
	if _, err := r.get(bulk.Options{Durable: bulk.Synced}, "f"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(r.here("f"))
	if err != nil || !info.ModTime().Equal(when) || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v %v", info.ModTime(), info.Mode(), err)
	}
	_ = os.Remove(r.there("f"))
	if _, err := r.put(bulk.Options{}, "f"); err != nil {
		t.Fatal(err)
	}
	if info, err = os.Stat(r.there("f")); err != nil || !info.ModTime().Equal(when) {
		t.Errorf("%v %v", info.ModTime(), err)
	}
	if r.names(r.local)+" "+r.names(r.root) != "f f" {
		t.Errorf("here %s, there %s", r.names(r.local), r.names(r.root))
	}
}

// A tree needs to be asked for, and comes whole.
func TestTrees(t *testing.T) {
	r := newRig(t)
	want := tree(t, r.here("t"), hardNames(), 20)
	if _, err := r.put(bulk.Options{}, "t"); err == nil {
		t.Error("a directory was sent without being asked for")
	}
	for range 2 { // the second time every directory exists
		if _, err := r.put(bulk.Options{Recursive: bulk.Trees}, "t"); err != nil {
			t.Fatal(err)
		}
	}
	sameFiles(t, "server", digests(t, r.there("t")), want)
	if err := os.RemoveAll(r.here("t")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.get(bulk.Options{}, "t"); err == nil {
		t.Error("a directory was fetched without being asked for")
	}
	if _, err := r.get(bulk.Options{Recursive: bulk.Trees}, "t"); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, "back", digests(t, r.here("t")), want)
}

// Events tell a whole story in order.
func TestEvents(t *testing.T) {
	r := newRig(t)
	r.write(r.there("f"), "text")
	var got []string
	events := func(e bulk.Event) {
		if e.At.IsZero() {
			t.Error("an event without a time")
		}
		got = append(got, string(e.Kind))
	}
	if _, err := r.get(bulk.Options{Events: events}, "f"); err != nil {
		t.Fatal(err)
	}
	if s := strings.Join(got, " "); s != "planned started verified done" {
		t.Error(s)
	}
}

// A file that is written to while it is sent is neither the old nor the new.
func TestChangedWhileSent(t *testing.T) {
	r := newRig(t)
	r.write(r.here("f"), noise(100_000))
	touch := func(e bulk.Event) {
		if e.Kind == bulk.Started {
			_ = os.Chtimes(r.here("f"), time.Time{}, time.Now().Add(time.Minute))
		}
	}
	_, err := r.put(bulk.Options{Events: touch}, "f")
	if err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(r.there("f")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it got its name all the same")
	}
}

// What the server says of an unsafe name never becomes a local one: see
// script's tests with a hostile server. Here, parts of ours are not sent.
func TestPartsAreNotSent(t *testing.T) {
	r := newRig(t)
	if err := os.Mkdir(r.here("t"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.write(r.here("t/f"), "f")
	r.write(r.here("t/.ferry-g.part"), "half")
	r.write(r.here("t/.ferry-g.part.json"), "{}")
	if _, err := r.put(bulk.Options{Recursive: bulk.Trees}, "t"); err != nil {
		t.Fatal(err)
	}
	if got := r.names(r.there("t")); got != "f" {
		t.Errorf("there: %s", got)
	}
}
