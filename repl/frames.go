package repl

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// frames is what mpb draws to: a frame a Write, each over the one before.
type frames struct {
	to    io.Writer
	width func() int
	last  []string // lines of the frame that stands
}

// Write puts a frame at the beginning of its line: a key that the terminal
// echoes, such as ^C, has moved the cursor. It goes up over what terminals have
// made of the last frame when their window became narrower: more lines.
func (f *frames) Write(p []byte) (int, error) {
	frame := p
	var up int
	if n, _ := fmt.Sscanf(string(p[:min(len(p), 12)]), "\x1b[%dA", &up); n == 1 {
		_, frame, _ = bytes.Cut(p, []byte("A"))
		frame = fmt.Appendf(nil, "\x1b[%dA%s", f.rows(up), frame)
	}
	if _, err := f.to.Write(append([]byte{'\r'}, frame...)); err != nil {
		return 0, err
	}
	f.last = strings.Split(strings.TrimSuffix(string(p), "\n"), "\n")
	return len(p), nil
}

// rows is how many rows the last lines of the last frame take by now.
func (f *frames) rows(lines int) int {
	room, n := max(f.width(), 1), 0
	for _, line := range f.last[max(len(f.last)-lines, 0):] {
		if i := strings.LastIndex(line, "\x1b[J"); i >= 0 {
			line = line[i+3:]
		}
		n += max((width(line)+room-1)/room, 1)
	}
	return max(n, lines)
}
