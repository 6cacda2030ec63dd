package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/memnet"
	"ferry/script/bulk"
	"ferry/serve"
)

// Storms: trees are moved while connections break, stall and lie, at places
// that a seed chooses. Whatever is reported as done is there, byte by byte;
// whatever is there is whole; and once the sky is clear, the same command
// finishes the work. FERRY_FAULTS=1000 runs a thousand of them.

func faultRuns(t *testing.T) int {
	if text := os.Getenv("FERRY_FAULTS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 40
}

// tellSeed says which storm it was; a bubble that fails ends its test.
func tellSeed(t *testing.T, seed int) {
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
}

// faultsFrom is the first seed.
func faultsFrom(t *testing.T) int {
	text := os.Getenv("FERRY_FAULTS_FROM")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// harbour is both ends in virtual time, with a network in between that a storm
// may blow over.
type harbour struct {
	t           *testing.T
	root, local string
	storm       *storm
	network     *memnet.Network
	host        *memnet.Host                   // the server's
	open        func(root string) serve.Opener // of each life of it
	veil        veil
	crypt       serve.TLS
	lives       []*life
	features    proto.Features // what the sessions take the server for; nil: what it says
	lists       client.Lists
	item        string // what is moved, if not the tree t
	trace       proto.Trace
	addr        string
	mu          sync.Mutex
	events      []bulk.Event
	began       time.Time
}

func newHarbour(t *testing.T, root, local string, s *storm) *harbour {
	t.Helper()
	return veiledHarbour(t, veil{}, serve.Roots, root, local, s)
}

// harbourOver has its files where open says.
func harbourOver(t *testing.T, open serve.Opener, root, local string, s *storm) *harbour {
	t.Helper()
	return veiledHarbour(t, veil{}, func(string) serve.Opener { return open }, root, local, s)
}

// veiledHarbour has its sessions encrypted; open gives a server its files.
func veiledHarbour(t *testing.T, v veil, open func(root string) serve.Opener, root, local string, s *storm) *harbour {
	t.Helper()
	network, at := memnet.New(), ipv4()
	h := &harbour{
		t: t, root: root, local: local, storm: s, network: network, host: network.Host(at.server), open: open, veil: v, crypt: v.server(t),
		addr: at.server.String() + ":21", began: time.Now(),
	}
	if s.fatal {
		s.kills = h.kill
	}
	h.live()
	t.Cleanup(h.dead)
	s.Network = network.Host(at.client)
	return h
}

func (h *harbour) dial(ctx context.Context) (*client.Client, error) {
	cfg := h.config()
	cfg.Network = h.storm
	c, err := client.Dial(ctx, h.addr, cfg)
	if err != nil {
		return nil, err
	}
	if err := c.Login(ctx, client.Credentials{User: "anna", Pass: "secret"}); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// move runs one transfer of the tree t, whatever the weather.
func (h *harbour) move(d bulk.Direction, o bulk.Options) (bulk.Report, error) {
	h.t.Helper()
	ctx := h.t.Context()
	c, err := h.dial(ctx)
	for try := 0; err != nil && try < 50; try++ {
		time.Sleep(time.Second)
		c, err = h.dial(ctx)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	o.Dial, o.Recursive = h.dial, bulk.Trees
	o.Events = func(e bulk.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	}
	e := bulk.New(c, o)
	defer func() { e.Client().Close() }()
	items := []bulk.Item{{Local: filepath.Join(h.local, "t"), Remote: "/t"}}
	if d == bulk.Up {
		return e.Upload(ctx, items)
	}
	return e.Download(ctx, items)
}

// storm is a network whose connections fail, at places that a seed chooses.
type storm struct {
	proto.Network
	mu      sync.Mutex
	rng     *rand.Rand
	chance  float64                   // of a connection to be hit
	lies    float64                   // of a reply to be another
	twice   float64                   // of a reply to come twice
	meddle  func()                    // changes something while data flow; nil: nothing changes
	reach   int                       // bytes within which a connection is hit; 0: 40,000
	kinds   int                       // of hits that there are; 0: those up to a stall
	bye     float64                   // of a reply to be 421, and the last
	hides   func(feature string) bool // what FEAT keeps to itself; nil: nothing
	sunk    int                       // connections that were hit
	lied    int
	fatal   bool             // an outage is the server's death
	kills   func(cut func()) // kills the server; nil: it lives on
	fill    func()           // fills the target's disk; nil: it has room
	filled  bool
	blowing bool
	afloat  map[*ship]bool
	down    time.Time // nobody gets through before
}

// outage cuts all that is under way, as when the server is killed, and lets nobody
// in for a while.
func (s *storm) outage() {
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.afloat))
	s.down = time.Now().Add(time.Duration(s.rng.IntN(30)) * time.Second)
	s.sunk++
	s.mu.Unlock()
	cut := func() {
		for _, c := range all {
			c.founder(reset)
		}
	}
	if s.kills == nil {
		cut()
		return
	}
	s.kills(cut)
}

func (s *storm) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blowing && time.Now().Before(s.down)
}

// founder ends one connection at once.
func (c *ship) founder(how hit) {
	c.mu.Lock()
	done := c.over
	c.over, c.hit = true, how
	c.mu.Unlock()
	if r, can := c.Conn.(interface{ Reset() error }); can && !done {
		_ = r.Reset()
	} else if !done {
		c.Conn.Close()
	}
}

func (s *storm) roll(p float64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.blowing && s.rng.Float64() < p
}

func (s *storm) pick(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rng.IntN(n)
}

func (s *storm) lying() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lied++
}

// stir has something changed while data flow, now and then.
func (c *ship) stir(n int) {
	if n > 0 && c.storm.fill != nil && c.storm.roll(0.01) {
		c.storm.brim()
	}
	if n > 0 && !c.control && c.storm.meddle != nil && c.storm.roll(0.03) {
		c.storm.meddle()
	}
}

// brim fills the target's disk, once.
func (s *storm) brim() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.filled {
		s.filled = true
		s.fill()
	}
}

func (s *storm) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blowing = false
}

type hit int

const (
	reset hit = iota
	fin
	stall
	outage // of all
	hits
)

func (s *storm) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if s.closed() {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	nc, err := s.Network.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	c := &ship{Conn: nc, storm: s, control: port == "21", left: -1, closed: make(chan struct{})}
	if s.roll(s.chance) {
		c.hit, c.left = hit(s.pick(cmp.Or(s.kinds, int(outage)))), s.pick(cmp.Or(s.reach, 40_000))
		if s.fatal && s.roll(0.4) {
			c.hit = outage
		}
		if c.control {
			c.left = s.pick(4000)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.afloat == nil {
		s.afloat = map[*ship]bool{}
	}
	s.afloat[c] = true
	return c, nil
}

// ship is one connection in the storm.
type ship struct {
	net.Conn
	storm   *storm
	control bool
	hit     hit
	left    int // bytes until it is hit; -1 never

	mu      sync.Mutex
	line    bytes.Buffer // of a reply that is not whole
	ready   bytes.Buffer // what may be read
	reading time.Time    // deadlines
	writing time.Time
	over    bool
	closed  chan struct{}
	once    sync.Once
	feats   bool // inside FEAT's reply
	sealed  bool // by TLS: replies are nobody else's to read
}

var errSunk = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}

// sink spends n bytes and reports what happens now, if anything does.
func (c *ship) sink(n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return c.fate()
	}
	if c.left < 0 {
		return nil
	}
	if c.left -= n; c.left > 0 {
		return nil
	}
	c.over = true
	c.storm.mu.Lock()
	c.storm.sunk++
	c.storm.mu.Unlock()
	switch c.hit {
	case outage:
		c.hit = reset
		_ = c.Conn.(interface{ Reset() error }).Reset()
		go c.storm.outage() // each ship has a lock of its own
	case reset:
		_ = c.Conn.(interface{ Reset() error }).Reset()
	case fin:
		c.Conn.Close()
	}
	return c.fate()
}

func (c *ship) fate() error {
	switch c.hit {
	case fin:
		return io.EOF
	case stall:
		return os.ErrDeadlineExceeded // after the wait
	}
	return errSunk
}

// wait is a stalled connection: nothing comes until somebody loses patience.
func (c *ship) wait(until *time.Time) error {
	for {
		c.mu.Lock()
		d := *until
		c.mu.Unlock()
		left := time.Hour
		if !d.IsZero() {
			if left = time.Until(d); left <= 0 {
				return os.ErrDeadlineExceeded
			}
		}
		select {
		case <-c.closed:
			return net.ErrClosed
		case <-time.After(min(left, time.Second)):
		}
	}
}

func (c *ship) SetDeadline(t time.Time) error {
	c.note(&c.reading, t)
	c.note(&c.writing, t)
	return c.Conn.SetDeadline(t)
}

func (c *ship) SetReadDeadline(t time.Time) error {
	c.note(&c.reading, t)
	return c.Conn.SetReadDeadline(t)
}

func (c *ship) SetWriteDeadline(t time.Time) error {
	c.note(&c.writing, t)
	return c.Conn.SetWriteDeadline(t)
}

func (c *ship) stalls() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hit == stall
}

func (c *ship) note(deadline *time.Time, t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*deadline = t
}

func (c *ship) Close() error {
	c.storm.mu.Lock()
	delete(c.storm.afloat, c)
	c.storm.mu.Unlock()
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// CloseWrite and Reset are what the client asks of a data connection.
func (c *ship) CloseWrite() error { return c.Conn.(interface{ CloseWrite() error }).CloseWrite() }
func (c *ship) Reset() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.(interface{ Reset() error }).Reset()
}

func (c *ship) Write(p []byte) (int, error) {
	total := 0
	for len(p) > 0 {
		c.stir(len(p))
		err := c.sink(min(len(p), 4096))
		if err != nil {
			if c.stalls() {
				return total, c.wait(&c.writing)
			}
			return total, errSunk
		}
		n, err := c.Conn.Write(p[:min(len(p), 4096)])
		if total += n; err != nil {
			return total, err
		}
		p = p[n:]
	}
	return total, nil
}

func (c *ship) Read(p []byte) (int, error) {
	for {
		if n, _ := c.ready.Read(p); n > 0 {
			return n, nil
		}
		n, err := c.Conn.Read(p[:min(len(p), 4096)])
		c.stir(n)
		if sunk := c.sink(n); sunk != nil {
			if c.stalls() {
				return 0, c.wait(&c.reading)
			}
			return 0, sunk
		}
		if err != nil || !c.control || c.sealed {
			return n, err
		}
		c.hear(p[:n])
	}
}

// hear passes replies on, some of them changed.
func (c *ship) hear(p []byte) {
	for i, b := range p {
		if c.sealed {
			c.ready.Write(p[i:])
			return
		}
		c.line.WriteByte(b)
		if b != '\n' {
			continue
		}
		line := c.line.String()
		c.line.Reset()
		if c.feats = strings.HasPrefix(line, "211-") || c.feats && line[0] == ' '; c.feats && line[0] == ' ' && c.storm.hides != nil && c.storm.hides(line[1:len(line)-2]) {
			continue
		}
		c.sealed = strings.HasPrefix(line, "234 ")
		if n := len(line); n > 4 && line[3] == ' ' && line[0] != '1' && c.storm.roll(c.storm.twice) {
			c.storm.lying()
			line += line
		}
		if c.storm.roll(c.storm.lies) {
			line = c.lie(line)
		}
		if len(line) > 4 && line[3] == ' ' && line[0] != '1' && c.storm.roll(c.storm.bye) {
			c.storm.lying()
			line = "421 Service going down\r\n"
		}
		if c.ready.WriteString(line); strings.HasPrefix(line, "421 ") { // these are last words
			c.founder(fin)
			return
		}
	}
}

// lie changes the last reply of a transfer, or a size; others are left alone.
func (c *ship) lie(line string) string {
	said := ""
	switch {
	case strings.HasPrefix(line, "226 "):
		said = []string{"426 Cut\r\n", "451 Local error\r\n", "226 Twice\r\n" + line, "421 Service going down\r\n", "550 No\r\n", "452 Disk full\r\n", "552 Over quota\r\n"}[c.storm.pick(7)]
	case strings.HasPrefix(line, "213 ") && len(line) < 14:
		said = "213 " + strconv.Itoa(c.storm.pick(5000)) + "\r\n"
	case strings.HasPrefix(line, "213 20") && len(line) == 20: // a clock that is wrong by hours
		said = line[:12] + strconv.Itoa(10+c.storm.pick(10)) + line[14:]
	case strings.HasPrefix(line, "250 "):
		said = "450 Busy\r\n"
	case strings.HasPrefix(line, "150 "):
		said = "425 No connection\r\n"
	default:
		return line
	}
	c.storm.lying()
	return said
}

// hell are names that have broken clients before.
func hell() []string {
	return []string{
		"plain", "two  blanks", " leading", "trailing ", "-dash", "--", "...", "quote\"s", "it's", "[b]racket*?", "{a,b}", "back\\slash",
		"ünï—日本", "\xff\xfe bytes", "100%", "a;b&c|d<e>f", "~tilde", "$HOME`x`", strings.Repeat("long", 50), "#comment", "226 done",
	}
}

// cargo writes a tree below dir and returns its contents by name.
func cargo(t *testing.T, rng *rand.Rand, dir string) map[string]string {
	all := map[string]string{}
	names := hell()
	for i := range 4 + rng.IntN(12) {
		name := names[rng.IntN(len(names))]
		if i%3 == 1 {
			name = "d/" + name
		} else if i%3 == 2 {
			name = "d/deep er/" + name
		}
		size := []int{0, 1, 500, 9000, 60_000, 400_000}[rng.IntN(6)]
		text := strconv.FormatUint(rng.Uint64(), 36) + noise(size)
		text = text[:min(len(text), size)]
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		skew := time.Unix(1_000_000_000+rng.Int64N(1_500_000_000), 0) // clocks go wrong by years
		_ = os.Chtimes(file, skew, skew)
		all[name] = text
	}
	return all
}

func TestStorms(t *testing.T) {
	var sunk, lied, failed, retried, killed, full int
	first, small := faultsFrom(t), smallDisk(t)
	for seed := first; seed < first+faultRuns(t); seed++ {
		root, local, fill, done := small.dirs(t, seed%2 == 1, seed%9 >= 7)
		synctest.Test(t, func(t *testing.T) {
			s := &storm{rng: rand.New(rand.NewPCG(uint64(seed), 7)), chance: 0.02 + 0.3*float64(seed%5)/5, lies: 0.03 * float64(seed%4), fill: fill, blowing: true}
			if seed%3 == 0 {
				s.fatal, s.chance = true, s.chance+0.1
			}
			h := veiledHarbour(t, clothed(seed), serve.Roots, root, local, s)
			tellSeed(t, seed)
			f, r := h.weather(seed, small)
			sunk, lied, failed, retried, killed = sunk+s.sunk, lied+s.lied, failed+f, retried+r, killed+h.killed()
			if s.filled {
				full++
			}
		})
		done()
	}
	t.Logf("%d connections broken, %d false replies, %d servers killed, %d disks filled, %d retries, %d files failed, and said so", sunk, lied, killed, full, retried, failed)
	many := faultRuns(t) >= 200 // where a few don't say which they are
	if sunk == 0 || lied == 0 || retried == 0 || many && (killed == 0 || small != "" && full == 0) {
		t.Error("there was no storm")
	}
}

// weather is one run in a storm, its check, and one under a clear sky.
func (h *harbour) weather(seed int, small disk) (failed, retried int) {
	t, rng := h.t, rand.New(rand.NewPCG(uint64(seed), 11))
	d, src, dst := bulk.Down, filepath.Join(h.root, "t"), filepath.Join(h.local, "t")
	if seed%2 == 1 {
		d, src, dst = bulk.Up, dst, src
	}
	fresh := cargo(t, rng, src)
	old := map[string]string{}
	for name := range fresh { // some of it was there before
		if rng.IntN(3) == 0 {
			old[name] = "old " + name
			_ = os.MkdirAll(filepath.Dir(filepath.Join(dst, name)), 0o777)
			_ = os.WriteFile(filepath.Join(dst, name), []byte(old[name]), 0o666)
		}
	}
	report, err := h.move(d, bulk.Options{OnError: bulk.Continue})
	for _, x := range report.Results {
		at := x.Item.Local
		if d == bulk.Up {
			at = filepath.Join(h.root, x.Item.Remote)
		}
		rel, _ := filepath.Rel(dst, at)
		got, rerr := os.ReadFile(at)
		if x.Kind == bulk.Done && (rerr != nil || string(got) != fresh[rel]) {
			t.Errorf("%q is reported as done, and has %d of %d bytes: %v", rel, len(got), len(fresh[rel]), rerr)
		}
		if x.Kind == bulk.Failed {
			failed++
		}
	}
	if failed > 0 && err == nil {
		t.Error("files failed, and there is no error")
	}
	for name, text := range fresh {
		got, rerr := os.ReadFile(filepath.Join(dst, name))
		was, had := old[name]
		if rerr == nil && string(got) != text && (!had || string(got) != was) || rerr != nil && had {
			t.Errorf("%q is torn or lost: %d bytes, of %d, or %d before: %v", name, len(got), len(text), len(was), rerr)
		}
	}
	for _, e := range h.events {
		if e.Kind == bulk.Retried {
			retried++
		}
	}
	h.storm.clear()
	small.drain()
	if report, err := h.move(d, bulk.Options{}); err != nil {
		t.Errorf("under a clear sky: %v %+v", err, report.Failed)
	}
	for name, text := range fresh {
		if got, _ := os.ReadFile(filepath.Join(dst, name)); string(got) != text {
			t.Errorf("%q is not what it should be in the end", name)
		}
	}
	h.leftovers(dst)
	return failed, retried
}

// leftovers are none: each part became its file. A probe's files stay while the
// process lives that may still want them, and what is of a file as it was before
// it changed, until it is old. What the server keeps of an upload that was broken
// behind the next one's end it sweeps by itself, in a day.
func (h *harbour) leftovers(dst string) {
	_ = filepath.WalkDir(dst, func(path string, d os.DirEntry, err error) error {
		name, ours := strings.CutPrefix(filepath.Base(path), ".ferry-")
		probe := strings.HasPrefix(name, "a-") || strings.HasPrefix(name, "b-")
		ours = ours && !(strings.HasPrefix(path, h.root) && strings.HasSuffix(name, ".part"))
		if err == nil && ours && !probe && (h.storm.meddle == nil || strings.HasSuffix(name, ".json")) {
			h.t.Errorf("%s was left", path)
		}
		return nil
	})
}
