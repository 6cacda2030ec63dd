package data

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"ferry/proto"
)

// The oracle is a second decoder and encoder, written from the RFC for whole
// files in memory. It shares no code with the package.

// The code pages as other programs have them: 037 as Python's cp037 codec and
// 1047 as glibc's IBM1047 encode ISO 8859-1, byte by byte.
const (
	python037 = "00010203372d2e2f1605250b0c0d0e0f101112133c3d322618193f271c1d1e1f405a7f7b5b6c507d4d5d5c4e6b604b61f0f1f2f3f4f5f6f7f8f97a5e4c7e6e6f7cc1c2c3c4c5c6c7c8c9d1d2d3d4d5d6d7d8d9e2e3e4e5e6e7e8e9bae0bbb06d79818283848586878889919293949596979899a2a3a4a5a6a7a8a9c04fd0a107202122232415061728292a2b2c090a1b30311a333435360838393a3b04143eff41aa4ab19fb26ab5bdb49a8a5fcaafbc908feafabea0b6b39dda9b8bb7b8b9ab6465626663679e687471727378757677ac69edeeebefecbf80fdfefbfcadae594445424643479c4854515253585556578c49cdcecbcfcce170dddedbdc8d8edf"
	glibc1047 = "00010203372d2e2f1605250b0c0d0e0f101112133c3d322618193f271c1d1e1f405a7f7b5b6c507d4d5d5c4e6b604b61f0f1f2f3f4f5f6f7f8f97a5e4c7e6e6f7cc1c2c3c4c5c6c7c8c9d1d2d3d4d5d6d7d8d9e2e3e4e5e6e7e8e9ade0bd5f6d79818283848586878889919293949596979899a2a3a4a5a6a7a8a9c04fd0a107202122232415061728292a2b2c090a1b30311a333435360838393a3b04143eff41aa4ab19fb26ab5bbb49a8ab0caafbc908feafabea0b6b39dda9b8bb7b8b9ab6465626663679e687471727378757677ac69edeeebefecbf80fdfefbfcbaae594445424643479c4854515253585556578c49cdcecbcfcce170dddedbdc8d8edf"
)

func oraclePage(cp CodePage) []byte {
	digits := python037
	if cp == IBM1047 {
		digits = glibc1047
	}
	page, err := hex.DecodeString(digits)
	if err != nil || len(page) != 256 {
		panic("bad table")
	}
	page[0x0A], page[0x85] = page[0x85], page[0x0A] // our LF is NL
	return page
}

func TestCodePages(t *testing.T) {
	for _, cp := range []CodePage{IBM037, IBM1047} {
		if got := cp.table().wire; !bytes.Equal(got[:], oraclePage(cp)) {
			t.Errorf("code page %d:\n got %x\nwant %x", cp, got, oraclePage(cp))
		}
	}
}

// oracleRecords undoes mode and structure: the records on a wire, or one
// record that is the file, and what follows the file on the wire.
func oracleRecords(wire []byte, o Options) (records [][]byte, rest []byte) {
	record := o.Params.Stru == proto.Record
	switch o.Params.Mode {
	case proto.Deflate:
		z, err := zlib.NewReader(bytes.NewReader(wire))
		if err != nil {
			panic(err)
		}
		if wire, err = io.ReadAll(z); err != nil {
			panic(err)
		}
		fallthrough
	case proto.Stream:
		if !record {
			return [][]byte{wire}, nil
		}
		return oracleEscapes(wire)
	}
	var cur []byte
	for {
		var desc byte
		var data []byte
		if o.Params.Mode == proto.Block {
			n := int(wire[1])*256 + int(wire[2])
			desc, data, wire = wire[0], wire[3:3+n], wire[3+n:]
		} else {
			desc, data, wire = oracleUnit(wire, o)
		}
		if desc&16 == 0 {
			cur = append(cur, data...)
		}
		if record && (desc&128 != 0 || desc&64 != 0 && len(cur) > 0) {
			records, cur = append(records, cur), nil
		}
		if desc&64 != 0 {
			if !record {
				records = [][]byte{cur}
			}
			return records, wire
		}
	}
}

func oracleEscapes(wire []byte) (records [][]byte, rest []byte) {
	var cur []byte
	for i := 0; ; i++ {
		if wire[i] != 0xFF {
			cur = append(cur, wire[i])
			continue
		}
		i++
		switch wire[i] {
		case 0xFF:
			cur = append(cur, 0xFF)
		case 1:
			records, cur = append(records, cur), nil
		case 2:
			if len(cur) > 0 {
				records = append(records, cur)
			}
			return records, wire[i+1:]
		case 3:
			return append(records, cur), wire[i+1:]
		default:
			panic("escape")
		}
	}
}

func oracleUnit(wire []byte, o Options) (desc byte, data, rest []byte) {
	if wire[0] == 0 {
		desc, wire = wire[1], wire[2:]
	}
	n := int(wire[0])
	switch {
	case n == 0:
		panic("string of no bytes")
	case n < 128:
		return desc, wire[1 : 1+n], wire[1+n:]
	case n < 192:
		return desc, bytes.Repeat(wire[1:2], n-128), wire[2:]
	}
	fill := map[proto.TypeCode]string{'A': " ", 'E': "\x40", 'I': "\x00", 'L': "\x00"}[o.Params.Type.Code]
	return desc, []byte(strings.Repeat(fill, n-192)), wire[1:]
}

// oracleDecode is the file that a wire carries.
func oracleDecode(wire []byte, o Options) (file, rest []byte) {
	records, rest := oracleRecords(wire, o)
	var out bytes.Buffer
	for _, r := range records {
		switch {
		case o.Params.Stru == proto.Page:
			return oraclePages(r, o), rest
		case o.Params.Stru == proto.Record && !o.Params.Type.Text():
			n := len(r) + 4
			out.Write([]byte{byte(n / 256), byte(n), 0, 0})
		}
		out.Write(oracleText(r, o))
		if o.Params.Stru == proto.Record && o.Params.Type.Text() {
			out.WriteByte('\n')
		}
	}
	return out.Bytes(), rest
}

func oracleText(b []byte, o Options) []byte {
	switch o.Params.Type.Code {
	case 'A':
		return []byte(strings.ReplaceAll(string(b), "\r\n", "\n"))
	case 'E':
		s := string(b)
		if o.Params.Type.Form != 'N' {
			s = strings.ReplaceAll(s, "\x0D\x25", "\x15")
		}
		page := oraclePage(o.CodePage)
		out := make([]byte, len(s))
		for i := range out {
			out[i] = byte(bytes.IndexByte(page, s[i]))
		}
		return out
	}
	return b
}

func oraclePages(b []byte, o Options) []byte {
	size := 255
	if o.Pages.Size != 0 {
		size = o.Pages.Size
	}
	var file []byte
	for b[3] != 0 {
		head, data := b[:b[0]], b[b[0]:int(b[0])+int(b[2])]
		b = b[len(head)+len(data):]
		if head[3] == 2 {
			continue
		}
		end := int(head[1])*size + len(data)
		if len(file) < end {
			file = append(file, make([]byte, end-len(file))...)
		}
		copy(file[int(head[1])*size:], data)
	}
	if !bytes.Equal(b, []byte{4, 0, 0, 0}) {
		panic(fmt.Sprintf("last page % x", b))
	}
	return file
}

// oracleEncode puts records (or one, the file) on a wire in one of the many
// ways a sender may: blocks and units of random sizes, empty ones, markers,
// ends with data or alone.
func oracleEncode(r *rand.Rand, records [][]byte, o Options) []byte {
	var w bytes.Buffer
	record := o.Params.Stru == proto.Record
	unit := func(desc byte, data []byte) {
		if o.Params.Mode == proto.Block {
			w.Write([]byte{desc, byte(len(data) / 256), byte(len(data))})
			w.Write(data)
			return
		}
		if desc != 0 {
			w.Write([]byte{0, desc})
		}
		if len(data) == 0 {
			w.Write([]byte{[]byte{0xC0, 0x80}[r.IntN(2)]})
			if w.Bytes()[w.Len()-1] == 0x80 {
				w.WriteByte('?')
			}
			return
		}
		w.WriteByte(byte(len(data)))
		w.Write(data)
	}
	same := func(b []byte) int {
		n := 1
		for n < len(b) && n < 63 && b[n] == b[0] {
			n++
		}
		return n
	}
	for i, rec := range records {
		for len(rec) > 0 {
			if r.IntN(8) == 0 {
				unit(16, []byte(strings.Repeat("m", 1+r.IntN(20))))
			}
			if n := same(rec); o.Params.Mode == proto.Compressed && n > 1 && r.IntN(2) == 0 {
				if rec[0] == filler(o) && r.IntN(2) == 0 {
					w.WriteByte(byte(0xC0 + n))
				} else {
					w.Write([]byte{byte(0x80 + n), rec[0]})
				}
				rec = rec[n:]
				continue
			}
			n := min(len(rec), 1+r.IntN(100))
			if o.Params.Mode == proto.Block && r.IntN(10) == 0 {
				n = min(len(rec), r.IntN(65536))
			}
			desc := byte(0)
			if record && n == len(rec) && r.IntN(2) == 0 {
				desc = 128
				if i == len(records)-1 && r.IntN(2) == 0 {
					unit(128|64, rec)
					return w.Bytes()
				}
			}
			unit(desc, rec[:n])
			if rec = rec[n:]; desc != 0 {
				rec = nil
				goto next
			}
		}
		if record {
			unit(128, nil)
		}
	next:
	}
	unit(64, nil)
	return w.Bytes()
}
