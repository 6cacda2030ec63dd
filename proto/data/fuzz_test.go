package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// fuzzReceive feeds any bytes to what reads under the given parameters. It may
// refuse them, but it may not crash, hang, pass Max, or depend on how the
// bytes were cut; and what it accepts, it must receive again when we send it.
func fuzzReceive(f *testing.F, names ...string) {
	for i, p := range names {
		for _, v := range vectors {
			if v.params == p {
				f.Add(byte(i), wireHex(f, v.wire))
			}
		}
		for _, m := range malformed {
			if m.params == p {
				f.Add(byte(i), wireHex(f, m.wire))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which byte, wire []byte) {
		o := Options{Params: params(t, names[int(which)%len(names)]), Records: RDW, Max: 1 << 20}
		o.OnMark = func(marker string, at int64) error {
			if marker == "" || strings.ContainsAny(marker, " \r\n\x00") {
				t.Errorf("marker %q", marker)
			}
			return nil
		}
		file, err := decode(bytes.NewReader(wire), o)
		if len(file) > 1<<20 {
			t.Fatalf("%d bytes past Max", len(file))
		}
		slow, err2 := decode(iotest.OneByteReader(bytes.NewReader(wire)), o)
		if (err == nil) != (err2 == nil) || err == nil && !bytes.Equal(file, slow) {
			t.Fatalf("at once %q, %v; byte by byte %q, %v", file, err, slow, err2)
		}
		if err != nil {
			return
		}
		again, err := decode(bytes.NewReader(encode(t, file, o)), o)
		if err != nil || !bytes.Equal(again, normal(file, o)) {
			t.Fatalf("%q came back as %q, %v", file, again, err)
		}
	})
}

// normal is what becomes of a file on its way: doc.go states the policies.
func normal(file []byte, o Options) []byte {
	if !o.Params.Type.Text() {
		return file
	}
	s := string(file)
	switch {
	case o.Params.Type.Code == 'A':
		s = strings.ReplaceAll(s, "\r\n", "\n")
	case o.Params.Type.Form != 'N':
		s = strings.ReplaceAll(s, "\r\x85", "\n")
	}
	if o.Params.Stru == 'R' && s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return []byte(s)
}

func FuzzASCII(f *testing.F)      { fuzzReceive(f, "A N F S", "A T F S", "A C F S") }
func FuzzEBCDIC(f *testing.F)     { fuzzReceive(f, "E N F S", "E T F S", "E C F S", "E N R S") }
func FuzzRecord(f *testing.F)     { fuzzReceive(f, "A N R S", "I R S", "L 8 R S") }
func FuzzPage(f *testing.F)       { fuzzReceive(f, "I P S", "I P B") }
func FuzzBlock(f *testing.F)      { fuzzReceive(f, "I F B", "A N F B", "A N R B", "I R B") }
func FuzzCompressed(f *testing.F) { fuzzReceive(f, "I F C", "A N F C", "A N R C", "E N F C") }
func FuzzDeflate(f *testing.F)    { fuzzReceive(f, "I F Z", "A N R Z", "I P Z") }

// FuzzSend checks what we send against the oracle.
func FuzzSend(f *testing.F) {
	names := []string{"I F S", "A N F S", "E T F S", "A N R S", "I F B", "A N R B", "I F C", "E N R C", "A C F Z", "I P B"}
	for i := range names {
		f.Add(byte(i), []byte("some\r\n  text\r\xFF\xFF\n\n"), uint16(3))
	}
	f.Fuzz(func(t *testing.T, which byte, file []byte, cut uint16) {
		o := Options{Params: params(t, names[int(which)%len(names)])}
		rec := &tape{}
		w, err := NewWriter(t.Context(), NewConn(rec), o)
		if err != nil {
			t.Fatal(err)
		}
		at := min(int(cut), len(file))
		for _, p := range [][]byte{file[:at], file[at:]} {
			if _, err := w.Write(p); err != nil && !errors.Is(err, ErrPages) {
				t.Fatal(err)
			}
		}
		if err := w.Close(); errors.Is(err, ErrPages) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if got, rest := oracleDecode(rec.sent.Bytes(), o); !bytes.Equal(got, normal(file, o)) || len(rest) > 0 {
			t.Fatalf("%q arrived as %q", file, got)
		}
	})
}

// FuzzRDW sends files of record descriptor words, good and bad.
func FuzzRDW(f *testing.F) {
	f.Add([]byte("\x00\x06\x00\x00ab\x00\x04\x00\x00"))
	f.Add([]byte("\x00\x03\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		o := Options{Params: params(t, "I R B"), Records: RDW}
		rec := &tape{}
		if _, err := Send(t.Context(), NewConn(rec), plainReader{bytes.NewReader(file)}, o); err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Fatal(err)
			}
			return
		}
		if got, err := decode(&rec.sent, o); err != nil || !bytes.Equal(got, file) {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

// FuzzKept is what either end of a channel reads from the other: several files,
// whatever is said of them. A file is taken only with its own sum, no more of it
// than is allowed is written, and where the channel is said to stand between two
// files, the next one is read as it was sent.
func FuzzKept(f *testing.F) {
	sent := func(text, facts string) []byte {
		rec := &tape{Reader: bytes.NewReader(nil)}
		o := Options{Params: params(f, "I F B"), Keep: &Keep{Facts: facts}}
		if _, err := Send(f.Context(), NewConn(rec), strings.NewReader(text), o); err != nil {
			f.Fatal(err)
		}
		return rec.sent.Bytes()
	}
	next := sent("next", "")
	for _, wire := range [][]byte{
		sent("hello", "modify=20260102030405;"), sent("", ""), sent(strings.Repeat("x", 300), ""),
		[]byte("\x40\x00\x05hello"), []byte("\x00\x00\x02ne\x60\x00\x01?"), []byte("\x20\x00\x02ne\x40\x00\x00"),
		[]byte("\x10\x00\x08sha-256=\x40\x00\x00"), []byte("\x10\x00\x01 "), []byte("\x50\x00\x01x"), []byte("\x80\x00\x00\x40\x00\x00"),
	} {
		f.Add(wire, int64(0))
		f.Add(wire, int64(3))
	}
	f.Fuzz(func(t *testing.T, wire []byte, most int64) {
		most = max(0, most%(1<<20))
		read := func(from io.Reader) (files []string) {
			c := NewConn(&tape{Reader: from})
			for {
				var file bytes.Buffer
				k := Keep{}
				_, err := Receive(t.Context(), &file, c, Options{Params: params(t, "I F B"), Keep: &k, Max: most})
				if most > 0 && int64(file.Len()) > most {
					t.Fatalf("%d bytes past a maximum of %d", file.Len(), most)
				}
				if sum := sha256.Sum256(file.Bytes()); err == nil && !bytes.Contains(wire, []byte("sha-256="+hex.EncodeToString(sum[:])+";")) && file.String() != "next" {
					t.Fatalf("%q was taken without its sum", file.Bytes())
				}
				if err == nil && !k.InStep {
					t.Fatal("taken whole, and yet not at its end")
				}
				files = append(files, fmt.Sprintf("%t %t %s/%s", k.InStep, err == nil, k.Got, file.String()))
				if !k.InStep {
					return files
				}
			}
		}
		all := append(bytes.Clone(wire), next...)
		files := read(bytes.NewReader(all))
		slow := read(iotest.OneByteReader(bytes.NewReader(all)))
		if !slices.Equal(files, slow) {
			t.Fatalf("at once %q\nbyte by byte %q", files, slow)
		}
		// What stands behind files that were read to their ends is the next file.
		alone := read(bytes.NewReader(wire))
		if n := len(alone); wholly(wire) && (most == 0 || most >= 4) && (len(files) != n+1 || files[n-1] != "true true /next") {
			t.Fatalf("behind %q came %q", alone, files)
		}
	})
}

// wholly reports whether blocks end where the last of several files does.
func wholly(wire []byte) bool {
	ended := true
	for len(wire) > 0 {
		if len(wire) < blockHeader {
			return false
		}
		desc, n := wire[0], int(wire[1])<<8|int(wire[2])
		if n > len(wire)-blockHeader {
			return false
		}
		text := wire[blockHeader : blockHeader+n]
		if desc&descMarker != 0 && (n == 0 || n > MaxMarker || bytes.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7F })) {
			return false
		}
		ended, wire = desc&descFile != 0, wire[blockHeader+n:]
	}
	return ended
}
