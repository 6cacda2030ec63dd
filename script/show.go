package script

import (
	"context"
	"io"

	"ferry/proto/list"
)

// Shower shows what has a better form at a terminal than in a script.
type Shower interface {
	// List shows entries of one directory.
	List(w io.Writer, l Listing) error
	// Page shows text that may be longer than the screen.
	Page(ctx context.Context, text io.Reader) error
	// Clear empties the screen.
	Clear() error
}

// Listing is what a Shower shows: lines of one directory, in order.
type Listing struct {
	Title string // its path, "" when only one directory is shown
	Lines []list.Line
	Long  bool
	Human bool // sizes for people
}
