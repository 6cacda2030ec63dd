//go:build unix

package serve

import (
	"bufio"
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

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// closings counts the downloads that ended on their session's own goroutine.
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
	f.c.all.Add(1)
	if strings.Contains(string(debug.Stack()), "(*session).briefly") {
		f.c.own.Add(1)
	}
	return f.File.Close()
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
	defer func() {
		_ = srv.Shutdown(context.Background())
		<-served
	}()
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	in := textproto.NewReader(bufio.NewReader(nc))
	say := func(line string, code int) string {
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
	port := regexp.MustCompile(`\|\|\|(\d+)\|`)
	for range times {
		data, err := net.Dial("tcp", "127.0.0.1:"+port.FindStringSubmatch(say("EPSV", 229))[1])
		if err != nil {
			t.Fatal(err)
		}
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
