package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"

	"ferry/proto"
)

// The markers on the wire, as a reader of RFC 959 sees them: the text, and how
// many bytes of the file stand before it.
func TestMarkersOnTheWire(t *testing.T) {
	file := noise(rand.New(rand.NewPCG(1, 1)), 10000)
	for _, mode := range []string{"B", "C"} {
		o := Options{Params: params(t, "I F "+mode), Restart: Restart{MarkEvery: 1000, Offset: 5}}
		wire := encode(t, file, o)
		var data, marks int
		for len(wire) > 0 {
			var desc byte
			var text []byte
			if mode == "B" {
				n := int(binary.BigEndian.Uint16(wire[1:]))
				desc, text, wire = wire[0], wire[3:3+n], wire[3+n:]
			} else {
				desc, text, wire = oracleUnit(wire, o)
			}
			if desc&16 == 0 {
				data += len(text)
				continue
			}
			if marks++; string(text) != strconv.Itoa(data+5) || data != 1000*marks {
				t.Errorf("MODE %s: marker %d is %q behind %d bytes", mode, marks, text, data)
			}
		}
		if marks != 9 {
			t.Errorf("MODE %s: %d markers", mode, marks)
		}
	}
}

func TestNoMarkersInStream(t *testing.T) {
	o := Options{Params: params(t, "A N F S"), Restart: Restart{MarkEvery: 1}}
	if got := encode(t, []byte("a\nb\n"), o); string(got) != "a\r\nb\r\n" {
		t.Errorf("got %q", got)
	}
}

// A transfer that was cut goes on from any marker, in every combination.
func TestResumeFromMarker(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	every(t, func(t *testing.T, o Options) {
		if m := o.Params.Mode; m != proto.Block && m != proto.Compressed {
			return
		}
		file := sample(r, o, 20000)
		o.MarkEvery = 700
		wire := encode(t, file, o)
		type mark struct {
			text string
			at   int64
		}
		for range 4 {
			var marks []mark
			o.OnMark = func(text string, at int64) error {
				marks = append(marks, mark{text, at})
				return nil
			}
			cut := len(wire)/2 + r.IntN(len(wire)/2)
			half, err := decode(bytes.NewReader(wire[:cut]), o)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatal(err)
			}
			if len(marks) < 3 {
				t.Fatalf("only %d markers", len(marks))
			}
			for _, m := range []mark{marks[0], marks[len(marks)-1]} {
				from, err := ParseMarker(m.text)
				if err != nil {
					t.Fatal(err)
				}
				if o.Params.Type.Text() && file[from-1] != '\n' {
					t.Fatalf("marker at %d, within a line", from)
				}
				again := o
				again.OnMark = nil
				again.Offset = from
				rest := encode(t, file[from:], again)
				again.Offset = m.at
				got, err := decode(bytes.NewReader(rest), again)
				if got = append(half[:m.at:m.at], got...); err != nil || !bytes.Equal(got, file) {
					t.Fatalf("from %q at %d: %d bytes of %d, %v", m.text, m.at, len(got), len(file), err)
				}
			}
		}
	})
}

// A peer's marker can stand anywhere. One between CR and LF, or within a
// record that is kept with its length, is no place to go on from.
func TestMarkerPositions(t *testing.T) {
	type mark struct {
		text string
		at   int64
	}
	for _, c := range []struct {
		params, wire string
		want         []mark
	}{
		{"I F B", `10 0001 "a" 00 0002 "xy" 10 0001 "b" 40 0000`, []mark{{"a", 100}, {"b", 102}}},
		{"I F C", `0010 01 "a" 02 "xy" 0010 01 "b" 0040 C0`, []mark{{"a", 100}, {"b", 102}}},
		{"A N F B", `00 0002 "x" 0D 10 0001 "a" 00 0001 0A 10 0001 "b" 40 0000`, []mark{{"b", 102}}},
		{"E T F B", `00 0002 C1 0D 10 0001 "a" 00 0001 25 10 0001 "b" 40 0000`, []mark{{"b", 102}}},
		{"A N R B", `80 0001 "x" 10 0001 "a" 00 0001 "y" 10 0001 "b" C0 0001 "z"`, []mark{{"a", 102}, {"b", 103}}},
		{"I R B", `80 0001 "x" 10 0001 "a" 00 0001 "y" 10 0001 "b" C0 0001 "z"`, []mark{{"a", 105}}},
	} {
		var got []mark
		o := Options{Params: params(t, c.params), Records: RDW, Restart: Restart{Offset: 100, OnMark: func(text string, at int64) error {
			got = append(got, mark{text, at})
			return nil
		}}}
		if _, err := decode(bytes.NewReader(wireHex(t, c.wire)), o); err != nil || len(got) != len(c.want) {
			t.Errorf("%s: marks %v, %v; want %v", c.params, got, err, c.want)
			continue
		}
		for i, m := range got {
			if m != c.want[i] {
				t.Errorf("%s: mark %v, want %v", c.params, m, c.want[i])
			}
		}
	}
}

func TestMarkStops(t *testing.T) {
	stop := errors.New("enough")
	o := Options{Params: params(t, "I F B"), Restart: Restart{OnMark: func(string, int64) error { return stop }}}
	got, err := decode(bytes.NewReader(wireHex(t, `00 0002 "xy" 10 0001 "a" 40 0001 "z"`)), o)
	if err != stop || string(got) != "xy" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSuspect(t *testing.T) {
	wire := wireHex(t, `00 0002 "ab" 20 0003 "cde" 60 0001 "f"`)
	o := Options{Params: params(t, "I F B")}
	if got, err := decode(bytes.NewReader(wire), o); err != ErrSuspect || string(got) != "abcdef" {
		t.Errorf("got %q, %v", got, err)
	}
	var at []int64
	o.OnSuspect = func(pos int64, n int) error {
		at = append(at, pos, int64(n))
		return nil
	}
	got, err := decode(bytes.NewReader(wire), o)
	if err != nil || string(got) != "abcdef" || len(at) != 4 || at[0] != 2 || at[1] != 3 || at[2] != 5 || at[3] != 1 {
		t.Errorf("got %q, %v, suspect %v", got, err, at)
	}
	o.Params.Mode = proto.Compressed
	wire = wireHex(t, `0020 82 "a" 0040 01 "b"`)
	if got, err := decode(bytes.NewReader(wire), Options{Params: o.Params}); err != ErrSuspect || string(got) != "aab" {
		t.Errorf("compressed: got %q, %v", got, err)
	}
}

func TestParseMarker(t *testing.T) {
	for _, at := range []int64{0, 1, 1<<63 - 1} {
		if got, err := ParseMarker(FormatMarker(at)); err != nil || got != at {
			t.Errorf("%d: got %d, %v", at, got, err)
		}
	}
	for _, s := range []string{"", "-1", "+1", "x", "1 ", "9223372036854775808", "0x10"} {
		if at, err := ParseMarker(s); err == nil {
			t.Errorf("ParseMarker(%q) = %d", s, at)
		}
	}
}
