package panes

import (
	"bytes"
	"io"
)

// responses is the pane of what the system answers: listings, what was done,
// what failed, how far transfers are, and questions.
type responses struct {
	scroll
	screen *Screen
	open   []byte // a line that is not ended
	bars   []Bar
	jobs   []Bar
}

// Responses is where output goes. Of what drives a terminal only colours are
// understood.
func (s *Screen) Responses() io.Writer { return output{s} }

type output struct{ *Screen }

func (o output) Write(p []byte) (int, error) {
	o.change(func() { o.responses.write(p) })
	return len(p), nil
}

func (r *responses) write(p []byte) {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			r.keep(p)
			return
		}
		r.keep(p[:i])
		p = p[i+1:]
		r.endLine()
	}
}

// keep adds to the line that is not ended, up to its bound.
func (r *responses) keep(p []byte) {
	r.open = append(r.open, p[:min(len(p), max(maxLine-len(r.open), 0))]...)
}

func (r *responses) endLine() {
	text := bytes.TrimSuffix(r.open, []byte("\r"))
	if i := bytes.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:] // drawn again, such as a count
	}
	r.add(line{at: r.screen.cfg.Now(), spans: styled(string(text), r.screen.palette.normal)})
	r.open = r.open[:0]
}

// Clear empties the responses.
func (s *Screen) Clear() { s.change(s.responses.clear) }
