package serve

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ferry/proto"
	"ferry/serve/live"
	"ferry/serve/store"
)

// The SHA-256 of an upload's event is that of the file as it then is, however
// its bytes have come.
func TestFingerprints(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	told := map[string]string{}
	var order []string
	inWorld(t, func(w *world) {
		p := w.login("anna")
		send := func(line, content string) {
			t.Helper()
			if r := p.upload(line, content); r.Code != proto.TransferDone {
				t.Errorf("%s: %v", line, r)
			}
			text, err := os.ReadFile(filepath.Join(dir, strings.Fields(line)[1]))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(text)
			mu.Lock()
			defer mu.Unlock()
			if got := told[strings.Fields(line)[1]]; got != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: %q was told of %q", line, got, text)
			}
			clear(told)
			order = append(order, string(text))
		}
		send("STOR whole", "all of it")
		send("STOR empty", "")
		send("APPE whole", " and more")
		p.do("TYPE A", 200)
		send("STOR lines", "a\r\nb\r\n")
		p.do("TYPE I", 200)
		dc := p.passive()
		p.do("REST 4", 350)
		p.do("STOR whole", 150)
		if _, err := io.WriteString(dc, "1234"); err != nil || dc.Close() != nil {
			t.Fatal(err)
		}
		p.expect(proto.TransferDone)
		text, err := os.ReadFile(filepath.Join(dir, "whole"))
		if err != nil || !strings.HasPrefix(string(text), "all 1234") {
			t.Fatalf("%q, %v", text, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if sum := sha256.Sum256(text); told["whole"] != hex.EncodeToString(sum[:]) {
			t.Errorf("after REST: %q of %q", told, text)
		}
	}, func(cfg *Config) {
		cfg.Open, cfg.Fingerprints = Roots(dir), true
		cfg.Observe = func(e live.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == live.Upload {
				told[strings.TrimPrefix(e.Path, "/")] = e.SHA256
			}
		}
	})
	if want := "all of it||all of it and more|a\nb\n"; strings.Join(order, "|") != want {
		t.Errorf("%q", order)
	}
}

// The SHA-256 of a download's event is that of the file, and is there where the
// whole file went through the process anyway.
func TestSentFingerprints(t *testing.T) {
	const content = "a\nb\n"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(content))
	told := make(chan live.Event, 1)
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, c := range []struct {
			mode, rest, got, want string
		}{
			{"TYPE A", "REST 0", "a\r\nb\r\n", hex.EncodeToString(sum[:])},
			{"TYPE I", "REST 0", content, ""},
			{"TYPE I", "REST 2", "b\n", ""},
		} {
			p.do(c.mode, proto.OK)
			dc := p.passive()
			p.do(c.rest, 350)
			p.do("RETR f", 150)
			got, err := io.ReadAll(dc)
			p.expect(proto.TransferDone)
			if e := <-told; err != nil || string(got) != c.got || e.SHA256 != c.want {
				t.Errorf("%s, %s: %q, %v; told with %q", c.mode, c.rest, got, err, e.SHA256)
			}
		}
	}, func(cfg *Config) {
		cfg.Open, cfg.SentFingerprints = Roots(dir), true
		cfg.Observe = func(e live.Event) {
			if e.Kind == live.Download {
				told <- e
			}
		}
	})
}

// With TLS all bytes pass through the process: a whole download has its SHA-256.
func TestSentFingerprintsWithTLS(t *testing.T) {
	content := strings.Repeat("more than one record\n", 5000)
	sum := sha256.Sum256([]byte(content))
	told := make(chan live.Event, 1)
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		inWorld(t, func(w *world) {
			w.put("/f", content)
			p := w.loginTLS("anna", tlsClient(v))
			p.do("TYPE I", proto.OK)
			for _, c := range []struct{ rest, got, want string }{
				{"REST 0", content, hex.EncodeToString(sum[:])},
				{"REST 2", content[2:], ""},
			} {
				dc := p.passive()
				p.do(c.rest, 350)
				p.do("RETR f", 150)
				got, err := io.ReadAll(tls.Client(dc, tlsClient(v)))
				p.expect(proto.TransferDone)
				if e := <-told; err != nil || string(got) != c.got || e.SHA256 != c.want || e.Bytes != int64(len(c.got)) {
					t.Errorf("%s: %d bytes, %v; told of %d with %q", c.rest, len(got), err, e.Bytes, e.SHA256)
				}
			}
		}, encrypted(t), func(cfg *Config) {
			cfg.SentFingerprints = true
			cfg.Observe = func(e live.Event) {
				if e.Kind == live.Download {
					told <- e
				}
			}
		})
	}
}

// What was counted while it came is not read again; what has to be is not read
// for longer than anybody waits.
func TestFingerprintIsReady(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f"), []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	fsys, err := store.NewDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{srv: &Server{cfg: Config{Fingerprints: true}}, login: login{store: fsys}}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	sum := s.newUploadSum(store.CreateOptions{}, false)
	if _, err := io.WriteString(sum.beside(io.Discard), "content"); err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256([]byte("content"))
	if got := s.fingerprint(over, sum, "/gone"); got != hex.EncodeToString(want[:]) {
		t.Errorf("%q of what was counted", got)
	}
	if got := s.fingerprint(t.Context(), uploadSum{}, "/f"); got != hex.EncodeToString(want[:]) {
		t.Errorf("%q of what is read", got)
	}
	if _, err := (heeding{over, strings.NewReader("x")}).Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, o := range []store.CreateOptions{{Offset: 1}, {Append: true}, {InPlace: true}} {
		if s.newUploadSum(o, false).sum != nil {
			t.Errorf("%+v: these are not all bytes", o)
		}
	}
	if s.newUploadSum(store.CreateOptions{}, true).sum != nil {
		t.Error("a hole is not counted")
	}
}
