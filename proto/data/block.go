package data

import (
	"encoding/binary"
	"io"
)

// blockHeader is the size of a block's header: the descriptor and the number
// of bytes, high byte first. RFC 959 §3.4.2.
const blockHeader = 3

// blockWriter is MODE B. The block that is being filled lies in the outbox
// behind a header that is completed at its end.
type blockWriter struct {
	out  *outbox
	open int // where the open block's header lies in the outbox, -1: none is open
}

func newBlockWriter(out *outbox) *blockWriter { return &blockWriter{out: out, open: -1} }

func (b *blockWriter) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		room, err := b.room()
		if err != nil {
			return done, err
		}
		n := min(room, len(p)-done)
		buf := b.out.b
		buf.data = append(buf.data, p[done:done+n]...)
		done += n
	}
	return done, nil
}

// room opens a block where none with room is, and returns its room.
func (b *blockWriter) room() (int, error) {
	if b.open >= 0 {
		filled := len(b.out.b.data) - b.open - blockHeader
		if room := min(maxBlock-filled, b.out.b.room()); room > 0 {
			return room, nil
		}
		b.end(0)
	}
	if err := b.begin(); err != nil {
		return 0, err
	}
	return min(maxBlock, b.out.b.room()), nil
}

func (b *blockWriter) begin() error {
	if err := b.out.reserve(blockHeader + 1); err != nil {
		return err
	}
	b.open = len(b.out.b.data)
	return b.out.put(0, 0, 0)
}

// end completes the open block.
func (b *blockWriter) end(desc byte) {
	block := b.out.b.data[b.open:]
	block[0] = desc
	binary.BigEndian.PutUint16(block[1:], uint16(len(block)-blockHeader))
	b.open = -1
}

// close completes the open block, or an empty one.
func (b *blockWriter) close(desc byte) error {
	if b.open < 0 {
		if err := b.begin(); err != nil {
			return err
		}
	}
	b.end(desc)
	return nil
}

func (b *blockWriter) EndRecord() error { return b.close(descRecord) }

func (b *blockWriter) Mark(marker string) error {
	if b.open >= 0 {
		b.end(0)
	}
	if err := b.out.put(descMarker, 0, byte(len(marker))); err != nil {
		return err
	}
	_, err := b.out.Write([]byte(marker))
	return err
}

func (b *blockWriter) Flush() error {
	if b.open >= 0 {
		b.end(0)
	}
	return b.out.Flush()
}

func (b *blockWriter) Close() error {
	if err := b.close(descFile); err != nil {
		return err
	}
	return b.out.Flush()
}

// blocks are the units of MODE B.
type blocks struct {
	in     input
	header [blockHeader]byte // of the block that is read
}

func newBlockReader(in input) *framedReader { return &framedReader{units: &blocks{in: in}} }

func (b *blocks) next() (desc byte, size int, err error) {
	if _, err := io.ReadFull(b.in, b.header[:]); err != nil {
		return 0, 0, err
	}
	return b.header[0], int(binary.BigEndian.Uint16(b.header[1:])), nil
}

func (b *blocks) data(p []byte, left int) (int, error) { return b.in.Read(p[:min(len(p), left)]) }
