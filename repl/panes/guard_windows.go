package panes

import (
	"errors"
	"io"
)

// Guard is not built for Windows. A console keeps the modes that a killed
// process has set (they belong to its buffers, not to the process), and the
// shells that people start ferry from set their own before each line they
// read. What remains is a program that reads the console without doing so.
// A process of the same console could call SetConsoleMode in its place.
func Guard(io.Reader, io.WriteCloser) error { return errors.ErrUnsupported }
