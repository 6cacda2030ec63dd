package data

import (
	"strconv"

	"ferry/proto"
)

// FormatMarker writes our restart marker for a position in our file: the
// number of bytes before it, in decimal digits. RFC 959 §3.5: it has meaning
// only to the one that made it.
func FormatMarker(at int64) string { return strconv.FormatInt(at, 10) }

// ParseMarker reads a marker that FormatMarker wrote. All else, and what is
// below zero or at 2^63 and above, is a *proto.SyntaxError.
func ParseMarker(marker string) (at int64, err error) {
	n, err := strconv.ParseUint(marker, 10, 63)
	if err != nil {
		return 0, &proto.SyntaxError{What: "restart marker", Text: marker}
	}
	return int64(n), nil
}
