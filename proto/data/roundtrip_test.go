package data

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"ferry/proto"
)

// sample makes a file that can travel under o and comes back the same: text
// without CR LF that ends in LF, records with descriptor words, or bytes.
func sample(r *rand.Rand, o Options, size int) []byte {
	var b []byte
	for len(b) < size {
		if o.Params.Stru == proto.Record && !o.Params.Type.Text() {
			rec := noise(r, r.IntN(300))
			b = binary.BigEndian.AppendUint16(b, uint16(len(rec)+4))
			b = append(append(b, 0, 0), rec...)
			continue
		}
		b = append(b, noise(r, 1+r.IntN(100))...)
		if r.IntN(3) == 0 {
			b = append(b, '\n')
		}
	}
	if o.Params.Type.Text() {
		b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\r \n"))
		b = bytes.ReplaceAll(b, []byte("\r\x85"), []byte("\r ")) // EBCDIC's CR LF
		b = append(b, ".\n"...)
	}
	return b
}

// noise is n bytes of all kinds, with runs of the bytes that mean something.
func noise(r *rand.Rand, n int) []byte {
	odd := []byte{0, ' ', '\r', '\n', 0xFF, 1, 2, 3, 0x15, 0x25, 0x40, 'x'}
	var b []byte
	for len(b) < n {
		switch c := odd[r.IntN(len(odd))]; r.IntN(4) {
		case 0:
			b = append(b, bytes.Repeat([]byte{c}, 1+r.IntN(150))...)
		case 1:
			b = append(b, c)
		default:
			for range r.IntN(150) {
				b = append(b, byte(r.UintN(256)))
			}
		}
	}
	return b[:n]
}

// What we send, the oracle reads; what we receive is what was sent.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	every(t, func(t *testing.T, o Options) {
		for _, size := range []int{0, 1, 2, 60, 255, 256, 3000, 140000} {
			if ty := o.Params.Type; size > 60000 && (o.Params.Stru == proto.Page ||
				ty.Code == proto.Local || ty.Text() && ty.Form != proto.NonPrint) {
				continue
			}
			o.CodePage = CodePage(r.IntN(2))
			o.Level = r.IntN(10)
			file := sample(r, o, size)
			wire := encode(t, file, o)
			if got, rest := oracleDecode(wire, o); !bytes.Equal(got, file) || len(rest) > 0 {
				t.Errorf("oracle: %d bytes of %d, %d behind", len(got), len(file), len(rest))
			}
			for name, wrap := range map[string]func(io.Reader) io.Reader{
				"at once": func(r io.Reader) io.Reader { return r },
				"halves":  iotest.HalfReader, "bytes": iotest.OneByteReader,
			} {
				if size > 1000 && name != "at once" {
					continue
				}
				if got, err := decode(wrap(bytes.NewReader(wire)), o); err != nil || !bytes.Equal(got, file) {
					t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(file), err)
				}
			}
		}
	})
}

// What any sender may send, we receive as the oracle does.
func TestReceiveForeign(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	every(t, func(t *testing.T, o Options) {
		if o.Params.Stru == proto.Page || o.Params.Mode == proto.Stream || o.Params.Mode == proto.Deflate {
			return
		}
		for range 60 {
			var records [][]byte
			for range r.IntN(6) {
				records = append(records, noise(r, r.IntN(1+r.IntN(5000))))
			}
			wire := oracleEncode(r, records, o)
			want, rest := oracleDecode(wire, o)
			if len(rest) > 0 {
				t.Fatal("the oracle is wrong")
			}
			got, err := decode(bytes.NewReader(wire), o)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("got %d bytes, %v; want %d", len(got), err, len(want))
			}
		}
	})
}

// Deflate streams come from another library, at every level.
func TestInflateForeign(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	o := Options{Params: params(t, "I F Z")}
	for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
		file := noise(r, 30000)
		var wire bytes.Buffer
		z, _ := zlib.NewWriterLevel(&wire, level)
		for p := file; len(p) > 0; p = p[min(len(p), 7000):] {
			z.Write(p[:min(len(p), 7000)])
			z.Flush() // as ProFTPD does
		}
		z.Close()
		if got, err := decode(&wire, o); err != nil || !bytes.Equal(got, file) {
			t.Errorf("level %d: %d bytes, %v", level, len(got), err)
		}
	}
}

// A line end is one wherever the pieces are cut, sent or received.
func TestLineEndsAtEverySplit(t *testing.T) {
	file := []byte("a\nb\r\n\rc\r\r\n\r\x85\n\n\r")
	every(t, func(t *testing.T, o Options) {
		p := o.Params
		if !p.Type.Text() || p.Mode == proto.Deflate || p.Type.Form == proto.Carriage || p.Type == params(t, "A T F S").Type {
			return
		}
		whole := encode(t, file, o)
		want, _ := oracleDecode(whole, o)
		for i := range len(file) + 1 {
			for j := i; j <= len(file); j++ {
				rec := &tape{}
				w, err := NewWriter(t.Context(), NewConn(rec), o)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range [][]byte{file[:i], file[i:j], file[j:]} {
					if _, err := w.Write(p); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(rec.sent.Bytes(), whole) {
					t.Fatalf("sent in pieces of %d, %d: % x, want % x", i, j-i, rec.sent.Bytes(), whole)
				}
			}
		}
		for i := range len(whole) + 1 {
			for j := i; j <= len(whole); j++ {
				r := io.MultiReader(bytes.NewReader(whole[:i]), bytes.NewReader(whole[i:j]), bytes.NewReader(whole[j:]))
				if got, err := decode(r, o); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("received in pieces of %d, %d: %q, %v, want %q", i, j-i, got, err, want)
				}
			}
		}
	})
}

func TestReaderIsAReader(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	every(t, func(t *testing.T, o Options) {
		file := sample(r, o, 700)
		wire := encode(t, file, o)
		for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
			rd, err := NewReader(t.Context(), NewConn(&tape{Reader: wrap(bytes.NewReader(wire))}), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(rd, file); err != nil {
				t.Error(err)
			}
			rd.Close()
		}
	})
}
