package panes

import "time"

// Bounds of the screen, each with its reason.
const (
	// maxLines and maxBytes are what a pane keeps to scroll back to: an
	// afternoon of dialogue, and some megabytes.
	maxLines = 10_000
	maxBytes = 4 << 20

	// maxLine is how much of one line is kept, in bytes. What is longer is no
	// text.
	maxLine = 8 << 10

	// maxLabel is how much is kept of a text that stands: a prompt, a place, the
	// name of a bar, a question, a row of a menu. All of it is gone through at
	// each drawing.
	maxLabel = 4 << 10

	// blockCost is what a block keeps to lay itself out again, in bytes for
	// each byte that it shows: a name, its colour, and where they are.
	blockCost = 4

	// maxQueue is how many lines may be typed ahead.
	maxQueue = 32

	// maxTyped is the longest line that can be typed or pasted, in bytes.
	maxTyped = 64 << 10

	// maxCopy is what is given to the terminal's clipboard, in bytes: xterm
	// takes 100,000 bytes of base64.
	maxCopy = 74_000

	// redrawPause is between two drawings. Nobody reads more often.
	redrawPause = 25 * time.Millisecond

	// guardWait is how long the start waits for the guard of the terminal,
	// which takes milliseconds, and seconds on a machine that has too much to
	// do. Without it there is none.
	guardWait = 5 * time.Second

	// handBack is how long a shell may take to see that we are gone.
	handBack = 100 * time.Millisecond

	// maxTrace is how much of the trace of a panic is shown, in bytes.
	maxTrace = 64 << 10

	// sideBySide is the width from which the panes stand beside each other:
	// 50 columns each. A listing needs no more, and below that lines wrap
	// more than they gain in height.
	sideBySide = 150

	// leastWidth and leastHeight are of one pane, its border included. Where
	// three of them have no room only one is shown.
	leastWidth, leastHeight = 20, 4
)
