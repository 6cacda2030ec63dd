package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/store"
	"ferry/serve/users"
)

// Bytes by hand from RFC 959 §3.1 and §3.4: what the server sends for a file,
// and what it makes of the same bytes, or of the other form that they may have:
// the end of the file may come with the end of its last record.
func TestBytesOnTheWire(t *testing.T) {
	for _, c := range []struct {
		user, params string
		page         data.CodePage
		file, wire   string
		other        string
	}{
		{"anna", "TYPE A,STRU F,MODE S", 0, "a\nb", "a\r\nb", ""},
		{"anna", "TYPE A,STRU R,MODE S", 0, "a\n\xff\n", "a\xff\x01\xff\xff\xff\x01\xff\x02", "a\xff\x01\xff\xff\xff\x03"},
		{"anna", "TYPE A,STRU R,MODE B", 0, "ab\nc\n", "\x80\x00\x02ab\x80\x00\x01c\x40\x00\x00", "\x80\x00\x02ab\xc0\x00\x01c"},
		{"anna", "TYPE E,STRU F,MODE S", data.IBM037, "A[1]\n", "\xc1\xba\xf1\xbb\x15", ""},
		{"anna", "TYPE E,STRU F,MODE S", data.IBM1047, "A[1]\n", "\xc1\xad\xf1\xbd\x15", ""},
		{"anna", "TYPE E T,STRU R,MODE S", data.IBM037, "A\nB\n", "\xc1\xff\x01\xc2\xff\x01\xff\x02", "\xc1\xff\x01\xc2\xff\x03"},
		{"anna", "TYPE L 8,STRU F,MODE B", 0, "abc", "\x40\x00\x03abc", ""},
		{"anna", "TYPE I,STRU F,MODE C", 0, "aaaaaaaa", "\x00\x40\x88a", "\x00\x40\x08aaaaaaaa"},
		{"anna", "TYPE I,STRU P,MODE S", 0, "abc", "\x04\x00\x03\x01abc\x04\x00\x00\x00", "\x04\x00\x03\x01abc\x04\x01\x00\x00"},
		{"host", "TYPE I,STRU R,MODE S", 0, "\x00\x07\x00\x00abc\x00\x06\x00\x00d\xff", "abc\xff\x01d\xff\xff\xff\x01\xff\x02", "abc\xff\x01d\xff\xff\xff\x03"},
		{"host", "TYPE I,STRU R,MODE B", 0, "\x00\x07\x00\x00abc\x00\x04\x00\x00", "\x80\x00\x03abc\x80\x00\x00\x40\x00\x00", "\x80\x00\x03abc\xc0\x00\x00"},
	} {
		inWorld(t, func(w *world) {
			w.put("/f", c.file)
			p := w.login(c.user)
			for line := range strings.SplitSeq(c.params, ",") {
				p.do(line, 200)
			}
			if got := p.fetch("RETR f"); got != c.wire {
				t.Errorf("%s: %q is sent as %q, want %q", c.params, c.file, got, c.wire)
			}
			for _, wire := range []string{c.wire, c.other} {
				if wire == "" {
					continue
				}
				p.store("STOR g", wire)
				if got := w.get("/g"); got != c.file {
					t.Errorf("%s: %q is stored as %q, want %q", c.params, wire, got, c.file)
				}
			}
		}, withUser(hostUser()), func(cfg *Config) { cfg.CodePage = c.page })
	}
}

// hostUser comes from a mainframe: binary files have records.
func hostUser() users.Record {
	return users.Record{Name: "host", Home: "/", Perm: users.All, Records: users.RDW}
}

// sendAs and receiveAs are a client's end of a transfer.
func (p *peer) sendAs(line string, o data.Options, content string) {
	p.w.t.Helper()
	nc := p.passive()
	p.do(line, 150)
	if _, err := data.Send(p.w.t.Context(), data.NewConn(nc), strings.NewReader(content), o); err != nil {
		p.w.t.Errorf("%s, %s: %v", o.Params, line, err)
	}
	nc.Close()
	p.expect(226)
}

func (p *peer) receiveAs(line string, o data.Options) string {
	p.w.t.Helper()
	nc := p.passive()
	p.do(line, 150)
	var b bytes.Buffer
	if _, err := data.Receive(p.w.t.Context(), &b, data.NewConn(nc), o); err != nil {
		p.w.t.Errorf("%s, %s: %v", o.Params, line, err)
	}
	nc.Close()
	p.expect(226)
	return b.String()
}

// Every TYPE with every STRU and MODE: files go to and fro, listings come, and
// SIZE tells what MODE S sends. What can't be is refused with 504, and then the
// old parameters stay.
func TestAllParameters(t *testing.T) {
	text := strings.Repeat("some lines of text\n\n  0123456789\n", 300)
	records := strings.Repeat("\x00\x09\x00\x00hello\x00\x04\x00\x00\x00\x06\x00\x00\xff\x01", 200)
	inWorld(t, func(w *world) {
		w.put("/text", text)
		w.put("/records", records)
		for _, name := range []string{"anna", "host"} {
			p := w.login(name)
			for _, typ := range []string{"A", "A N", "A T", "A C", "E", "E N", "E T", "E C", "I", "L 8"} {
				for _, stru := range []string{"F", "R", "P"} {
					for _, mode := range []string{"S", "B", "C", "Z"} {
						p.combination(typ, stru, mode, name == "host")
					}
				}
			}
		}
	}, withUser(hostUser()))
}

func (p *peer) combination(typ, stru, mode string, rdw bool) {
	p.w.t.Helper()
	var o data.Options
	o.Params.Type, _ = proto.ParseType(typ)
	o.Params.Stru, _ = proto.ParseStru(stru)
	o.Params.Mode, _ = proto.ParseMode(mode)
	file := "/text"
	if rdw {
		o.Records = data.RDW
		if stru == "R" && !o.Params.Type.Text() {
			file = "/records"
		}
	}
	p.do("STRU F", 200)
	p.do("MODE "+mode, 200)
	p.do("TYPE "+typ, 200)
	if o.Supported() != nil {
		p.do("STRU "+stru, 504)
		if got := p.do("STAT", 211).String(); !strings.Contains(got, "STRU F") {
			p.w.t.Errorf("%s: after the refusal: %s", o.Params, got)
		}
		return
	}
	p.do("STRU "+stru, 200)
	content := p.w.get(file)
	if got := p.receiveAs("RETR "+file, o); got != content {
		p.w.t.Errorf("%s: got %.60q of %d bytes, want %.60q of %d", o.Params, got, len(got), content, len(content))
	}
	p.sendAs("STOR /copy", o, content)
	if got := p.w.get("/copy"); got != content {
		p.w.t.Errorf("%s: stored %.60q of %d bytes, want %.60q of %d", o.Params, got, len(got), content, len(content))
	}
	if mode == "S" {
		size := p.do("SIZE "+file, 213).Text()
		if sent := fmt.Sprint(len(p.fetch("RETR " + file))); size != sent {
			p.w.t.Errorf("%s: SIZE tells %s, RETR sends %s", o.Params, size, sent)
		}
	}
	o.Params = listingParams(o.Params)
	if got := strings.ReplaceAll(p.receiveAs("NLST", o), "\r\n", "\n"); got != "copy\nrecords\ntext\n" {
		p.w.t.Errorf("%s: NLST: %q", o.Params, got)
	}
}

// In every mode a transfer that was cut goes on where it was: by byte offset in
// S and Z, by marker (ferry's are offsets) in B and C.
func TestResumeInAllModes(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 4096)
	for _, mode := range []proto.Mode{proto.Stream, proto.Block, proto.Compressed, proto.Deflate} {
		o := data.Options{Params: proto.Params{Type: proto.TypeI, Stru: proto.File, Mode: mode}}
		inWorld(t, func(w *world) {
			w.put("/f", content)
			p := w.login("anna")
			p.do("TYPE I", 200)
			p.do("MODE "+mode.String(), 200)
			p.do("REST 30001", 350)
			o := o
			o.Offset = 30001
			if got := p.receiveAs("RETR f", o); got != content[30001:] {
				t.Errorf("MODE %s: the rest has %d bytes", mode, len(got))
			}
			// An upload: half of it, then the connection is reset.
			nc := p.passive()
			p.do("STOR up", 150)
			o.Offset = 0
			wr, err := data.NewWriter(w.t.Context(), data.NewConn(nc), o)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(wr, content[:40000])
			_ = wr.Flush()
			synctest.Wait()
			nc.(interface{ Reset() error }).Reset()
			p.expect(426)
			p.do("RETR up", 550)
			var have int
			p.do("MODE S", 200)
			fmt.Sscan(p.do("SIZE up", 213).Text(), &have)
			p.do("MODE "+mode.String(), 200)
			if have == 0 || have > 40000 {
				t.Fatalf("MODE %s: SIZE tells %d", mode, have)
			}
			p.do(fmt.Sprintf("REST %d", have), 350)
			p.sendAs("STOR up", o, content[have:])
			if got := w.get("/up"); got != content {
				t.Errorf("MODE %s: resumed to %d bytes, want %d", mode, len(got), len(content))
			}
		})
	}
}

// Downloads in modes B and C carry restart markers; REST with one goes on there.
func TestMarkersAreSent(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", (markEvery+1000)/16)
	for _, mode := range []proto.Mode{proto.Block} { // C has the same markers: data's tests
		inWorld(t, func(w *world) {
			w.put("/f", content)
			p := w.login("anna")
			p.do("TYPE I", 200)
			p.do("MODE "+mode.String(), 200)
			var marks []string
			o := data.Options{Params: proto.Params{Type: proto.TypeI, Stru: proto.File, Mode: mode}}
			o.OnMark = func(marker string, at int64) error {
				marks = append(marks, fmt.Sprintf("%s at %d", marker, at))
				return nil
			}
			if got := p.receiveAs("RETR f", o); got != content {
				t.Errorf("MODE %s: %d bytes", mode, len(got))
			}
			if want := fmt.Sprintf("[%d at %d]", markEvery, markEvery); fmt.Sprint(marks) != want {
				t.Errorf("MODE %s: marks %v, want %s", mode, marks, want)
			}
			p.do(fmt.Sprintf("REST %d", markEvery), 350)
			o.Offset = markEvery
			if got := p.receiveAs("RETR f", o); got != content[markEvery:] {
				t.Errorf("MODE %s: from the marker %d bytes", mode, len(got))
			}
			p.do("REST some-other-marker", 501)
		})
	}
}

// The peer's markers are answered with 110 and a marker of ours, in MODE C
// too (escape, descriptor 16, count, text); REST with ours goes on there.
func TestMarkersAreAnsweredInModeC(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("MODE C", 200)
		nc := p.passive()
		p.do("STOR f", 150)
		o := data.Options{Params: proto.Params{Type: proto.TypeI, Stru: proto.File, Mode: proto.Compressed}}
		o.MarkEvery = 4
		wr, err := data.NewWriter(w.t.Context(), data.NewConn(nc), o)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(wr, "abcdefgh")
		_ = wr.Flush()
		if got := p.expect(110).Text(); got != "MARK 4 = 4" {
			t.Errorf("110: %s", got)
		}
		nc.(interface{ Reset() error }).Reset()
		for {
			r, err := p.ReadReply()
			if err != nil || r.Code == 426 {
				break
			}
		}
		p.do("REST 4", 350)
		p.sendAs("STOR f", data.Options{Params: o.Params}, "EFGH")
		if got := w.get("/f"); got != "abcdEFGH" {
			t.Errorf("got %q", got)
		}
	})
}

// A few kilobytes that unpack to gigabytes stop at a bound, with a clear
// reply, and the storage keeps room for others.
func TestExpansionBombs(t *testing.T) {
	const room = 1 << 20
	for _, mode := range []proto.Mode{proto.Deflate, proto.Compressed} {
		files := store.NewMemSized(room)
		inWorld(t, func(w *world) {
			p := w.login("anna")
			p.do("TYPE I", 200)
			p.do("MODE "+mode.String(), 200)
			nc := p.passive()
			p.do("STOR bomb", 150)
			go bomb(nc, mode)
			if got := p.expect(552).Text(); got != "File too large." {
				t.Errorf("MODE %s: %s", mode, got)
			}
			if free, _ := files.Free(context.Background()); free < room/expandedShare {
				t.Errorf("MODE %s: %d bytes are left of %d", mode, free, room)
			}
			p.do("MODE S", 200)
			p.store("STOR small", "still possible")
		}, func(c *Config) {
			c.Open = func(context.Context, users.Record) (store.Store, error) { return unclosed{files}, nil }
		})
	}
}

// bomb sends more zeros than there is room for.
func bomb(nc net.Conn, mode proto.Mode) {
	o := data.Options{Params: proto.Params{Type: proto.TypeI, Stru: proto.File, Mode: mode}}
	w, err := data.NewWriter(context.Background(), data.NewConn(nc), o)
	for range 64 {
		if err == nil {
			_, err = w.Write(make([]byte, 64<<10))
		}
	}
	if err == nil {
		_ = w.Close()
	}
	nc.Close()
}
