package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ferry/proto"
)

// errWhole: the server was asked for the sum of a part, and computed that of
// the whole file.
var errWhole = fmt.Errorf("sum of a part of a file: %w", errors.ErrUnsupported)

// hashPart is HASH behind RANG, draft-bryan-ftp-range. The reply has to tell
// the part: ProFTPD's HASH takes no notice of RANG, and keeps it for the next
// RETR, which then is cut.
func (c *Client) hashPart(ctx context.Context, path string, d dialect, offset, length int64) (Sum, error) {
	if err := c.hashBy(ctx, d); err != nil {
		return Sum{}, err
	}
	end, err := c.partEnd(ctx, path, offset, length)
	if err != nil {
		return Sum{}, err
	}
	end-- // RANG counts the last byte in
	cmd := proto.Cmd("RANG", strconv.FormatInt(offset, 10), strconv.FormatInt(end, 10))
	if r, err := c.do(ctx, cmd); err != nil {
		return Sum{}, err
	} else if r.Code.Class() != proto.More {
		return Sum{}, &proto.ReplyError{Command: cmd, Reply: r}
	}
	r, err := c.done(ctx, "HASH", name(path))
	if told := toldPart(r, path); err == nil && !told.is(offset, end) {
		c.in.wholeHash = true
		err = errWhole
	}
	if err != nil {
		return Sum{}, errors.Join(err, c.noRange(ctx))
	}
	return sum(r, path, d)
}

// partEnd is the byte behind the part. Neither RANG nor the X commands of
// ProFTPD have a word for "to the end".
func (c *Client) partEnd(ctx context.Context, path string, offset, length int64) (int64, error) {
	if length > 0 {
		return offset + length, nil
	}
	return c.Size(ctx, path)
}

// noRange takes a RANG back that may not have been used up.
func (c *Client) noRange(ctx context.Context) error {
	if c.Broken() {
		return nil
	}
	_, err := c.try(ctx, proto.Cmd("RANG", "1", "0"))
	return err
}

// part is what a reply to HASH says of the bytes that it summed up: first and
// last. A last of -2 is none.
type part struct{ first, last int64 }

// is reports whether the part is the one asked for. The draft counts the last
// byte in, ProFTPD does not.
func (p part) is(first, last int64) bool {
	return p.first == first && (p.last == last || p.last == last+1)
}

// toldPart reads the part from "SHA-1 0-999 <hex> name".
func toldPart(r proto.Reply, path string) part {
	for word := range strings.FieldsSeq(withoutName(r.Text(), path)) {
		a, b, ok := strings.Cut(word, "-")
		first, ferr := strconv.ParseInt(a, 10, 64)
		last, lerr := strconv.ParseInt(b, 10, 64)
		if ok && ferr == nil && lerr == nil && first >= 0 && last >= 0 {
			return part{first, last}
		}
	}
	return part{last: -2}
}
