package data

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"ferry/proto"
)

// Options say how one file travels. The zero value of each field but Params
// is good. Sender and receiver must agree in Params, CodePage and Pages.Size.
type Options struct {
	Params proto.Params

	Stall time.Duration // longest time in which no byte moves, then ErrStalled; 0: none
	Moved *atomic.Int64 // grows by the file bytes moved; nil if nobody asks
	Max   int64         // receiver: most file bytes, then ErrTooLarge; 0: no bound

	// Toll hears of every n bytes that have gone over the wire, and may keep the
	// transfer waiting. It returns how many should go at once from then on;
	// 0: any number. It is asked with 0 bytes first. nil: nobody asks.
	Toll func(n int64) (next int64)

	CodePage CodePage // TYPE E
	Records  Records  // STRU R in TYPE I and L: how records lie in the file
	Pages    Pages    // STRU P
	Level    int      // MODE Z: 1 (fast) to 9 (small); 0: 6

	Keep *Keep // the connection carries other files behind this one; nil: it doesn't

	Restart
	// OnSuspect hears, in modes B and C, that the n bytes from file position
	// at on are suspect. An error ends the transfer. Without it the transfer
	// goes on and ends in ErrSuspect.
	OnSuspect func(at int64, n int) error
}

// Restart is the restart procedure of modes B and C. RFC 959 §3.5.
type Restart struct {
	// Offset is the position in the file of the first byte that is sent or
	// received. The caller has moved the file there.
	Offset int64
	// MarkEvery is the number of file bytes after which the sender puts a
	// restart marker (see FormatMarker); 0: none. Markers stand where sending
	// can begin again: at line ends in text types, between records and pages.
	MarkEvery int64
	// OnMark hears a marker of the peer and the position in our file that it
	// stands for; all bytes before have been handed over. An error ends the
	// transfer.
	OnMark func(marker string, at int64) error
}

// CodePage is an EBCDIC code page.
type CodePage byte

// The code pages of TYPE E. Both are one to one with ISO 8859-1.
const (
	IBM037  CodePage = iota // USA, Canada; AS/400
	IBM1047                 // open systems; z/OS UNIX
)

// Records is how records lie in a local file that has no lines.
type Records byte

const (
	// NoRecords: there is no way to keep records; STRU R is refused.
	NoRecords Records = iota
	// RDW: before each record stands a record descriptor word of four bytes,
	// as in IBM's variable format: the length, descriptor included, in two
	// bytes, the high one first, then two zeros.
	RDW
)

// Pages are the options of STRU P. RFC 959 §3.1.2.3.
type Pages struct {
	// Size is the number of bytes in a page; page i lies at i × Size. 0 means
	// MaxPage.
	Size int
	// Descriptor, if any, is sent as a descriptor page ahead of the file's.
	Descriptor []byte
	// OnDescriptor gets the data of a descriptor page that was received. The
	// slice is only good during the call. An error ends the transfer.
	OnDescriptor func(info []byte) error
}

func (p Pages) size() int {
	if p.Size <= 0 || p.Size > MaxPage {
		return MaxPage
	}
	return p.Size
}

// Supported reports whether files travel under p here, in a *proto.ParamError
// if not. Record structure in TYPE I and L depends on the files too: see
// Options.Supported.
func Supported(p proto.Params) error { return Options{Params: p}.Supported() }

// Supported reports whether a file can travel under o. All of MODE S, B, C
// and Z, STRU F, R and P, TYPE A, E, I and L 8 go together but these:
//
//   - TYPE L n for n other than 8;
//   - STRU R in TYPE I and L without Records: nothing would keep the records;
//   - STRU P in TYPE A and E: page data would change its length on the way.
func (o Options) Supported() error {
	p := o.Params
	refuse := func(param, value string) error { return &proto.ParamError{Param: param, Value: value} }
	switch {
	case !strings.ContainsRune("AEIL", rune(p.Type.Code)):
		return refuse("TYPE", strconv.Quote(string(rune(p.Type.Code))))
	case !strings.ContainsRune("FRP", rune(p.Stru)):
		return refuse("STRU", strconv.Quote(string(rune(p.Stru))))
	case !strings.ContainsRune("SBCZ", rune(p.Mode)):
		return refuse("MODE", strconv.Quote(string(rune(p.Mode))))
	case p.Type.Code == proto.Local && p.Type.Size != 8:
		return refuse("TYPE", "L "+strconv.Itoa(p.Type.Size))
	case p.Stru == proto.Record && !p.Type.Text() && o.Records == NoRecords:
		return refuse("STRU", "R in TYPE "+p.Type.String())
	case p.Stru == proto.Page && p.Type.Text():
		return refuse("STRU", "P in TYPE "+p.Type.String())
	}
	return nil
}
