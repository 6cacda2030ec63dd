package data

import "ferry/proto"

// The units of MODE C. RFC 959 §3.4.3: the high bits of the first byte tell.
//
//	0nnnnnnn d1 … dn   n bytes of data, n > 0
//	10nnnnnn d         n times d
//	11nnnnnn           n times the filler
//	00000000 desc      descriptor, as in MODE B, of the unit that follows
//
// A descriptor must have a unit: where a record or file ends and nothing is
// left to be sent, it is a filler of length 0.
const (
	unitRepeat = 0x80
	unitFiller = 0xC0
	maxString  = 127
	maxRun     = 63
	minRun     = 3 // shorter runs cost more than they save, but for
	minFiller  = 2 // those of the filler
)

// filler is the byte that MODE C sends in no byte at all. RFC 959 §3.4.3: a
// space in text, zero else.
func filler(o Options) byte {
	switch {
	case !o.Params.Type.Text():
		return 0
	case o.Params.Type.Code == proto.EBCDIC:
		return ebcdicSP
	}
	return ' '
}

// compressedWriter is MODE C. It holds back a string and the run behind it:
// the last unit of a record or file goes out behind its descriptor.
type compressedWriter struct {
	out  *outbox
	fill byte
	text []byte // string to be sent
	run  byte   // then this byte
	n    int    // so many times
}

func newCompressedWriter(out *outbox, fill byte) *compressedWriter {
	return &compressedWriter{out: out, fill: fill, text: make([]byte, 0, maxString)}
}

func (c *compressedWriter) Write(p []byte) (int, error) {
	for i, b := range p {
		if b == c.run && 0 < c.n && c.n < maxRun {
			c.n++
			continue
		}
		if err := c.settle(); err != nil {
			return i, err
		}
		c.run, c.n = b, 1
	}
	return len(p), nil
}

// worthwhile reports whether the run is better sent as a run.
func (c *compressedWriter) worthwhile() bool {
	return c.n >= minRun || c.n >= minFiller && c.run == c.fill
}

// settle sends the run, or puts it behind the string if it is too short.
func (c *compressedWriter) settle() error {
	if c.worthwhile() {
		if err := c.string(); err != nil {
			return err
		}
		return c.repeat()
	}
	for ; c.n > 0; c.n-- {
		if len(c.text) == maxString {
			if err := c.string(); err != nil {
				return err
			}
		}
		c.text = append(c.text, c.run)
	}
	return nil
}

func (c *compressedWriter) string() error {
	if len(c.text) == 0 {
		return nil
	}
	if err := c.out.put(byte(len(c.text))); err != nil {
		return err
	}
	_, err := c.out.Write(c.text)
	c.text = c.text[:0]
	return err
}

func (c *compressedWriter) repeat() error {
	n := byte(c.n)
	c.n = 0
	if c.run == c.fill {
		return c.out.put(unitFiller | n)
	}
	return c.out.put(unitRepeat|n, c.run)
}

// finish sends what is held back, the last unit of it under desc.
func (c *compressedWriter) finish(desc byte) error {
	before, last := c.settle, c.string
	switch {
	case c.worthwhile():
		before, last = c.string, c.repeat
	case c.n == 0 && len(c.text) == 0:
		last = func() error { return c.out.put(unitFiller) }
	}
	if err := before(); err != nil {
		return err
	}
	if err := c.out.put(0, desc); err != nil {
		return err
	}
	return last()
}

func (c *compressedWriter) EndRecord() error { return c.finish(descRecord) }

// flushed sends all that is held back.
func (c *compressedWriter) flushed() error {
	if err := c.settle(); err != nil {
		return err
	}
	return c.string()
}

// Mark sends a restart marker: a string under its descriptor.
func (c *compressedWriter) Mark(marker string) error {
	if err := c.flushed(); err != nil {
		return err
	}
	if err := c.out.put(0, descMarker, byte(len(marker))); err != nil {
		return err
	}
	_, err := c.out.Write([]byte(marker))
	return err
}

func (c *compressedWriter) Flush() error {
	if err := c.flushed(); err != nil {
		return err
	}
	return c.out.Flush()
}

func (c *compressedWriter) Close() error {
	if err := c.finish(descFile); err != nil {
		return err
	}
	return c.out.Flush()
}

// compressedUnits are the units of MODE C.
type compressedUnits struct {
	in   input
	fill byte
	run  byte // the unit's byte
	same bool // the unit is a run
}

func newCompressedReader(in input, fill byte) *framedReader {
	return &framedReader{units: &compressedUnits{in: in, fill: fill}}
}

func (c *compressedUnits) next() (desc byte, size int, err error) {
	head, err := c.in.ReadByte()
	if err == nil && head == 0 {
		if desc, err = c.in.ReadByte(); err == nil {
			head, err = c.follower()
		}
		err = within(err)
	}
	if err != nil {
		return 0, 0, err
	}
	c.same = head&unitRepeat != 0
	switch {
	case !c.same:
		return desc, int(head), nil
	case head&unitFiller == unitFiller:
		c.run = c.fill
	default:
		c.run, err = c.in.ReadByte()
	}
	return desc, int(head &^ unitFiller), within(err)
}

// follower reads the head of the unit that a descriptor is about. A sender
// that knows nothing of empty units sends none: the next escape, which stays,
// stands for one. The end of the connection doesn't, not even behind the
// descriptor of the file's end: the last bytes may be missing.
func (c *compressedUnits) follower() (head byte, err error) {
	avail, err := c.in.peek()
	if err != nil || avail[0] == 0 {
		return 0, err
	}
	c.in.skip(1)
	return avail[0], nil
}

func (c *compressedUnits) data(p []byte, left int) (int, error) {
	p = p[:min(len(p), left)]
	if !c.same {
		return c.in.Read(p)
	}
	for i := range p {
		p[i] = c.run
	}
	return len(p), nil
}
