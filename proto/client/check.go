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
	right, err := c.compareDown(ctx, path, t, run)
	if err == nil && run.cut && !right {
		return fmt.Errorf("%.200q: %w: the server did not announce its end under TLS", path, ErrTruncated)
	}
	return err
}

// compareDown reports whether the size is known to be right. Its error says
// that it is wrong.
func (c *Client) compareDown(ctx context.Context, path string, t Transfer, run *transfer) (right bool, err error) {
	total := t.Offset + run.n
	want, ok := announced(run.mark, path)
	switch {
	case t.Marker != "" || run.params.Stru != proto.File:
		return false, nil // offsets are not known, or bytes were added on the way
	case run.params.Type.Text():
		return false, c.checkText(path, want, ok, run)
	case t.Size > 0 && total != t.Size:
		return false, &SizeError{Path: path, Got: total, Want: t.Size, By: "the caller"}
	case ok && (want == total || t.Offset > 0 && want == run.n):
		return true, nil
	case ok && t.Offset == 0:
		return false, &SizeError{Path: path, Got: total, Want: want, By: "the reply"}
	case t.Size > 0:
		return true, nil
	case t.Check == CheckAnnounced && !run.cut:
		return false, nil
	}
	want, ok, err = c.sizeNow(ctx, path)
	if err != nil || !ok || want == total || want == 0 {
		return ok && want == total, err // some devices say 0 of every file
	}
	return false, &SizeError{Path: path, Got: total, Want: want, By: "SIZE"}
}

// checkText: text grows on the way, one CR a line, and never shrinks. Fewer
// bytes than the file has are too few.
func (c *Client) checkText(path string, want int64, ok bool, run *transfer) error {
	if got := max(run.wire, run.n); ok && got < want && run.params.Mode == proto.Stream {
		return &SizeError{Path: path, Got: got, Want: want, By: "the reply"}
	}
	return nil
}

// checkUp asks the server what it has now. What was sent must be what the
// caller meant to send: a file may change while it is read.
func (c *Client) checkUp(ctx context.Context, path string, t Transfer, run *transfer) error {
	if t.Marker != "" || run.params.Stru != proto.File || run.params.Type.Text() {
		return nil
	}
	sent := t.Offset + run.n
	if t.Size > 0 && sent != t.Size {
		return &SizeError{Path: path, Got: sent, Want: t.Size, By: "the caller"}
	}
	if t.Check == CheckAnnounced {
		return nil
	}
	got, ok, err := c.sizeNow(ctx, path)
	if err != nil || !ok || got == sent {
		return err
	}
	return &SizeError{Path: path, Got: got, Want: sent, By: "the sender"}
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
