package data

import (
	"bytes"
	"io"
)

// crlf ends a line in NVT-ASCII. RFC 959 §3.1.1.1.
var crlf = []byte("\r\n")

// asciiSender is TYPE A: lines that end in LF here end in CR LF there. A CR
// LF in the file is a line end already. Lone CRs go as they are.
type asciiSender struct {
	down sender
	last byte // the byte before; 0 at the start
	line lineStart
}

func (a *asciiSender) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		i := bytes.IndexByte(p[done:], '\n')
		if i < 0 {
			n, err := a.plain(p[done:])
			return done + n, err
		}
		n, err := a.plain(p[done : done+i])
		if done += n; err != nil {
			return done, err
		}
		if err := a.lineEnd(); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (a *asciiSender) plain(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err := a.down.Write(p)
	a.last = p[len(p)-1]
	a.line.inside = true
	return n, err
}

func (a *asciiSender) lineEnd() error {
	end := crlf
	if a.last == '\r' {
		end = crlf[1:]
	}
	_, err := a.down.Write(end)
	a.last = '\n'
	a.line.inside = false
	return err
}

func (a *asciiSender) clean(p []byte) int { return a.line.next(p) }
func (a *asciiSender) Close() error       { return a.down.Close() }

// lineStart knows where the lines of a local file begin.
type lineStart struct {
	inside bool // in a line
}

// next is the number of bytes of p up to the next start of a line, or -1.
func (l *lineStart) next(p []byte) int {
	if !l.inside {
		return 0
	}
	if i := bytes.IndexByte(p, '\n'); i >= 0 {
		return i + 1
	}
	return -1
}

// crlfReceiver is the other side: CR LF becomes a line end, wherever the
// pieces that arrive are cut. A CR without LF and an LF without CR stay what
// they are.
type crlfReceiver struct {
	up         io.Reader
	cr, lf, to byte // the two, and what they become
	held       bool // a CR is held until the next byte is known
}

func newASCIIReceiver(up io.Reader) receiver {
	return &crlfReceiver{up: up, cr: '\r', lf: '\n', to: '\n'}
}

func (c *crlfReceiver) clean() bool { return !c.held }

func (c *crlfReceiver) Read(p []byte) (int, error) {
	for {
		from := 0
		if c.held { // it may have to stand before what comes
			from = 1
		}
		n, err := c.up.Read(p[from:])
		out := c.convert(p, p[from:from+n])
		if err == io.EOF && c.held {
			p[out], c.held = c.cr, false
			out++
		}
		if out > 0 || err != nil {
			return out, err
		}
	}
}

// convert writes in's local form to out, which may begin one byte before in:
// it is never ahead of what is yet to be read.
func (c *crlfReceiver) convert(out, in []byte) int {
	n := 0
	for len(in) > 0 {
		if c.held {
			c.held = false
			if in[0] == c.lf {
				out[n], in = c.to, in[1:]
			} else {
				out[n] = c.cr
			}
			n++
		}
		i := bytes.IndexByte(in, c.cr)
		if i < 0 {
			return n + copy(out[n:], in)
		}
		n += copy(out[n:], in[:i])
		in, c.held = in[i+1:], true
	}
	return n
}
