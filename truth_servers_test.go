package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/script/report"
)

// crook is a small server that shares no code with ferry's, with one fault.
type crook struct {
	fault string
	feat  string                         // what it announces; "" for nothing
	sum   func(verb, text string) string // its answer to a command that asks for a checksum
	mu    sync.Mutex
	files map[string]string
	asked int // checksums
	tried int // uploads
}

func newCrook(t *testing.T, fault string) (addr string, l *crook) {
	t.Helper()
	l = &crook{fault: fault, files: map[string]string{"/big": strings.Repeat("0123456789", 10_000), "/there": "the old one"}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go l.serve(c)
		}
	}()
	return ln.Addr().String(), l
}

func (l *crook) serve(c net.Conn) {
	defer c.Close()
	var passive net.Listener
	var from string
	ascii := false
	reply := func(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }
	reply("220 hello")
	for lines := bufio.NewScanner(c); lines.Scan(); {
		verb, arg, _ := strings.Cut(lines.Text(), " ")
		name := path.Join("/", arg)
		switch verb {
		case "USER":
			reply("331 password")
		case "PASS":
			reply("230 in")
		case "TYPE":
			ascii = strings.HasPrefix(arg, "A")
			reply("200 yes")
		case "CWD":
			if name == "/" {
				reply("250 here")
			} else {
				reply("550 no such directory")
			}
		case "PWD":
			reply(`257 "/"`)
		case "EPSV":
			passive, _ = net.Listen("tcp", "127.0.0.1:0")
			reply("229 here (|||%d|)", passive.Addr().(*net.TCPAddr).Port)
		case "SIZE":
			if text, ok := l.get(name); ok && ascii && l.fault == "counts otherwise in ASCII" {
				reply("213 %d", 2*len(text))
			} else if ok {
				reply("213 %d", len(text))
			} else {
				reply("550 no such file")
			}
		case "MLSD", "RETR", "STOR":
			l.transfer(verb, name, passive, reply)
		case "DELE":
			l.put(name, nil)
			reply("250 gone")
		case "RNFR":
			from = name
			reply("350 and to?")
		case "RNTO":
			l.rename(from, name, reply)
		case "QUIT":
			reply("221 bye")
			return
		case "FEAT":
			if l.feat == "" {
				reply("500 what?")
				continue
			}
			reply("211-these:\r\n %s\r\n211 end", l.feat)
		case "OPTS":
			reply("200 yes")
		default:
			l.sumUp(verb, name, reply)
		}
	}
}

// sumUp answers what asks for a checksum.
func (l *crook) sumUp(verb, name string, reply func(string, ...any)) {
	text, ok := l.get(name)
	if l.sum == nil || !strings.HasPrefix(verb, "X") && verb != "HASH" && verb != "MD5" {
		reply("500 what?")
		return
	}
	l.mu.Lock()
	l.asked++
	l.mu.Unlock()
	if !ok {
		reply("550 no such file")
		return
	}
	reply("%s", strings.ReplaceAll(l.sum(verb, text), "NAME", name))
}

func (l *crook) get(name string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, ok := l.files[name]
	return text, ok
}

func (l *crook) put(name string, text *string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if delete(l.files, name); text != nil {
		l.files[name] = *text
	}
}

func (l *crook) transfer(verb, name string, passive net.Listener, reply func(string, ...any)) {
	text, ok := l.get(name)
	if verb == "MLSD" {
		text, ok, verb = "type=file;modify=20200101000000; big\r\ntype=file; there\r\n", true, "RETR"
	}
	if verb == "RETR" && !ok {
		reply("550 no such file")
		return
	}
	d, err := passive.Accept()
	passive.Close()
	if err != nil {
		return
	}
	reply("150 now")
	if verb == "RETR" {
		if l.fault == "cuts downloads" {
			text = text[:len(text)/2]
		}
		early := strings.HasPrefix(l.fault, "226 comes early")
		if early {
			reply("226 done")
			_, _ = io.WriteString(d, text[:len(text)/2])
			time.Sleep(50 * time.Millisecond)
			if text = text[len(text)/2:]; strings.HasSuffix(l.fault, "the end never") {
				text = ""
			}
		}
		_, _ = io.WriteString(d, text)
		if d.Close(); !early {
			reply("226 done")
		}
		return
	}
	if l.fault == "226 comes early" {
		reply("226 done")
	}
	b, _ := io.ReadAll(d)
	d.Close()
	l.mu.Lock()
	l.tried++
	l.mu.Unlock()
	if l.fault == "keeps nothing" {
		reply("426 None; transfer aborted.")
		return
	}
	if l.fault == "226 comes early" {
		text = string(b)
		l.put(name, &text)
		return
	}
	if l.fault == "cuts uploads" {
		b = b[:len(b)/2]
	}
	text = string(b)
	l.put(name, &text)
	reply("226 done")
}

func (l *crook) rename(from, to string, reply func(string, ...any)) {
	text, _ := l.get(from)
	_, exists := l.get(to)
	switch {
	case l.fault == "refuses renames", l.fault == "renames onto nothing" && exists:
		reply("553 no")
	case l.fault == "only says that it renames" && exists:
		reply("250 sure")
	default:
		l.put(from, nil)
		l.put(to, &text)
		reply("250 renamed")
	}
}

// Servers that cut what they send or keep and say 226, and those that won't
// rename: a run has the right code and report, and what stands under a name is
// whole, the old or the new.
func TestRunsAgainstCrooks(t *testing.T) {
	whole, there := strings.Repeat("9876543210", 10_000), strings.Repeat("0123456789", 10_000)
	for _, c := range []struct {
		fault, text string
		code        int
		name        string // here, or at the server with a slash
		want        string // "" for nothing
	}{
		{"cuts downloads", "get big", 9, "big", ""},
		{"cuts downloads", "get big have --existing overwrite", 9, "have", "mine"},
		{"cuts uploads", "put up new", 9, "/new", ""},
		{"cuts uploads", "put up there", 9, "/there", "the old one"},
		{"refuses renames", "put up new", 0, "/new", whole},
		{"renames onto nothing", "put up there", 0, "/there", whole},
		{"only says that it renames", "put up there", 0, "/there", whole},
		{"refuses renames", "put up new --atomic on", 1, "/new", ""},
		{"none", "get big\nput up new", 0, "/new", whole},
		{"226 comes early", "get big", 0, "big", there},
		{"226 comes early, the end never", "get big", 9, "big", ""},
		{"226 comes early, the end never", "get big have --existing overwrite", 9, "have", "mine"},
		{"226 comes early", "put up new", 0, "/new", whole},
		{"counts otherwise in ASCII", "ascii\nget big", 0, "big", there},
		{"counts otherwise in ASCII", "ascii\nput up new", 0, "/new", whole},
	} {
		t.Run(c.fault+", "+c.text, func(t *testing.T) {
			t.Parallel()
			addr, l := newCrook(t, c.fault)
			dir, out := t.TempDir(), filepath.Join(t.TempDir(), "out.json")
			writeFile(t, filepath.Join(dir, "up"), whole)
			writeFile(t, filepath.Join(dir, "have"), "mine")
			script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "set retries 0\nopen ftp://demo@"+addr+"\nlcd "+dir+"\n"+c.text+"\n")
			says(t, c.code, "", "run", "-q", "--report", out, script)
			var doc report.Report
			text, err := os.ReadFile(out)
			if err != nil || json.Unmarshal(text, &doc) != nil {
				t.Fatal(err)
			}
			last := doc.Operations[len(doc.Operations)-1]
			if doc.Summary.Exit != c.code || last.Exit != c.code || (last.Status == report.Failed) != (c.code != 0) || len(last.Files) != 1 || last.Files[0].Reply == nil {
				t.Errorf("%s", text)
			}
			got, ok := l.get(c.name)
			if !strings.HasPrefix(c.name, "/") {
				b, err := os.ReadFile(filepath.Join(dir, c.name))
				got, ok = string(b), err == nil
			}
			if got != c.want || ok != (c.want != "") {
				t.Errorf("%s has %d bytes", c.name, len(got))
			}
		})
	}
}

// A server whose listings have no sizes: a mirror has them all, once and again.
func TestMirrorWithoutSizes(t *testing.T) {
	addr, l := newCrook(t, "none")
	l.feat = "MLST type*;modify*;"
	dir := t.TempDir()
	script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "set retries 0\nopen ftp://demo@"+addr+"\nlcd "+dir+"\nmirror . .\n")
	for range 2 {
		says(t, 0, "", "run", "-q", script)
		for _, name := range []string{"big", "there"} {
			want, _ := l.get("/" + name)
			if got, err := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
				t.Errorf("%s has %d bytes of %d: %v", name, len(got), len(want), err)
			}
		}
	}
	short := "short"
	l.put("/big", &short)
	says(t, 0, "", "run", "-q", script)
	if got, _ := os.ReadFile(filepath.Join(dir, "there")); string(got) != "the old one" {
		t.Errorf("there has %d bytes", len(got))
	}
}

// A server that takes all bytes and keeps none, as pyftpdlib does whose disk is
// full, is not sent them for ever: bytes that are not kept are no progress.
func TestUploadsThatLeadNowhere(t *testing.T) {
	addr, l := newCrook(t, "keeps nothing")
	up := writeFile(t, filepath.Join(t.TempDir(), "up"), strings.Repeat("x", 300_000))
	script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "set retries 1\nopen ftp://demo@"+addr+"\nput "+up+" up\n")
	says(t, 1, "426 None", "run", "-q", script)
	if l.mu.Lock(); l.tried != 2 {
		t.Errorf("%d tries", l.tried)
	}
	l.mu.Unlock()
}
