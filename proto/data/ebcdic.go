package data

import (
	"io"
	"sync"

	"golang.org/x/text/encoding/charmap"
)

// EBCDIC codes with a meaning of their own, the same in both code pages.
const (
	ebcdicCR = 0x0D
	ebcdicNL = 0x15 // ends a line: RFC 959 §3.1.1.2
	ebcdicLF = 0x25
	ebcdicSP = 0x40
)

// translation is a table for each direction. They undo each other: every byte
// of a file has its place and comes back.
type translation struct {
	wire  [256]byte // by local byte
	local [256]byte // by byte on the wire
}

var (
	table037  = sync.OnceValue(func() *translation { return newTranslation(charmap.CodePage037) })
	table1047 = sync.OnceValue(func() *translation { return newTranslation(charmap.CodePage1047) })
)

func (cp CodePage) table() *translation {
	if cp == IBM1047 {
		return table1047()
	}
	return table037()
}

// newTranslation takes the local byte as ISO 8859-1, with one exchange: our
// line end, LF, is EBCDIC's NL, and so the C1 control NEL (0x85), whose place
// that is, gets the place of LF.
func newTranslation(page *charmap.Charmap) *translation {
	t := new(translation)
	for i := range 256 {
		b, _ := page.EncodeRune(rune(i)) // all 256 are there
		t.wire[i] = b
	}
	t.wire['\n'], t.wire[0x85] = ebcdicNL, ebcdicLF
	for i, b := range t.wire {
		t.local[b] = byte(i)
	}
	return t
}

// translate puts in through table into out, which may be in.
func translate(out, in []byte, table *[256]byte) {
	for i, b := range in {
		out[i] = table[b]
	}
}

// ebcdicSender is TYPE E. Lines end in NL on the wire.
type ebcdicSender struct {
	down  sender
	table *translation
	line  lineStart
	piece [4 << 10]byte // translated, on its way
}

func (e *ebcdicSender) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n := min(len(e.piece), len(p)-done)
		translate(e.piece[:n], p[done:done+n], &e.table.wire)
		n, err := e.down.Write(e.piece[:n])
		if done += n; err != nil {
			return done, err
		}
	}
	if len(p) > 0 {
		e.line.inside = p[len(p)-1] != '\n'
	}
	return done, nil
}

func (e *ebcdicSender) clean(p []byte) int { return e.line.next(p) }
func (e *ebcdicSender) Close() error       { return e.down.Close() }

// ebcdicReceiver is the other side.
type ebcdicReceiver struct {
	up    receiver
	table *translation
}

func (e *ebcdicReceiver) clean() bool { return e.up.clean() }

func (e *ebcdicReceiver) Read(p []byte) (int, error) {
	n, err := e.up.Read(p)
	translate(p[:n], p[:n], &e.table.local)
	return n, err
}

// newEffectsReceiver stands below ebcdicReceiver in forms T and C, where CR LF
// in exactly this sequence ends a line too (RFC 959 §3.1.1.5.2): it becomes
// NL. All other format effectors are data.
func newEffectsReceiver(up io.Reader) receiver {
	return &crlfReceiver{up: up, cr: ebcdicCR, lf: ebcdicLF, to: ebcdicNL}
}
