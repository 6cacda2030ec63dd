package data

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// In modes with an end of their own, files follow each other on a connection,
// and none is read into the next.
func TestManyFilesOnOneConnection(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	every(t, func(t *testing.T, o Options) {
		if o.Params.Mode == 'S' && o.Params.Stru == 'F' {
			return
		}
		var wire []byte
		var files [][]byte
		rec := NewConn(&tape{})
		for range 6 {
			file := sample(r, o, r.IntN(500))
			files = append(files, file)
			if _, err := Send(t.Context(), rec, bytes.NewReader(file), o); err != nil {
				t.Fatal(err)
			}
			if rec.ahead != nil {
				t.Error("a sender holds a buffer between files")
			}
		}
		wire = rec.nc.(*tape).sent.Bytes()
		for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.OneByteReader} {
			c := NewConn(&tape{Reader: wrap(bytes.NewReader(wire))})
			for i, file := range files {
				var got bytes.Buffer
				if _, err := Receive(t.Context(), plainWriter{&got}, c, o); err != nil || !bytes.Equal(got.Bytes(), file) {
					t.Fatalf("file %d: %d bytes of %d, %v", i, got.Len(), len(file), err)
				}
			}
			if c.ahead != nil {
				t.Error("a receiver holds a buffer where nothing has come")
			}
		}
	})
}

// A Reader that stops at a file's end leaves the next one alone.
func TestNextFileStays(t *testing.T) {
	o := Options{Params: params(t, "I F B")}
	c := play(wireHex(t, `40 0003 "one" 40 0003 "two"`))
	for _, want := range []string{"one", "two"} {
		r, err := NewReader(t.Context(), c, o)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Errorf("got %q, %v", got, err)
		}
		r.Close()
		if _, err := r.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("read after Close: %v", err)
		}
	}
}

func TestWriterGathersUntilFlush(t *testing.T) {
	every(t, func(t *testing.T, o Options) {
		rec := &tape{}
		w, err := NewWriter(t.Context(), NewConn(rec), o)
		if err != nil {
			t.Fatal(err)
		}
		line := []byte("\x00\x09\x00\x00line\n") // a record with its descriptor word, too
		for range 3 {
			if _, err := w.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		if rec.sent.Len() > 0 {
			t.Error("small pieces are sent one by one")
		}
		if err := w.Flush(); err != nil || o.Params.Stru != 'P' && rec.sent.Len() == 0 {
			t.Errorf("nothing was flushed, %v", err)
		}
		w.Write(line)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if w.Close() != nil {
			t.Error("a second Close fails")
		}
		if _, err := w.Write(line); err == nil {
			t.Error("written after Close")
		}
		if got, _ := oracleDecode(rec.sent.Bytes(), o); !bytes.Equal(got, bytes.Repeat(line, 4)) {
			t.Errorf("got %q", got)
		}
	})
}

// A file that is given up must not look whole.
func TestAbandon(t *testing.T) {
	every(t, func(t *testing.T, o Options) {
		if o.Params.Mode == 'S' && o.Params.Stru == 'F' {
			return
		}
		rec := &tape{}
		w, _ := NewWriter(t.Context(), NewConn(rec), o)
		w.Write([]byte("\x00\x09\x00\x00line\n"))
		w.Flush()
		w.Abandon()
		if _, err := decode(&rec.sent, o); err != io.ErrUnexpectedEOF {
			t.Errorf("received, %v", err)
		}
	})
}

// writes counts the calls of Write.
type writes struct{ calls, longest int }

func (w *writes) Write(p []byte) (int, error) {
	w.calls++
	w.longest = max(w.longest, len(p))
	return len(p), nil
}

// Small records and runs make neither small packets nor small writes to disk.
func TestSmallPiecesAreGathered(t *testing.T) {
	file := text(1 << 20)
	for _, p := range []string{"A N F S", "A N R S", "A N R B", "A N F C", "E N R C", "A N R Z"} {
		o := Options{Params: params(t, p)}
		rec := &counting{}
		if _, err := Send(t.Context(), NewConn(rec), bytes.NewReader(file), o); err != nil {
			t.Fatal(err)
		}
		if rec.calls > 40 || rec.longest > bufferSize {
			t.Errorf("%s: sent in %d writes, the longest of %d bytes", p, rec.calls, rec.longest)
		}
		dst := &writes{}
		if _, err := Receive(t.Context(), dst, play(encode(t, file, o)), o); err != nil {
			t.Fatal(err)
		}
		if dst.calls > 40 {
			t.Errorf("%s: stored in %d writes", p, dst.calls)
		}
	}
}

// counting is a connection that counts the calls of Write.
type counting struct {
	tape
	writes
}

func (c *counting) Write(p []byte) (int, error) { return c.writes.Write(p) }
