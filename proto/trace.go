package proto

import (
	"io"
	"strings"
	"sync"
)

// Direction says who sent a line.
type Direction byte

// The directions, as transcripts write them: "C: " and "S: ".
const (
	FromClient Direction = 'C'
	FromServer Direction = 'S'
)

// Trace receives every line that passes: redacted, without its line end,
// control characters as question marks. It is called by the goroutine that
// reads or writes, before the line leaves or is acted upon.
type Trace func(from Direction, line string)

// TraceTo returns a Trace that writes transcripts, one "C: line" or "S: line"
// each, in the format that wiretest plays. Many connections may share it.
func TraceTo(w io.Writer) Trace {
	var mu sync.Mutex
	return func(from Direction, line string) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(w, string(from)+": "+strings.ReplaceAll(line, `\`, `\\`)+"\n")
	}
}
