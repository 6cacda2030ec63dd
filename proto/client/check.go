package client

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ferry/proto"
)

// checkDown compares what came with what was announced.
//
// A server that says 226 behind half a file has lost the other half; four of
// eight clients in use believe it. The byte count decides, not the reply.
//
// Under TLS an end that the server did not announce is only believed where the
// size is right.
func (c *Client) checkDown(ctx context.Context, path string, t Transfer, run *transfer) error {
	return c.check(ctx, checking{path, t, run})
}

// checking is the comparison of one transfer. It can be done in two halves, so
// that the sizes of many are asked for in one write.
type checking struct {
	path string
	t    Transfer
	run  *transfer
}

// known compares with what was told already. ask: only SIZE can tell.
func (k checking) known() (ask bool, err error) {
	if k.run.toServer {
		return k.knownUp()
	}
	right, ask, err := k.knownDown()
	if err == nil && !ask {
		err = k.sealed(right)
	}
	return ask, err
}

// told compares with what SIZE said; ok: it said something.
func (k checking) told(size int64, ok bool) error {
	total := k.t.Offset + k.run.n
	switch {
	case k.run.toServer && ok && size != total:
		return &SizeError{Path: k.path, Got: size, Want: total, By: "the sender"}
	case k.run.toServer:
		return nil
	case ok && size != total && size != 0: // some devices say 0 of every file
		return &SizeError{Path: k.path, Got: total, Want: size, By: "SIZE"}
	}
	return k.sealed(ok && size == total)
}

// sealed says what an end that was not announced under TLS means.
func (k checking) sealed(right bool) error {
	if k.run.cut && !right {
		return fmt.Errorf("%.200q: %w: the server did not announce its end under TLS", k.path, ErrTruncated)
	}
	return nil
}

// knownDown also reports whether the size is known to be right.
func (k checking) knownDown() (right, ask bool, err error) {
	t, run, path := k.t, k.run, k.path
	total := t.Offset + run.n
	want, ok := announced(run.mark, path)
	switch {
	case t.Marker != "" || run.params.Stru != proto.File:
		return false, false, nil // offsets are not known, or bytes were added on the way
	case run.params.Type.Text():
		return false, false, checkText(path, want, ok, run)
	case t.Size > 0 && total != t.Size:
		return false, false, &SizeError{Path: path, Got: total, Want: t.Size, By: "the caller"}
	case ok && (want == total || t.Offset > 0 && want == run.n):
		return true, false, nil
	case ok && t.Offset == 0:
		return false, false, &SizeError{Path: path, Got: total, Want: want, By: "the reply"}
	case t.Size > 0:
		return true, false, nil
	}
	return false, t.Check != CheckAnnounced || run.cut, nil
}

// checkText: text grows on the way, one CR a line, and never shrinks. Fewer
// bytes than the file has are too few.
func checkText(path string, want int64, ok bool, run *transfer) error {
	if got := max(run.wire, run.n); ok && got < want && run.params.Mode == proto.Stream {
		return &SizeError{Path: path, Got: got, Want: want, By: "the reply"}
	}
	return nil
}

// checkUp asks the server what it has now.
func (c *Client) checkUp(ctx context.Context, path string, t Transfer, run *transfer) error {
	return c.check(ctx, checking{path, t, run})
}

// knownUp: what was sent must be what the caller meant to send: a file may
// change while it is read.
func (k checking) knownUp() (ask bool, err error) {
	if k.t.Marker != "" || k.run.params.Stru != proto.File || k.run.params.Type.Text() {
		return false, nil
	}
	if sent := k.t.Offset + k.run.n; k.t.Size > 0 && sent != k.t.Size {
		return false, &SizeError{Path: k.path, Got: sent, Want: k.t.Size, By: "the caller"}
	}
	return k.t.Check != CheckAnnounced, nil
}

// check makes a comparison, asking the server where it must.
func (c *Client) check(ctx context.Context, k checking) error {
	ask, err := k.known()
	if err != nil || !ask {
		return err
	}
	size, ok, err := c.sizeNow(ctx, k.path)
	if err != nil {
		return err
	}
	return k.told(size, ok)
}

// CheckSize asks the server for the size of a file, and reports a *SizeError
// where it is another. A server that tells none has the right one.
func (c *Client) CheckSize(ctx context.Context, path string, want int64) error {
	size, ok, err := c.sizeNow(ctx, path)
	if err == nil && ok && size != want {
		err = &SizeError{Path: path, Got: size, Want: want, By: "the sender"}
	}
	return err
}

// sizeNow is SIZE, where the server has it and tells it.
func (c *Client) sizeNow(ctx context.Context, path string) (size int64, ok bool, err error) {
	if c.Quirks().NoSize {
		return 0, false, nil
	}
	size, err = c.Size(ctx, path)
	if err != nil && tolerable(err) && !c.Broken() {
		return 0, false, nil
	}
	return size, err == nil, err
}

// announced finds the size in the text of a 150 or 125: the number in
// "(12345 bytes)" behind the file's name. Rounded figures ("1.2 kbytes") are
// none.
func announced(mark proto.Reply, path string) (int64, bool) {
	base := path[strings.LastIndexByte(path, '/')+1:]
	for _, line := range mark.Lines {
		// The name may itself have "(5 bytes)" in it.
		if i := strings.LastIndex(line, base); i >= 0 && base != "" {
			line = line[i+len(base):]
		}
		if n, ok := parenthesised(line); ok {
			return n, true
		}
	}
	return 0, false
}

// parenthesised reads the last "(n bytes" of a text.
func parenthesised(text string) (int64, bool) {
	for end := len(text); ; {
		open := strings.LastIndexByte(text[:end], '(')
		if open < 0 {
			return 0, false
		}
		digits, unit, ok := strings.Cut(text[open+1:], " ")
		n, err := strconv.ParseInt(digits, 10, 64)
		if ok && err == nil && n >= 0 && digits[0] != '+' && strings.HasPrefix(strings.ToLower(unit), "byte") {
			return n, true
		}
		end = open
	}
}
