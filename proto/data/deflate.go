package data

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"

	"ferry/proto"
)

// MODE Z is MODE S in a zlib stream (RFC 1950), as ProFTPD's mod_deflate and
// lftp send it: one stream a file, whose end is the end of the file.

const defaultLevel = 6

// deflaters are kept by level: each holds some hundred KiB of tables.
var deflaters [zlib.BestCompression + 1]sync.Pool

// deflater is the zlib stream of one file.
type deflater struct {
	out   *outbox
	level int
	z     *zlib.Writer // nil once closed
}

func newDeflater(out *outbox, level int) *deflater {
	if level < zlib.BestSpeed || level > zlib.BestCompression {
		level = defaultLevel
	}
	d := &deflater{out: out, level: level}
	if z, ok := deflaters[level].Get().(*zlib.Writer); ok {
		z.Reset(out)
		d.z = z
		return d
	}
	d.z, _ = zlib.NewWriterLevel(out, level) // the level is good
	return d
}

func (d *deflater) Write(p []byte) (int, error) { return d.z.Write(p) }

// Flush makes all that was written readable for the peer.
func (d *deflater) Flush() error {
	if err := d.z.Flush(); err != nil {
		return err
	}
	return d.out.Flush()
}

// deflateWriter is MODE Z: a mode S writer into a deflater.
type deflateWriter struct {
	frameWriter // MODE S
	d           *deflater
}

func (d *deflateWriter) Close() error {
	if err := d.frameWriter.Close(); err != nil {
		return err
	}
	if err := d.d.z.Close(); err != nil {
		return err
	}
	deflaters[d.d.level].Put(d.d.z)
	d.d.z = nil
	return d.d.out.Flush()
}

// deflateReader is the other side: a mode S reader from an inflater. Whatever
// the file's end is there, that of the stream must follow, checksum and all.
type deflateReader struct {
	frameReader // MODE S
	z           *inflater
}

func (d *deflateReader) Next() error {
	err := d.frameReader.Next()
	if err != io.EOF {
		return err
	}
	if _, err = d.z.peek(); err == nil {
		return &proto.SyntaxError{What: "deflate stream", Why: "data behind the end of the file"}
	}
	return err
}

// inflater is where the bytes come from: a peeker into the zlib stream. It reads not a
// byte past the stream's end.
//
// SECURITY: the stream may grow a thousandfold. It is never held, only passed
// through one buffer; Options.Max bounds what comes of it.
type inflater struct {
	in   input
	z    io.ReadCloser
	b    *buffer
	fail error
}

var inflaters sync.Pool

// open reads the stream's header. It must be there: lftp and ProFTPD send a
// whole stream for an empty file, too, and for an empty listing.
func (f *inflater) open() (err error) {
	if _, err := f.in.peek(); err != nil {
		return within(err)
	}
	z, ok := inflaters.Get().(io.ReadCloser)
	if !ok {
		f.z, err = zlib.NewReader(f.in)
		return inflateError(err)
	}
	f.z = z
	return inflateError(z.(zlib.Resetter).Reset(f.in, nil))
}

// Read returns what comes out of the stream; io.EOF only after its checksum.
func (f *inflater) Read(p []byte) (int, error) {
	if f.fail != nil {
		return 0, f.fail
	}
	if f.z == nil {
		if f.fail = f.open(); f.fail != nil {
			return 0, f.fail
		}
	}
	n, err := f.z.Read(p)
	if err != nil {
		f.fail = inflateError(err)
		if err == io.EOF {
			inflaters.Put(f.z)
		}
		err = f.fail
	}
	return n, err
}

func (f *inflater) peek() ([]byte, error) {
	if f.b == nil {
		b := newBuffer()
		n, err := f.Read(b.all())
		for n == 0 && err == nil {
			n, err = f.Read(b.all())
		}
		if n == 0 {
			b.free()
			return nil, err
		}
		b.data = b.data[:n]
		f.b = b
	}
	return f.b.rest(), nil
}

func (f *inflater) skip(n int) {
	if f.b.pos += n; f.b.pos == len(f.b.data) {
		f.b.free()
		f.b = nil
	}
}

// inflateError tells a stream that is no zlib from a connection that failed.
func inflateError(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, zlib.ErrHeader), errors.Is(err, zlib.ErrChecksum),
		errors.Is(err, zlib.ErrDictionary), errors.As(err, &corrupt):
		return &proto.SyntaxError{What: "deflate stream", Why: err.Error()}
	}
	return err
}
