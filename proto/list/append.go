package list

import (
	"io/fs"
	"strconv"
	"time"

	"ferry/proto"
)

// recent is how old a file may be for ls to show its hour instead of its
// year: half a mean Gregorian year.
const recent = 31556952 / 2 * time.Second

// ahead is how far in the future a file may be and still be shown with its
// hour. ls allows nothing; a file server's clock may be ahead of ours by a
// moment, and what is being written now is what people look for.
const ahead = time.Minute

// AppendUnix appends one line as `ls -l` writes it, without line end. Times
// are UTC. Links, owner and group that are not known are 1, ftp and ftp; a
// size that is not known is 0; no time is the first day of 1970. A time that
// is not from the last half year has its year in place of its hour.
//
// SECURITY: a name, target, owner or group with a line end in it does not
// become a second line: see Exact.
func AppendUnix(b []byte, e proto.Entry, now time.Time) []byte {
	b = appendMode(b, e)
	b = appendRight(b, int64(max(e.Links, 1)), 5)
	b = append(b, ' ')
	b = appendLeft(b, e.Owner, 8)
	b = append(b, ' ')
	b = appendLeft(b, e.Group, 8)
	b = appendRight(b, max(e.Size, 0), 13)
	b = append(b, ' ')
	b = appendDate(b, e.Modify, now)
	b = append(b, ' ')
	b = AppendName(b, e.Name)
	if e.Kind == proto.Symlink && e.Target != "" {
		b = append(b, " -> "...)
		b = AppendName(b, e.Target)
	}
	return b
}

// AppendName appends a name as NLST sends it, without line end. In a name that
// is not Exact every control character but TAB is written as '?'.
func AppendName(b []byte, name string) []byte {
	start := len(b)
	b = append(b, name...)
	for i := start; i < len(b); i++ {
		if breaking(b[i]) {
			b[i] = '?'
		}
	}
	return b
}

// AppendFacts appends one line of MLSD, without line end; the name is written
// as AppendName writes it.
func AppendFacts(b []byte, e proto.Entry, want []proto.Fact) []byte {
	name := e.Name
	e.Name = ""
	return AppendName(proto.AppendFacts(b, e, want), name)
}

// AppendHeading appends the line that stands above a directory of a recursive
// listing; an empty line comes before it.
func AppendHeading(b []byte, dir string) []byte {
	return append(AppendName(b, dir), ':')
}

// Exact reports whether a listing can carry the name as it is. One that it
// can't is listed with '?' in it, and no client can ask for it by that.
func Exact(name string) bool {
	for i := 0; i < len(name); i++ {
		if breaking(name[i]) {
			return false
		}
	}
	return name != ""
}

// breaking characters end a line, or command the terminal that shows it.
func breaking(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

// appendMode writes the ten letters of ls. Entries without a mode get the
// usual one.
func appendMode(b []byte, e proto.Entry) []byte {
	mode, dir := e.Mode, e.Kind == proto.Directory || e.Kind == proto.CurrentDir || e.Kind == proto.ParentDir
	if !e.HasMode {
		mode = 0o644
		if dir {
			mode = 0o755
		}
	}
	m := [10]byte([]byte("?rwxrwxrwx"))
	m[0] = kindLetter(e, dir)
	for i := range 9 {
		if mode&(1<<(8-i)) == 0 {
			m[i+1] = '-'
		}
	}
	if mode&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0 {
		overlay(&m[3], mode&fs.ModeSetuid, 's')
		overlay(&m[6], mode&fs.ModeSetgid, 's')
		overlay(&m[9], mode&fs.ModeSticky, 't')
	}
	return append(b, m[:]...)
}

// overlay writes a special bit over the x it shares a column with: small where
// there is an x, a capital where not.
func overlay(col *byte, set fs.FileMode, letter byte) {
	if set == 0 {
		return
	}
	if *col == '-' {
		letter -= 'a' - 'A'
	}
	*col = letter
}

func kindLetter(e proto.Entry, dir bool) byte {
	switch {
	case dir:
		return 'd'
	case e.Kind == proto.Symlink:
		return 'l'
	case e.Kind != proto.Special:
		return '-'
	case e.Mode&fs.ModeCharDevice != 0:
		return 'c'
	case e.Mode&fs.ModeDevice != 0:
		return 'b'
	case e.Mode&fs.ModeSocket != 0:
		return 's'
	}
	return 'p'
}

const blanks = "                "

// appendRight writes n right-aligned, with at least one blank before it.
func appendRight(b []byte, n int64, width int) []byte {
	var digits [20]byte
	s := strconv.AppendInt(digits[:0], n, 10)
	b = append(b, blanks[:max(width-len(s), 1)]...)
	return append(b, s...)
}

// appendLeft writes an owner or group as one field.
func appendLeft(b []byte, s string, width int) []byte {
	if s == "" {
		s = "ftp"
	}
	start := len(b)
	b = append(b, s...)
	for i := start; i < len(b); i++ {
		if b[i] <= ' ' || b[i] == 0x7f {
			b[i] = '_'
		}
	}
	return append(b, blanks[:max(width-len(s), 0)]...)
}

// appendDate writes "Nov 22 13:00" or "Nov 22  2025", by ls's rule.
func appendDate(b []byte, t, now time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if t.IsZero() || year < 0 || year > 9999 {
		year, month, day = 1970, time.January, 1
	}
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	b = append(b, names[3*month-3:3*month]...)
	b = append(b, ' ', tens(day, ' '), units(day), ' ')
	if age := now.Sub(t); age <= recent && age >= -ahead {
		hour, minute, _ := t.Clock()
		return append(b, tens(hour, '0'), units(hour), ':', tens(minute, '0'), units(minute))
	}
	return append(b, ' ', units(year/1000), units(year/100), units(year/10), units(year))
}

func tens(n int, none byte) byte {
	if n < 10 {
		return none
	}
	return units(n / 10)
}

func units(n int) byte { return byte('0' + n%10) }
