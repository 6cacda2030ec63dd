package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// noisy plants a file that no part of is like another.
func noisy(t *testing.T, path string, size int) []byte {
	t.Helper()
	text := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{9}).Read(text)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return text
}

// trace hears what a client says, where connections are left alone.
func (n *ears) trace(_ proto.Direction, line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, line)
}

// TestSegmentServers: files come in segments from servers that know RANG, and
// from those that only know REST; the sessions can be used afterwards.
func TestSegmentServers(t *testing.T) {
	servers := foreignServers()
	servers["ferry"] = func(t *testing.T) server {
		dir := t.TempDir()
		return server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir}
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			want, more := noisy(t, filepath.Join(s.dir, "big"), 24<<20), noisy(t, filepath.Join(s.dir, "other"), 5<<20)
			tap := &ears{}
			dial := func(context.Context) (*client.Client, error) {
				return dialServer(t, s, client.Config{Trace: tap.trace}), nil
			}
			c, _ := dial(t.Context())
			local := t.TempDir()
			e := bulk.New(c, bulk.Options{Segments: 4, Dial: dial})
			for file, text := range map[string][]byte{"big": want, "other": more} {
				at := filepath.Join(local, file)
				report, err := e.Download(t.Context(), []bulk.Item{{Local: at, Remote: file}})
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := os.ReadFile(at); !bytes.Equal(got, text) {
					t.Errorf("%s: %d bytes came of %d, or others", file, len(got), len(text))
				}
				if x := report.Results[0]; x.Attempts != 1 || x.Bytes != int64(len(text)) {
					t.Errorf("%s: %+v", file, x)
				}
			}
			if tap.count("^RETR") < 5 || (tap.count("^RANG") > 0) != (name == "proftpd" || name == "ferry") {
				t.Errorf("%d RETR, %d RANG, %d REST", tap.count("^RETR"), tap.count("^RANG"), tap.count("^REST"))
			}
			var whole bytes.Buffer
			if _, err := e.Client().Retrieve(t.Context(), "other", &whole, client.Transfer{}); err != nil || !bytes.Equal(whole.Bytes(), more) {
				t.Errorf("a plain download afterwards: %d bytes, %v", whole.Len(), err)
			}
		})
	}
}

// TestKilledSegments: kill -9 leaves no file, and the next run goes on with what
// the record of the part tells.
func TestKilledSegments(t *testing.T) {
	dir, local := t.TempDir(), t.TempDir()
	addr := ferryServe(t, dir)
	want := noisy(t, filepath.Join(dir, "big"), 24<<20)
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
	part := filepath.Join(local, ".ferry-big.part")
	for try := range 3 {
		cmd := run("set rate 6M\npget -n 4 big\n")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		recorded := recordOf(part)
		for deadline := time.Now().Add(time.Minute); recordOf(part) == recorded && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Duration(100+try*150) * time.Millisecond)
		_ = cmd.Process.Kill()
		if err := cmd.Wait(); err == nil {
			t.Fatal("it was done before it was killed")
		}
		if _, err := os.Stat(filepath.Join(local, "big")); err == nil {
			t.Fatal("half a file has the name of a whole one")
		}
	}
	if r := recordOf(part); !strings.Contains(r, `"segmented":true`) || !strings.Contains(r, `"have":[[`) {
		t.Errorf("the record: %s", r)
	}
	if out, err := run("pget -n 4 big\n").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, _ := os.ReadFile(filepath.Join(local, "big")); !bytes.Equal(got, want) {
		t.Errorf("%d bytes came of %d, or others", len(got), len(want))
	}
	if left, _ := filepath.Glob(filepath.Join(local, ".ferry-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func recordOf(part string) string {
	text, _ := os.ReadFile(part + ".json")
	return string(text)
}

// TestActiveCongestion: in active mode, too, data connections get the congestion
// control that was asked for, where the kernel has it.
func TestActiveCongestion(t *testing.T) {
	allowed, err := os.ReadFile("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
	if err != nil || !strings.Contains(string(allowed), "reno") {
		t.Skip("the kernel has no choice to offer")
	}
	dir := t.TempDir()
	s := server{url: "ftp://demo@" + ferryServe(t, dir, "--congestion", "reno"), dir: dir}
	for _, how := range []client.Method{client.Passive, client.Active} {
		c := dialServer(t, s, client.Config{Data: how, Congestion: "reno"})
		if _, err := c.Store(t.Context(), "a", strings.NewReader("text"), client.Transfer{}); err != nil {
			t.Fatal(err)
		}
		if got := c.Congestion(); got != "reno" {
			t.Errorf("method %d: %q", how, got)
		}
	}
	c := dialServer(t, s, client.Config{Data: client.Active}) // nobody asked: not over loopback
	if _, err := c.Store(t.Context(), "a", strings.NewReader("text"), client.Transfer{}); err != nil || c.Congestion() != "" {
		t.Errorf("%q, %v", c.Congestion(), err)
	}
}

// TestChannelOff: with the channel off, every file has a data connection again.
func TestChannelOff(t *testing.T) {
	dir := t.TempDir()
	s := server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir}
	tap := &ears{}
	c := dialServer(t, s, client.Config{Trace: tap.trace, Channel: client.ChannelOff})
	batched(t, s, c)
	if tap.count("^CHAN") != 0 || tap.count("^EPSV") < 100 || c.Commits() {
		t.Errorf("%d CHAN, %d EPSV", tap.count("^CHAN"), tap.count("^EPSV"))
	}
	c.SetChannel(client.ChannelAuto)
	if !c.Commits() {
		t.Error("it is not on again")
	}
}
