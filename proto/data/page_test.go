package data

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// sparse makes a file with data at both ends of its length and maybe nothing
// between; the last page may be a hole, too.
func sparse(t *testing.T, length int64, data ...int64) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "sparse"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	for _, at := range data {
		if _, err := f.WriteAt([]byte("data"), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(length); err != nil {
		t.Fatal(err)
	}
	return f
}

// pagesOf lists the indexes of the simple pages on a wire.
func pagesOf(wire []byte) (index []int) {
	for wire[3] != pageLast {
		if wire[3] == pageSimple {
			index = append(index, int(wire[1]))
		}
		wire = wire[int(wire[0])+int(wire[2]):]
	}
	return index
}

func TestHolesAreNotSent(t *testing.T) {
	for name, f := range map[string]*os.File{
		"hole inside":    sparse(t, 60000, 0, 50000),
		"hole at front":  sparse(t, 60000, 59990),
		"hole at end":    sparse(t, 60000, 3),
		"whole pages":    sparse(t, 255*200, 3),
		"nothing but":    sparse(t, 50000),
		"empty":          sparse(t, 0),
		"no hole":        sparse(t, 300, 0, 290),
		"the longest":    sparse(t, 255*256, 255*256-4),
		"a page exactly": sparse(t, 255, 0),
		"page half hole": sparse(t, 60000, 4096, 8188),
	} {
		want, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, mode := range []string{"S", "B", "C", "Z"} {
			o := Options{Params: params(t, "I P "+mode)}
			rec := &tape{}
			if _, err := Send(t.Context(), NewConn(rec), f, o); err != nil {
				t.Fatal(name, err)
			}
			wire := rec.sent.Bytes()
			if n := (len(want) + 254) / 255; mode == "S" && n > 100 && runtime.GOOS == "linux" {
				if got := pagesOf(wire); len(got) > n/2 {
					t.Errorf("%s: %d pages of %d sent: no hole seen", name, len(got), n)
				}
			}
			if got, rest := oracleDecode(wire, o); !bytes.Equal(got, want) || len(rest) > 0 {
				t.Errorf("%s, MODE %s: the oracle reads %d bytes of %d", name, mode, len(got), len(want))
			}
			if got, err := decode(bytes.NewReader(wire), o); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s, MODE %s: %d bytes of %d, %v", name, mode, len(got), len(want), err)
			}
			back := sparse(t, 0)
			if _, err := Receive(t.Context(), back, play(wire), o); err != nil {
				t.Error(err)
			}
			if got, err := os.ReadFile(back.Name()); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s, MODE %s: %d bytes of %d on disk, %v", name, mode, len(got), len(want), err)
			}
		}
	}
}

func TestTooManyPages(t *testing.T) {
	for _, f := range []io.Reader{
		sparse(t, 255*256+1, 0), sparse(t, 1<<40), sparse(t, 255*256+1, 255*256),
		plainReader{bytes.NewReader(make([]byte, 255*256+1))},
	} {
		var fe *FileError
		_, err := Send(t.Context(), NewConn(&tape{}), f, Options{Params: params(t, "I P S")})
		if !errors.Is(err, ErrPages) || !errors.As(err, &fe) {
			t.Errorf("%v", err)
		}
	}
}

// seeker can seek and write, and nothing else.
type seeker struct{ io.WriteSeeker }

func TestPagesInAnyOrder(t *testing.T) {
	wire := wireHex(t, `04 02 02 01 "cc" 05 00 02 03 FF "aa" 04 01 01 01 "b" 04 00 00 00`)
	o := Options{Params: params(t, "I P S"), Pages: Pages{Size: 2}}
	for name, dst := range map[string]func(*os.File) io.Writer{
		"file":   func(f *os.File) io.Writer { return f },
		"upload": func(f *os.File) io.Writer { return upload{f} },
		"seeker": func(f *os.File) io.Writer { return seeker{f} },
		"at":     func(f *os.File) io.Writer { return struct{ atWriter }{f} },
	} {
		f := sparse(t, 0)
		if _, err := Receive(t.Context(), dst(f), play(wire), o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, _ := os.ReadFile(f.Name()); string(got) != "aab\x00cc" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got, err := decode(bytes.NewReader(wireHex(t, `04 01 01 01 "b" 04 02 02 01 "cc" 04 00 00 00`)), o); err != nil || string(got) != "\x00\x00b\x00cc" {
		t.Errorf("in order: %q, %v", got, err)
	}
}

type atWriter interface {
	io.Writer
	io.WriterAt
}

// upload stands on a file as the server's uploads do.
type upload struct{ f *os.File }

func (u upload) Write([]byte) (int, error) { panic("the file itself was to be used") }
func (u upload) OSFile() *os.File          { return u.f }

func TestPageBounds(t *testing.T) {
	f := sparse(t, 0)
	wire := wireHex(t, `04 FF 01 01 "z" 04 00 00 00`)
	n, err := Receive(t.Context(), f, play(wire), Options{Params: params(t, "I P S"), Max: 1000})
	if info, _ := f.Stat(); err != ErrTooLarge || n != 0 || info.Size() != 0 {
		t.Errorf("%d bytes, %v, file of %d", n, err, info.Size())
	}
	if _, err := decode(bytes.NewReader(wire), Options{Params: params(t, "I P S"), Max: 1000}); err != ErrTooLarge {
		t.Error(err)
	}
}

func TestDescriptorPage(t *testing.T) {
	o := Options{Params: params(t, "I P B"), Pages: Pages{Descriptor: []byte("about")}}
	wire := encode(t, []byte("abc"), o)
	if want := wireHex(t, `40 0014 04000502 "about" 04000301 "abc" 04000000`); !bytes.Equal(wire, want) {
		t.Errorf(" got % x\nwant % x", wire, want)
	}
	var got string
	o.Pages = Pages{OnDescriptor: func(info []byte) error { got = string(info); return nil }}
	if file, err := decode(bytes.NewReader(wire), o); err != nil || string(file) != "abc" || got != "about" {
		t.Errorf("%q about %q, %v", file, got, err)
	}
}
