package list

import (
	"bufio"
	"errors"
	"io"
	"iter"

	"ferry/proto"
)

// Read reads a listing to its end and yields its lines as they come. An error
// of r other than io.EOF comes last; the line that it cut short is Unknown.
// Memory does not grow with the listing.
func Read(r io.Reader, o Options) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		p := NewParser(o)
		in := bufio.NewReaderSize(r, MaxLine+2)
		for {
			text, err := readLine(in)
			if err != nil && err != io.EOF {
				p.cut(text)
			} else if err == nil || text != "" {
				p.feed(text)
			}
			if err != nil {
				p.giveUp()
			}
			for l, ok := p.pop(); ok; l, ok = p.pop() {
				if !yield(l, nil) {
					return
				}
			}
			if err != nil {
				if err != io.EOF {
					yield(Line{}, err)
				}
				return
			}
		}
	}
}

// cut takes a line whose end did not come.
func (p *Parser) cut(text string) {
	p.giveUp()
	if text != "" {
		p.emit(text[:min(len(text), MaxLine)], proto.Entry{}, Unknown)
	}
}

// readLine reads up to LF, and returns the line without its end. Of a line
// beyond MaxLine it returns one byte more than that and drops the rest.
func readLine(in *bufio.Reader) (string, error) {
	b, err := in.ReadSlice('\n')
	text := string(trimEnd(b))
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = in.ReadSlice('\n')
	}
	return text, err
}

func trimEnd(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if n := len(b); n > 0 && b[n-1] == '\r' {
		b = b[:n-1]
	}
	return b
}
