package list

import (
	"io/fs"

	"ferry/proto"
)

// kindOf reads the first letter of a mode. Doors, ports, whiteouts and
// whatever else a Unix has are Special.
func kindOf(c byte) (proto.Kind, bool) {
	switch c {
	case '-', 'F', 'f', 'C', 'M':
		return proto.RegularFile, true // C: contiguous data, M: migrated to tape
	case 'd':
		return proto.Directory, true
	case 'l':
		return proto.Symlink, true
	case 'b', 'c', 'p', 's', 'D', 'P', 'n', 'w', 'm':
		return proto.Special, true
	}
	return 0, false
}

// modeBits reads the nine letters rwxr-xr-x.
func modeBits(s string) (fs.FileMode, bool) {
	if len(s) != 9 {
		return 0, false
	}
	var mode fs.FileMode
	for i := range 9 {
		bit := fs.FileMode(1) << (8 - i)
		switch {
		case s[i] == '-':
		case s[i] == "rwx"[i%3]:
			mode |= bit
		case i%3 == 2:
			special, x, ok := specialBit(i, s[i])
			if !ok {
				return 0, false
			}
			mode |= special
			if x {
				mode |= bit
			}
		default:
			return 0, false
		}
	}
	return mode, true
}

// specialBit reads s, S, t, T and l (mandatory locking, SunOS) in an x column.
func specialBit(col int, c byte) (bit fs.FileMode, x, ok bool) {
	switch {
	case col == 2 && (c == 's' || c == 'S'):
		return fs.ModeSetuid, c == 's', true
	case col == 5 && (c == 's' || c == 'S' || c == 'l' || c == 'L'):
		return fs.ModeSetgid, c == 's', true
	case col == 8 && (c == 't' || c == 'T'):
		return fs.ModeSticky, c == 't', true
	}
	return 0, false, false
}
