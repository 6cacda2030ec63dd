package list

import (
	"strings"
	"time"

	"ferry/proto"
)

// Verdict says what became of a line.
type Verdict byte

const (
	Unknown    Verdict = iota // not understood: show it, delete nothing on this listing's strength
	Ignored                   // understood, and no entry: a heading, a total, an empty line
	Understood                // Entry holds what the line said

	held Verdict = 255 // the entry goes on in the next line
)

func (v Verdict) String() string {
	switch v {
	case Understood:
		return "understood"
	case Ignored:
		return "ignored"
	}
	return "unknown"
}

// Line is one line of a listing.
type Line struct {
	Text    string // as it arrived, without line end, not safe to show; cut at MaxLine
	Entry   proto.Entry
	Verdict Verdict
	Dir     string // recursive listings: the directory of the entry, relative to the listed one, "" for itself
}

// Options are what a parser may know beforehand. The zero value is good.
type Options struct {
	Now       time.Time      // for dates without a year; zero: the time of NewParser
	Location  *time.Location // of times in LIST; nil: UTC. MLSx and EPLF are UTC always
	System    string         // SYST's text, a hint at the format
	Format    Format         // known beforehand; Auto: the first line decides
	Recursive bool           // LIST -R was asked for: headings name directories
}

// Parser reads one listing. It is not safe for concurrent use.
type Parser struct {
	o       Options
	latest  time.Time // dates without a year are not later than this
	order   []dialect
	decided *dialect // nil until a line was claimed

	wrapped string // VMS: an entry that goes on in the next line
	wraps   int    // VMS: lines in wrapped
	out     []Line // ready, in order

	dir   dirState
	vms   vmsState
	mvs   mvsState
	as400 as400State
}

// NewParser returns a parser for one listing.
func NewParser(o Options) *Parser {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	o.Now = o.Now.In(o.Location)
	p := &Parser{o: o, latest: o.Now.Add(24 * time.Hour), order: order(dialects(), o.System)}
	p.decide(o.Format)
	return p
}

func (p *Parser) decide(f Format) {
	if f == Names {
		p.decided = &dialect{Names, readName}
	}
	for i := range p.order {
		if p.order[i].format == f {
			p.decided = &p.order[i]
		}
	}
}

// Format is the listing's format, Auto while no line has shown it.
func (p *Parser) Format() Format {
	if p.decided == nil {
		return Auto
	}
	return p.decided.format
}

// Line takes the next line and returns the next one that is finished; false
// when it has none yet, as with a VMS entry that goes on in the next line.
// After the last line Close returns what is left.
func (p *Parser) Line(text string) (Line, bool) {
	p.feed(strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"))
	return p.pop()
}

// Close returns what was still held. Call it until it returns false.
func (p *Parser) Close() (Line, bool) {
	p.giveUp()
	return p.pop()
}

func (p *Parser) pop() (Line, bool) {
	if len(p.out) == 0 {
		return Line{}, false
	}
	l := p.out[0]
	p.out = p.out[:copy(p.out, p.out[1:])]
	return l, true
}

func (p *Parser) feed(text string) {
	// SECURITY: an endless line costs no more than its first bytes.
	if len(text) > MaxLine {
		p.giveUp()
		p.emit(strings.Clone(text[:MaxLine]), proto.Entry{}, Unknown)
		return
	}
	if p.wrapped != "" {
		if p.unwrap(text) {
			return
		}
		p.giveUp()
	}
	if blank(text) {
		p.dir.gap = true
		p.emit(text, proto.Entry{}, Ignored)
		return
	}
	e, v := p.read(text)
	if v == held {
		p.wrapped, p.wraps = text, 1
		return
	}
	p.emit(text, e, v)
	p.dir.gap = false
}

// read asks the listing's format, or all of them while none is decided.
func (p *Parser) read(text string) (proto.Entry, Verdict) {
	if v, ok := p.heading(text); ok {
		return proto.Entry{}, v
	}
	if p.decided != nil {
		return p.decided.read(p, text)
	}
	for i := range p.order {
		e, v := p.order[i].read(p, text)
		if v == Understood || v == Ignored {
			p.decided = &p.order[i]
		}
		if v != Unknown {
			return e, v
		}
	}
	return proto.Entry{}, Unknown
}

func (p *Parser) emit(text string, e proto.Entry, v Verdict) {
	l := Line{Text: text, Verdict: v}
	if v == Understood {
		if p.dir.foreign || !named(&e, p.decided.format) {
			l.Verdict = Unknown
		} else {
			l.Entry, l.Dir = e, p.dir.current
		}
	}
	p.out = append(p.out, l)
}

// named checks the name of an entry, and gives "." and ".." their kinds.
//
// SECURITY: what a listing calls a file is one name. A path or ".." is no
// name, and one with a line end or NUL can be put in no command.
func named(e *proto.Entry, f Format) bool {
	if e.Name == "" || strings.ContainsAny(e.Name, "\x00\r\n") {
		return false
	}
	dir := e.Kind == proto.Directory
	switch {
	case e.Kind == proto.CurrentDir || e.Kind == proto.ParentDir:
		return true // RFC 3659 §7.5.1: their names may be paths
	case e.Name == "." && dir:
		e.Kind = proto.CurrentDir
		return true
	case e.Name == ".." && dir:
		e.Kind = proto.ParentDir
		return true
	case e.Name == "." || e.Name == "..":
		return false
	case f == DOS && strings.Contains(e.Name, `\`):
		return false
	}
	return !strings.Contains(e.Name, "/")
}
