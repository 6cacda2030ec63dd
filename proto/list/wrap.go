package list

import (
	"strings"

	"ferry/proto"
)

// unwrap tries text as the rest of what is held.
func (p *Parser) unwrap(text string) bool {
	if !strings.HasPrefix(text, " ") && !strings.HasPrefix(text, "\t") || blank(text) {
		return false
	}
	joined := p.wrapped + " " + strings.TrimLeft(text, " \t")
	if len(joined) > MaxLine {
		return false
	}
	e, v := p.read(joined)
	switch {
	case v == Unknown:
		return false
	case v == held:
		if p.wraps++; p.wraps >= maxWrap {
			return false
		}
		p.wrapped = joined
		return true
	}
	p.wrapped, p.wraps = "", 0
	p.emit(joined, e, v)
	return true
}

// giveUp lets go of a wrapped entry whose rest did not come.
func (p *Parser) giveUp() {
	if p.wrapped == "" {
		return
	}
	text := p.wrapped
	p.wrapped, p.wraps = "", 0
	p.emit(text, proto.Entry{}, Unknown)
}
