package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"strconv"
	"testing"
	"testing/synctest"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/data"
)

// TestResumeAfterCut breaks transfers in both directions and goes on: at a
// byte offset in stream mode, at a restart marker in block and compressed
// mode. What was received twice, or not at all, would show.
func TestResumeAfterCut(t *testing.T) {
	for _, mode := range []proto.Mode{proto.Stream, proto.Block, proto.Compressed} {
		for _, typ := range []proto.Type{proto.TypeI, proto.TypeA, proto.TypeE} {
			if mode == proto.Stream && typ.Text() {
				continue // no byte of the wire is a place in the file
			}
			params := proto.Params{Type: typ, Stru: proto.File, Mode: mode}
			resumes(t, "up", veil{}, params, resumeUp)
			resumes(t, "down", veil{}, params, resumeDown)
		}
		params := proto.Params{Type: proto.TypeI, Stru: proto.File, Mode: mode}
		for _, v := range veils() {
			resumes(t, "up", v, params, resumeUp)
		}
		v := map[proto.Mode]veil{proto.Stream: {tls.VersionTLS13, false}, proto.Block: {tls.VersionTLS12, true}}[mode]
		if v.version != 0 { // the file is large
			resumes(t, "down", v, params, resumeDown)
		}
	}
}

func resumes(t *testing.T, name string, v veil, params proto.Params, resume func(*bothEnds, proto.Params)) {
	t.Run(fmt.Sprintf("%s %s %s", name, params, v), func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { resume(newBothEndsOver(t, v, ipv4(), client.Passive), params) })
	})
}

// mark is a restart marker of the client, and what the server made of it.
type mark struct{ ours, theirs string }

func resumeUp(p *bothEnds, params proto.Params) {
	t := p.t
	file := content(params, 600_000)
	var marks []mark
	tr := client.Transfer{Params: &params, Check: client.CheckAnnounced, OnMark: func(ours, theirs string) { marks = append(marks, mark{ours, theirs}) }}
	tr.Layers.MarkEvery = 10_000
	p.tap.cut = 150_000
	if _, err := p.c.Store(t.Context(), "f", bytes.NewReader(file), tr); err == nil {
		t.Fatal("the cut was not noticed")
	}
	p.tap.cut = 0
	if _, err := p.files.Stat(t.Context(), "/f"); err == nil {
		t.Fatal("half a file is there")
	}
	again := client.Transfer{Params: &params, Check: client.CheckAnnounced}
	var at int64
	if params.Mode == proto.Stream {
		n, err := p.c.Size(t.Context(), "f")
		if err != nil || n < 30_000 || n > 150_000 {
			t.Fatalf("the part has %d bytes, %v", n, err)
		}
		at, again.Offset = n, n
	} else {
		if len(marks) < 5 {
			t.Fatalf("only these markers were answered: %v", marks)
		}
		last := marks[len(marks)-1]
		at, _ = strconv.ParseInt(last.ours, 10, 64)
		again.Marker = last.theirs
		if at < 20_000 {
			t.Fatalf("marker %+v", last)
		}
	}
	if _, err := p.c.Store(t.Context(), "f", bytes.NewReader(file[at:]), again); err != nil {
		t.Fatal(err)
	}
	if sent, _ := p.tap.last(); len(sent) > len(file) {
		t.Errorf("%d bytes were sent again", len(sent))
	}
	if got := p.stored("/f"); !bytes.Equal(got, file) {
		t.Errorf("stored %d bytes, want %d; they differ at %d", len(got), len(file), differ(got, file))
	}
}

// The server's markers are 16 MiB apart, so the file is larger.
func resumeDown(p *bothEnds, params proto.Params) {
	t := p.t
	file := bytes.Repeat(content(params, 600_000), 33)
	if params.Mode == proto.Compressed {
		file = bytes.Repeat([]byte("no runs 0123456789 and no more\n"), 650_000)
	}
	p.put("/f", file)
	var got bytes.Buffer
	at, marker := int64(-1), ""
	tr := client.Transfer{Params: &params, Check: client.CheckAnnounced}
	tr.Layers.OnMark = func(m string, place int64) error { at, marker = place, m; return nil }
	p.tap.cut = 18 << 20
	n, err := p.c.Retrieve(t.Context(), "f", &got, tr)
	if err == nil {
		t.Fatal("the cut was not noticed")
	}
	p.tap.cut = 0
	again := client.Transfer{Params: &params, Check: client.CheckAnnounced}
	if params.Mode == proto.Stream {
		at, again.Offset = n, n
	} else {
		again.Marker = marker
	}
	if at < 15<<20 || at > int64(got.Len()) {
		t.Fatalf("marker %q at %d of %d bytes", marker, at, got.Len())
	}
	got.Truncate(int(at))
	if _, err := p.c.Retrieve(t.Context(), "f", &got, again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), file) {
		t.Errorf("got %d bytes, want %d; they differ at %d", got.Len(), len(file), differ(got.Bytes(), file))
	}
}

func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestWireVectors compares what both ends put on the wire, byte by byte, with
// bytes made by hand from RFC 959 §3: a sample of each mode.
func TestWireVectors(t *testing.T) {
	for _, v := range []struct{ params, file, wire string }{
		{"A F S", "ab\ncd\n", "ab\r\ncd\r\n"},
		{"E F S", "ab 9\n", "\x81\x82\x40\xF9\x15"},
		{"I F S", "a\r\n\xff\x00", "a\r\n\xff\x00"},
		{"A R S", "ab\n\xff\n", "ab\xff\x01\xff\xff\xff\x01\xff\x02"},
		{"I R S", "\x00\x06\x00\x00ab\x00\x05\x00\x00\xff", "ab\xff\x01\xff\xff\xff\x01\xff\x02"},
		{"I F B", "hello", "\x40\x00\x05hello"},
		{"A R B", "ab\n\ncd\n", "\x80\x00\x02ab\x80\x00\x00\x80\x00\x02cd\x40\x00\x00"},
		{"I F C", "abccccc\x00\x00\x00", "\x02ab\x85c\x00\x40\xc3"},
		{"A F C", "abc    \n", "\x03abc\xc4\x00\x40\x02\r\n"},
		{"A R C", "ab\ncccc\n", "\x00\x80\x02ab\x00\x80\x84c\x00\x40\xc0"},
		{"I P S", "hello", "\x04\x00\x05\x01hello\x04\x00\x00\x00"},
		{"I P B", "hello", "\x40\x00\x0d\x04\x00\x05\x01hello\x04\x00\x00\x00"},
	} {
		t.Run(v.params+" "+fmt.Sprintf("%q", v.file), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newBothEnds(t, ipv4(), client.Passive)
				params := paramsOf(t, v.params)
				tr := client.Transfer{Params: &params, Layers: data.Options{Records: data.RDW}}
				if _, err := p.c.Store(t.Context(), "f", bytes.NewReader([]byte(v.file)), tr); err != nil {
					t.Fatal(err)
				}
				if sent, _ := p.tap.last(); string(sent) != v.wire {
					t.Errorf("the client sends %q, want %q", sent, v.wire)
				}
				var back bytes.Buffer
				if _, err := p.c.Retrieve(t.Context(), "f", &back, tr); err != nil || back.String() != v.file {
					t.Fatalf("got %q, %v", back.String(), err)
				}
				if _, received := p.tap.last(); string(received) != v.wire {
					t.Errorf("the server sends %q, want %q", received, v.wire)
				}
			})
		})
	}
}

// paramsOf reads "A R S": type, structure, mode.
func paramsOf(t *testing.T, s string) proto.Params {
	t.Helper()
	typ, err := proto.ParseType(s[:1])
	if err != nil {
		t.Fatal(err)
	}
	return proto.Params{Type: typ, Stru: proto.Stru(s[2]), Mode: proto.Mode(s[4])}
}
