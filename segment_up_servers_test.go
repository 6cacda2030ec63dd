package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto/client"
	"ferry/script/bulk"
)

// Files that go up in segments, over real connections.

// Only ferry gets segments. All others get the file in one, and not one command
// that they would not get without segments.
func TestSegmentUpServers(t *testing.T) {
	servers := foreignServers()
	servers["ferry"] = func(t *testing.T) server {
		dir := t.TempDir()
		return server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir}
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			at := filepath.Join(t.TempDir(), "big")
			want := noisy(t, at, 24<<20)
			said := map[int]string{}
			for _, n := range []int{1, 4} {
				tap := &ears{}
				dial := func(context.Context) (*client.Client, error) {
					return dialServer(t, s, client.Config{Trace: tap.trace}), nil
				}
				c, _ := dial(t.Context())
				report, err := bulk.New(c, bulk.Options{Segments: n, Dial: dial}).Upload(t.Context(), []bulk.Item{{Local: at, Remote: "big"}})
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := os.ReadFile(filepath.Join(s.dir, "big")); !bytes.Equal(got, want) {
					t.Errorf("%d bytes arrived of %d, or others", len(got), len(want))
				}
				if x := report.Results[0]; x.Attempts != 1 || x.Bytes != int64(len(want)) || x.Verified == "" {
					t.Errorf("%+v", x)
				}
				if err := os.Remove(filepath.Join(s.dir, "big")); err != nil {
					t.Fatal(err)
				}
				for _, verb := range []string{"ALLO", "RANG", "HASH", "STOR", "SIZE", "RNTO"} {
					if tap.count("^"+verb+"\\b") > 0 {
						said[n] += strings.Repeat(verb+" ", tap.count("^"+verb+"\\b"))
					}
				}
			}
			if ferry := name == "ferry"; (said[1] != said[4]) != ferry || strings.Contains(said[4], "RANG") != ferry {
				t.Errorf("in one: %s\nin segments: %s", said[1], said[4])
			}
		})
	}
}

// kill -9, again and again, of the client and of the server: under the final name
// there is nothing until there is all, and what has come is gone on with.
func TestKilledSegmentsUp(t *testing.T) {
	dir, local := t.TempDir(), t.TempDir()
	want := noisy(t, filepath.Join(local, "big"), 24<<20)
	addr := fmt.Sprintf("%s:%d", localhost, freePort(t))
	serve := func() *exec.Cmd { return serveAt(t, addr, dir) }
	server := serve()
	u := url.URL{Scheme: "ftp", User: url.UserPassword("demo", "secret"), Host: addr}
	run := func(lines string) *exec.Cmd {
		script := filepath.Join(t.TempDir(), "s.ftp")
		if err := os.WriteFile(script, []byte("open "+u.String()+"\nlcd '"+local+"'\n"+lines), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "run", script)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
		return cmd
	}
	for try := range 4 {
		var out bytes.Buffer
		cmd := run("set rate 6M\nput --segments 4 big\n")
		cmd.Stdout, cmd.Stderr = &out, &out
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitForTemp(t, dir, began)
		time.Sleep(time.Duration(300+try*150) * time.Millisecond)
		if try%2 == 0 {
			_ = cmd.Process.Kill()
			if err := cmd.Wait(); err == nil {
				t.Fatal("it was done before it was killed")
			}
			if _, err := os.Stat(filepath.Join(dir, "big")); err == nil {
				t.Fatal("half a file has the name of a whole one")
			}
			continue
		}
		_ = server.Process.Kill()
		_ = server.Wait()
		if _, err := os.Stat(filepath.Join(dir, "big")); err == nil {
			t.Fatal("half a file has the name of a whole one")
		}
		server = serve()
		if try == 3 { // this one sees it through
			if err := cmd.Wait(); err != nil {
				t.Fatalf("%v: %s", err, out.String())
			}
			break
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "big")); !bytes.Equal(got, want) {
		t.Errorf("%d bytes arrived of %d, or others", len(got), len(want))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".ferry-*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// waitForTemp waits until bytes have come since.
func waitForTemp(t *testing.T, dir string, since time.Time) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		left, _ := filepath.Glob(filepath.Join(dir, ".ferry-*.tmp"))
		for _, name := range left {
			if info, err := os.Stat(name); err == nil && info.ModTime().After(since) {
				return
			}
		}
	}
	t.Fatal("nothing was begun")
}

// serveAt serves a directory at an address that is known, and waits until it does.
func serveAt(t *testing.T, addr, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(program, "serve", dir, "--listen", addr, "--user", "demo")
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if nc, err := net.Dial("tcp", addr); err == nil {
			nc.Close()
			return cmd
		}
	}
	t.Fatal("it doesn't serve")
	return nil
}
