package main

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"

	"ferry/proto"
)

// decode makes the file of what was seen on the wire. It is written from the
// text of RFC 959 for whole files in memory and shares no code with ferry.
// Text comes out as lines with LF, records of binary types with their words.
func decode(wire []byte, p proto.Params) (file []byte, err error) {
	defer func() {
		if v := recover(); v != nil { // an index out of range: the wire ends early
			err = fmt.Errorf("%v", v)
		}
	}()
	if p.Mode == 'Z' {
		z, err := zlib.NewReader(bytes.NewReader(wire))
		if err != nil {
			return nil, err
		}
		if wire, err = io.ReadAll(z); err != nil {
			return nil, err
		}
	}
	var pieces []piece
	switch {
	case p.Mode == 'B':
		pieces, wire = blocks(wire)
	case p.Mode == 'C':
		pieces, wire = units(wire, p.Type.Code)
	case p.Stru == 'R':
		pieces, wire = escapes(wire)
	default:
		pieces, wire = []piece{{64, wire}}, nil
	}
	if len(wire) > 0 {
		return nil, fmt.Errorf("%d bytes behind the end", len(wire))
	}
	return assemble(pieces, p), nil
}

// piece is bytes and the descriptor of block mode: 128 ends a record, 64 the
// file, 16 is a marker.
type piece struct {
	desc byte
	data []byte
}

// blocks: §3.4.2.
func blocks(w []byte) (all []piece, rest []byte) {
	for {
		n := int(w[1])<<8 + int(w[2])
		all = append(all, piece{w[0], w[3 : 3+n]})
		end := w[0]&64 != 0
		if w = w[3+n:]; end {
			return all, w
		}
	}
}

// units: §3.4.3.
func units(w []byte, t proto.TypeCode) (all []piece, rest []byte) {
	filler := map[proto.TypeCode]byte{'A': 0x20, 'E': 0x40}[t]
	for {
		var u piece
		if w[0] == 0 {
			u.desc, w = w[1], w[2:]
		}
		switch n := int(w[0]); n >> 6 {
		case 0, 1:
			if n == 0 {
				panic("a string of no bytes")
			}
			u.data, w = w[1:1+n], w[1+n:]
		case 2:
			u.data, w = bytes.Repeat(w[1:2], n&63), w[2:]
		default:
			u.data, w = bytes.Repeat([]byte{filler}, n&63), w[1:]
		}
		if all = append(all, u); u.desc&64 != 0 {
			return all, w
		}
	}
}

// escapes: §3.4.1.
func escapes(w []byte) (all []piece, rest []byte) {
	var cur []byte
	for {
		if w[0] != 0xFF {
			cur, w = append(cur, w[0]), w[1:]
			continue
		}
		code := w[1]
		switch w = w[2:]; code {
		case 0xFF:
			cur = append(cur, 0xFF)
		case 1, 2, 3:
			all = append(all, piece{code&1<<7 | code&2<<5, cur})
			if cur = nil; code > 1 {
				return all, w
			}
		default:
			panic("no such escape")
		}
	}
}

// assemble puts records, pages and lines together.
func assemble(pieces []piece, p proto.Params) []byte {
	var file, record []byte
	for _, x := range pieces {
		if x.desc&16 != 0 {
			continue
		}
		record = append(record, x.data...)
		ends := x.desc&128 != 0 || x.desc&64 != 0 && len(record) > 0
		switch {
		case p.Stru != 'R' || !ends:
			continue
		case p.Type.Code == 'A' || p.Type.Code == 'E':
			file = append(append(file, charset(record, p.Type.Code)...), '\n')
		default:
			file = append(file, byte((len(record)+4)>>8), byte(len(record)+4), 0, 0)
			file = append(file, record...)
		}
		record = nil
	}
	switch {
	case p.Stru == 'P':
		return pages(record)
	case p.Stru == 'R':
		return file
	case p.Type.Code == 'A':
		return bytes.ReplaceAll(record, []byte("\r\n"), []byte("\n"))
	}
	return charset(record, p.Type.Code)
}

// pages: §3.1.2.3, of 255 bytes at most.
func pages(w []byte) []byte {
	var file []byte
	for {
		header, index, n, kind := int(w[0]), int(w[1]), int(w[2]), w[3]
		if kind == 0 {
			return file
		}
		at := index * 255
		if grow := at + n - len(file); grow > 0 {
			file = append(file, make([]byte, grow)...)
		}
		copy(file[at:], w[header:header+n])
		w = w[header+n:]
	}
}

// charset turns the EBCDIC of letters, digits, blanks and line ends into
// ASCII; what the matrix sends in TYPE E is made of those.
func charset(b []byte, t proto.TypeCode) []byte {
	if t != 'E' {
		return b
	}
	out := make([]byte, len(b))
	for i, c := range b {
		switch {
		case c == 0x15:
			out[i] = '\n'
		case c == 0x40:
			out[i] = ' '
		case c >= 0xF0 && c <= 0xF9:
			out[i] = c - 0xF0 + '0'
		case c >= 0x81 && c <= 0x89:
			out[i] = c - 0x81 + 'a'
		case c >= 0x91 && c <= 0x99:
			out[i] = c - 0x91 + 'j'
		case c >= 0xA2 && c <= 0xA9:
			out[i] = c - 0xA2 + 's'
		default:
			panic(fmt.Sprintf("EBCDIC %#x", c))
		}
	}
	return out
}
