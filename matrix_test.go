package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/data"
)

// TestFunctionalMatrix stores and retrieves files of many sizes with both ends
// of ferry, over {IPv4, IPv6} × {PASV, EPSV, PORT, EPRT} × every type,
// structure and mode that go together. The wire is read by decode, the file
// compared where it lies.
func TestFunctionalMatrix(t *testing.T) {
	for _, f := range ways() {
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newBothEnds(t, f.hosts, f.method)
				for _, params := range combinations() {
					for _, n := range sizes() {
						if n <= f.most && fits(params, n) {
							p.thereAndBack(params, n)
						}
					}
				}
			})
		})
	}
}

// way is how data connections are made.
type way struct {
	name   string
	hosts  family
	method client.Method
	most   int // the largest file; the large ones need not go every way
}

func ways() []way {
	return []way{
		{"IPv4 PASV", ipv4(), client.PassivePlain, 128},
		{"IPv4 EPSV", ipv4(), client.PassiveExtended, 150_000},
		{"IPv4 PORT", ipv4(), client.ActivePlain, 128},
		{"IPv4 EPRT", ipv4(), client.ActiveExtended, 128},
		{"IPv6 EPSV", ipv6(), client.PassiveExtended, 128},
		{"IPv6 EPRT", ipv6(), client.ActiveExtended, 128},
	}
}

func recordWords() data.Options { return data.Options{Records: data.RDW} }

// What IPv4 addresses are for can't be had over IPv6, and is refused cleanly.
func TestMatrixIPv4Only(t *testing.T) {
	for _, m := range []client.Method{client.ActivePlain} {
		synctest.Test(t, func(t *testing.T) {
			p := newBothEnds(t, ipv6(), m)
			p.put("/f", []byte("x"))
			if _, err := p.c.Retrieve(t.Context(), "f", &bytes.Buffer{}, client.Transfer{}); err == nil || p.c.Broken() {
				t.Errorf("PORT over IPv6: %v, broken %v", err, p.c.Broken())
			}
			p.c.SetData(client.Passive)
			if _, err := p.c.Retrieve(t.Context(), "f", &bytes.Buffer{}, client.Transfer{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// combinations are all types, structures and modes that a file can travel
// under, records of binary types included.
func combinations() (all []proto.Params) {
	types := []proto.Type{proto.TypeI, proto.TypeL}
	for _, code := range []proto.TypeCode{proto.ASCII, proto.EBCDIC} {
		for _, form := range []proto.Form{proto.NonPrint, proto.Telnet, proto.Carriage} {
			types = append(types, proto.Type{Code: code, Form: form})
		}
	}
	for _, typ := range types {
		for _, stru := range []proto.Stru{proto.File, proto.Record, proto.Page} {
			for _, mode := range []proto.Mode{proto.Stream, proto.Block, proto.Compressed, proto.Deflate} {
				p := proto.Params{Type: typ, Stru: stru, Mode: mode}
				if (data.Options{Params: p, Records: data.RDW}).Supported() == nil {
					all = append(all, p)
				}
			}
		}
	}
	return all
}

// sizes are around the bounds of runs (63), strings (127), pages (255),
// buffers and blocks.
func sizes() []int {
	return []int{0, 1, 63, 64, 127, 128, 254, 255, 256, 4097, 32769, 65280, 65541, 150_000}
}

// fits: 256 pages of 255 bytes are the most. Large files go once for each kind
// of type.
func fits(p proto.Params, n int) bool {
	if n > 5000 && (p.Type.Code == proto.Local || p.Type.Text() && p.Type.Form != proto.NonPrint) {
		return false
	}
	return p.Stru != proto.Page || n <= 256*255
}

func (p *bothEnds) thereAndBack(params proto.Params, n int) {
	p.t.Helper()
	file := content(params, n)
	what := fmt.Sprintf("%s, %d bytes", params, len(file))
	tr := client.Transfer{Params: &params, Layers: recordWords()}
	name := fmt.Sprintf("%d", n)
	if _, err := p.c.Store(p.t.Context(), name, bytes.NewReader(file), tr); err != nil {
		p.t.Fatalf("%s: store: %v", what, err)
	}
	if got := p.stored("/" + name); !bytes.Equal(got, file) {
		p.t.Fatalf("%s: stored %d bytes: %.60q", what, len(got), got)
	}
	sent, _ := p.tap.last()
	if got, err := decode(sent, params); err != nil || !bytes.Equal(got, file) {
		p.t.Fatalf("%s: the wire to the server decodes to %d bytes, %v: %.60q", what, len(got), err, sent)
	}
	var back bytes.Buffer
	if _, err := p.c.Retrieve(p.t.Context(), name, &back, tr); err != nil {
		p.t.Fatalf("%s: retrieve: %v", what, err)
	}
	if !bytes.Equal(back.Bytes(), file) {
		p.t.Fatalf("%s: retrieved %d bytes: %.60q", what, back.Len(), back.Bytes())
	}
	_, received := p.tap.last()
	if got, err := decode(received, params); err != nil || !bytes.Equal(got, file) {
		p.t.Fatalf("%s: the wire from the server decodes to %d bytes, %v: %.60q", what, len(got), err, received)
	}
	if params.Mode == proto.Compressed && n > 4000 && len(received) > n*3/4 {
		p.t.Errorf("%s: %d bytes on the wire are not compressed", what, len(received))
	}
}

// content is a file of about n bytes: for text lines of all lengths with runs
// of blanks and of letters, else bytes of which many are what escapes and
// descriptors are made of. Files with records have record descriptor words.
func content(p proto.Params, n int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(n), 0))
	words := []string{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "    ", "          ", "b", "zyx", "0123456789", "\n", "\n", "\n\n\n", "jr"}
	if !p.Type.Text() {
		words = []string{"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\xff\xff\xff", "\xff\x01", "\xff\x02", "\r\n", "\r", "\n", "\x40\x00\x00", "\x80", "text", "\xff\xf4"}
	}
	var b []byte
	for len(b) < n {
		b = append(b, words[rnd.IntN(len(words))]...)
	}
	b = b[:n]
	switch {
	case p.Stru != proto.Record || n == 0:
		return b
	case p.Type.Text():
		b[n-1] = '\n' // the last line is a record and has its end
		return b
	}
	var file []byte
	for len(b) > 0 {
		k := min(rnd.IntN(400), len(b))
		file = append(file, byte((k+4)>>8), byte(k+4), 0, 0)
		file = append(file, b[:k]...)
		b = b[k:]
	}
	return file
}
