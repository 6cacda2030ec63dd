//go:build unix

package serve

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/store"
	"ferry/serve/users"
)

// closings counts the transfers that ended on their session's own goroutine.
type closings struct {
	store.Store
	own, all *atomic.Int64
}

func (c closings) Close() error { return nil }

func (c closings) Open(ctx context.Context, name string) (store.File, error) {
	f, err := c.Store.Open(ctx, name)
	return closing{f, c}, err
}

type closing struct {
	store.File
	c closings
}

func (f closing) Close() error {
	f.c.ended()
	return f.File.Close()
}

func (c closings) ended() {
	c.all.Add(1)
	if !strings.Contains(string(debug.Stack()), "(*transfer).run(") {
		c.own.Add(1)
	}
}

func (c closings) Create(ctx context.Context, name string, o store.CreateOptions) (store.Upload, error) {
	u, err := c.Store.Create(ctx, name, o)
	return committing{u, c}, err
}

type committing struct {
	store.Upload
	c closings
}

func (u committing) Commit(ctx context.Context) error {
	u.c.ended()
	return u.Upload.Commit(ctx)
}

// A small file is sent by the session itself, since waking a mover costs more
// than sending; one that the kernel has no room for, or of a user with a rate,
// is not.
func TestSmallDownloadsNeedNoMover(t *testing.T) {
	const times = 20
	for name, tt := range map[string]struct {
		size int
		down int64
		own  bool
	}{
		"small":            {4 << 10, 0, true},
		"large":            {briefSize + 1, 0, false},
		"small, at a rate": {4 << 10, 1 << 30, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, text := t.TempDir(), strings.Repeat("ferry.", tt.size)[:tt.size]
			if err := os.WriteFile(filepath.Join(dir, "f"), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			disk, err := store.NewDisk(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer disk.Close()
			c := closings{disk, new(atomic.Int64), new(atomic.Int64)}
			downloads(t, c, users.Limits{Down: tt.down}, times, text)
			if c.all.Load() != times {
				t.Errorf("%d files were closed, of %d", c.all.Load(), times)
			}
			if own := c.own.Load(); (own > 0) != tt.own {
				t.Errorf("%d of %d files were sent by the session itself", own, times)
			}
		})
	}
}

// downloads asks a server over TCP for the file f, again and again.
func downloads(t *testing.T, files store.Store, limits users.Limits, times int, want string) {
	nc, say := tcpUser(t, files, limits)
	for range times {
		data := dataConn(t, say)
		fmt.Fprint(nc, "RETR f\r\n")
		got, err := io.ReadAll(data)
		data.Close()
		if err != nil || string(got) != want {
			t.Fatalf("%d bytes came, of %d: %v", len(got), len(want), err)
		}
		say("", 150)
		say("", 226)
	}
}

// A small upload whose end comes soon is received by the session itself. One that
// is large, late or at a rate is not.
func TestSmallUploadsNeedNoMover(t *testing.T) {
	for name, tt := range map[string]struct {
		size int
		up   int64
		late time.Duration
		own  bool
	}{
		"small":            {4 << 10, 0, 0, true},
		"large":            {4 * briefSize, 0, 0, false},
		"small, at a rate": {4 << 10, 1 << 30, 0, false},
		"in two halves":    {4 << 10, 0, 10 * briefWait, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, text := t.TempDir(), strings.Repeat("ferry.", tt.size)[:tt.size]
			disk, err := store.NewDisk(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer disk.Close()
			c := closings{disk, new(atomic.Int64), new(atomic.Int64)}
			_, say := tcpUser(t, c, users.Limits{Up: tt.up})
			// On a busy machine most files that ought to come soon don't.
			for i := 0; i < 10 || tt.own && c.own.Load() == 0 && i < 500; i++ {
				data := dataConn(t, say)
				say("STOR f", 150)
				io.WriteString(data, text[:tt.size/2])
				time.Sleep(tt.late)
				io.WriteString(data, text[tt.size/2:])
				data.Close()
				say("", 226)
				got, err := os.ReadFile(filepath.Join(dir, "f"))
				if err != nil || string(got) != text {
					t.Fatalf("%d bytes were stored, of %d: %v", len(got), len(text), err)
				}
				os.Remove(filepath.Join(dir, "f"))
			}
			if own := c.own.Load(); (own > 0) != tt.own {
				t.Errorf("%d of %d files were received by the session itself", own, c.all.Load())
			}
		})
	}
}

// Small files over a channel need no mover either, where they have come already,
// and what the peer does not read is no reason to wait.
func TestSmallFilesOnAChannelNeedNoMover(t *testing.T) {
	const times = 2000
	dir, text := t.TempDir(), strings.Repeat("ferry.", 1000)[:200]
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	disk, err := store.NewDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	c := closings{disk, new(atomic.Int64), new(atomic.Int64)}
	nc, say := tcpUser(t, c, users.Limits{})
	say("MODE B", 200)
	data := dataConn(t, say)
	defer data.Close()
	say("CHAN", 225)

	go io.WriteString(nc, strings.Repeat("RETR f\r\n", times)) // and nobody reads
	for range times {
		say("", 125)
		say("", 250)
		got := make([]byte, len(kept(text, "")))
		if _, err := io.ReadFull(data, got); err != nil || string(got) != kept(text, "") {
			t.Fatalf("%q came, %v", got, err)
		}
	}
	if own, all := c.own.Load(), c.all.Load(); own == 0 || all != times {
		t.Errorf("%d of %d files were sent by the session itself", own, all)
	}

	c.own.Store(0)
	for i := 0; i < 20 || c.own.Load() == 0 && i < 500; i++ {
		io.WriteString(data, kept(text, ""))
		say(fmt.Sprintf("STOR g%d", i), 125)
		say("", 250)
		if got, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("g%d", i))); err != nil || string(got) != text {
			t.Fatalf("%q was stored, %v", got, err)
		}
	}
	if own := c.own.Load(); own == 0 {
		t.Errorf("%d files were received by the session itself", own)
	}
}

// Small files that wait for each other on a channel go out before whatever is said
// behind them, and none is lost when the session ends.
func TestChannelInOrder(t *testing.T) {
	dir, small, large := t.TempDir(), strings.Repeat("ferry.", 30), strings.Repeat("large.", 8000)
	for name, text := range map[string]string{"f": small, "large": large} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	disk, err := store.NewDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	for _, last := range []struct {
		line string
		code int
	}{{"MODE S", 200}, {"QUIT", 221}, {"retr f", 0}} {
		nc, say := tcpUser(t, closings{disk, new(atomic.Int64), new(atomic.Int64)}, users.Limits{})
		say("MODE B", 200)
		nd := dataConn(t, say)
		defer nd.Close()
		say("CHAN", 225)
		one := "RETR f\r\n"
		lines := strings.Repeat(one, 700) + "RETR nothing\r\n" + one + one + "NOOP\r\n" + one + "RETR large\r\n" + one +
			"STOR g\r\n" + one + "RETR .\r\n" + "SIZE f\r\n" + one + last.line + "\r\n"
		go func() {
			io.WriteString(nd, kept("sent", ""))
			io.WriteString(nc, lines)
		}()
		c, o := data.NewConn(nd), data.Options{Params: channelParams(), Keep: &data.Keep{}}
		for line := range strings.Lines(lines) {
			switch line = strings.TrimSpace(line); line {
			case "RETR f", "RETR large", "retr f":
				var got bytes.Buffer
				want := small
				if line == "RETR large" {
					want = large
				}
				if _, err := data.Receive(t.Context(), &got, c, o); err != nil || got.String() != want {
					t.Fatalf("%s: %d bytes came, %v", line, got.Len(), err)
				}
				fallthrough
			case "STOR g":
				say("", 125)
				say("", 250)
			case "NOOP", "MODE S":
				say("", 200)
			case "SIZE f":
				say("", 213)
			case "QUIT":
				say("", 221)
			default:
				say("", 550)
			}
		}
	}
}

// Files wait for each other only where the next is asked for already, and not
// without end.
func TestChannelGathers(t *testing.T) {
	for text, want := range map[string]bool{"RETR b\r\n": true, "RETR b": false, "STOR b\r\nRETR c\r\n": false, "": false} {
		near, far := net.Pipe()
		go func() { io.WriteString(far, "NOOP\r\n"+text) }()
		s := &session{conn: proto.NewConn(near, nil)}
		if _, err := s.conn.ReadCommand(); err != nil {
			t.Fatal(err)
		}
		ch := &channel{conn: data.NewConn(near)}
		if got := s.gathers(ch); got != want {
			t.Errorf("%q: %v", text, got)
		}
		for ch.conn.Packed() < data.PackMost {
			if _, err := ch.conn.Pack(strings.NewReader(text), 1, &data.Keep{}); err != nil {
				t.Fatal(err)
			}
		}
		if s.gathers(ch) {
			t.Error("it gathers without end")
		}
		near.Close()
		far.Close()
	}
}

// A client that is killed within a small upload leaves no whole file.
func TestSmallUploadThatIsCut(t *testing.T) {
	dir := t.TempDir()
	disk, err := store.NewDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	_, say := tcpUser(t, disk, users.Limits{})
	for range 10 {
		data := dataConn(t, say)
		say("STOR f", 150)
		io.WriteString(data, "half")
		data.SetLinger(0)
		data.Close()
		say("", 426)
		if _, err := os.Stat(filepath.Join(dir, "f")); err == nil {
			t.Fatal("what was cut is there as a whole file")
		}
	}
}

// dataConn opens a passive data connection.
func dataConn(t *testing.T, say func(string, int) string) *net.TCPConn {
	t.Helper()
	port := regexp.MustCompile(`\|\|\|(\d+)\|`)
	data, err := net.Dial("tcp", "127.0.0.1:"+port.FindStringSubmatch(say("EPSV", 229))[1])
	if err != nil {
		t.Fatal(err)
	}
	return data.(*net.TCPConn)
}

// tcpUser is somebody who has logged in to a server over TCP.
func tcpUser(t *testing.T, files store.Store, limits users.Limits) (nc net.Conn, say func(string, int) string) {
	t.Helper()
	srv, err := New(Config{
		Users: book{"anna": {Name: "anna", Home: "/", Perm: users.All, Limits: limits}},
		Open:  func(context.Context, users.Record) (store.Store, error) { return files, nil },
		TLS:   TLS{Policy: TLSOff},
	})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(t.Context(), ln) }()
	if nc, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		nc.Close()
		_ = srv.Shutdown(context.Background())
		<-served
	})
	in := textproto.NewReader(bufio.NewReader(nc))
	say = func(line string, code int) string {
		t.Helper()
		if line != "" {
			fmt.Fprintf(nc, "%s\r\n", line)
		}
		_, text, err := in.ReadResponse(code)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return text
	}
	say("", int(proto.Ready))
	say("USER anna", 331)
	say("PASS secret", 230)
	say("TYPE I", 200)
	return nc, say
}
