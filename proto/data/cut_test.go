package data

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"ferry/proto"
)

// A file that breaks off is never taken for a whole one where the mode or the
// structure has an end of its own.
func TestCutAnywhere(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	every(t, func(t *testing.T, o Options) {
		file := sample(r, o, 80)
		wire := encode(t, file, o)
		if o.Params.Mode == proto.Stream && o.Params.Stru == proto.File {
			return
		}
		for cut := range len(wire) {
			got, err := decode(bytes.NewReader(wire[:cut]), o)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("cut at %d of %d: %v", cut, len(wire), err)
			}
			if !bytes.HasPrefix(file, bytes.TrimSuffix(got, []byte("\r"))) {
				t.Fatalf("cut at %d of %d: wrong bytes", cut, len(wire))
			}
		}
	})
}

// A connection that fails is not a file that ends.
func TestConnectionFails(t *testing.T) {
	broken := errors.New("reset")
	every(t, func(t *testing.T, o Options) {
		wire := encode(t, []byte{}, o)
		r := io.MultiReader(bytes.NewReader(wire[:len(wire)/2]), &failing{broken})
		if _, err := decode(r, o); !errors.Is(err, broken) {
			t.Errorf("%v, want %v", err, broken)
		}
	})
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error)  { return 0, f.err }
func (f *failing) Write([]byte) (int, error) { return 0, f.err }

func TestFileFails(t *testing.T) {
	broken := errors.New("disk on fire")
	every(t, func(t *testing.T, o Options) {
		var fe *FileError
		c := NewConn(&tape{})
		if _, err := Send(t.Context(), c, &failing{broken}, o); !errors.As(err, &fe) || !errors.Is(err, broken) {
			t.Errorf("send: %v", err)
		}
		r := rand.New(rand.NewPCG(1, 1))
		wire := encode(t, sample(r, o, 10), o)
		if _, err := Receive(t.Context(), &failing{broken}, play(wire), o); !errors.As(err, &fe) || !errors.Is(err, broken) {
			t.Errorf("receive: %v", err)
		}
	})
}

var malformed = []struct{ name, params, wire string }{
	{"escape", "A N R S", `"a" FF04`},
	{"long marker", "I F B", `10 0100`},
	{"empty marker", "I F B", `10 0000`},
	{"marker with a line end", "I F B", `10 0003 "a" 0D0A`},
	{"marker with a blank", "I F C", `0010 03 "a b"`},
	{"no deflate", "I F Z", `"hello, world"`},
	{"bad deflate block", "I F Z", `789C FFFFFFFF`},
	{"bad checksum", "I F Z", `789C 0300 00000002`},
	{"dictionary", "I F Z", `78BB 12345678 0300 00000001`},
	{"short page header", "I P S", `03 00 00 01`},
	{"page of unknown type", "I P S", `04 00 00 04`},
	{"last page with data", "I P S", `04 00 01 00 00`},
	{"simple page with access", "I P S", `05 00 00 01 00`},
	{"access page without", "I P S", `04 00 00 03`},
	{"data behind the last page", "I P B", `40 0005 04 00 00 00 "x"`},
	{"pages out of order", "I P S", `04 01 01 01 "b" 04 00 01 01 "a"`},
}

func TestMalformed(t *testing.T) {
	for _, m := range malformed {
		o := Options{Params: params(t, m.params), Records: RDW}
		_, err := decode(bytes.NewReader(wireHex(t, m.wire)), o)
		var se *proto.SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%s: %v, want a syntax error", m.name, err)
		}
	}
}

// Behind the end of the file, the deflate stream has to end.
func TestDataBehindTheFileInDeflate(t *testing.T) {
	wire := encode(t, wireHex(t, `"a" FF01 FF02 "more"`), Options{Params: params(t, "I F Z")})
	_, err := decode(bytes.NewReader(wire), Options{Params: params(t, "A N R Z")})
	var se *proto.SyntaxError
	if !errors.As(err, &se) {
		t.Errorf("%v, want a syntax error", err)
	}
}

func TestUnreadableRecords(t *testing.T) {
	o := Options{Params: params(t, "I R S"), Records: RDW}
	for _, file := range []string{"\x00", "\x00\x03\x00\x00", "\x00\x05\x00\x00", "\x00\x05\x01\x00a", "\x00\x04\x00\x00\x00\x04\x00"} {
		_, err := Send(t.Context(), NewConn(&tape{}), plainReader{bytes.NewReader([]byte(file))}, o)
		var fe *FileError
		if !errors.Is(err, ErrRecord) || !errors.As(err, &fe) {
			t.Errorf("send %q: %v", file, err)
		}
	}
}

func TestSupported(t *testing.T) {
	for s, ok := range map[string]bool{
		"A N F S": true, "A C R C": true, "E T R B": true, "I F Z": true, "L 8 P S": true, "I P B": true,
		"L 36 F S": false, "I R S": false, "L 8 R B": false, "A N P S": false, "E N P Z": false,
	} {
		err := Supported(params(t, s))
		var pe *proto.ParamError
		if ok != (err == nil) || !ok && (!errors.As(err, &pe) || pe.Unknown) {
			t.Errorf("%s: %v", s, err)
		}
	}
	if err := (Options{Params: params(t, "I R S"), Records: RDW}).Supported(); err != nil {
		t.Errorf("records with descriptor words: %v", err)
	}
	if Supported(proto.Params{}) == nil {
		t.Error("no parameters at all are served")
	}
	o := Options{Params: params(t, "L 36 F S")}
	if _, err := Send(t.Context(), NewConn(&tape{}), &failing{}, o); err == nil {
		t.Error("sent")
	}
	if _, err := Receive(t.Context(), io.Discard, play(nil), o); err == nil {
		t.Error("received")
	}
	if _, err := WireSize(&failing{}, o); err == nil {
		t.Error("measured")
	}
}

func TestWireSize(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	every(t, func(t *testing.T, o Options) {
		file := sample(r, o, 3000)
		n, err := WireSize(bytes.NewReader(file), o)
		if want := len(encode(t, file, o)); err != nil || n != int64(want) {
			t.Errorf("%d, %v; want %d", n, err, want)
		}
	})
}
