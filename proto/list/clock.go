package list

import (
	"strings"
	"time"
)

// clock reads 13:00, 13:00:15 and 13:00:15.123; a failure changes nothing.
func (s *stamp) clock(f string) bool {
	hour, rest, ok := strings.Cut(f, ":")
	minute, second, hasSecond := strings.Cut(rest, ":")
	h, ok1 := small(hour, 2, 0, 23)
	m, ok2 := small(minute, 2, 0, 59)
	if !ok || !ok1 || !ok2 || len(minute) != 2 {
		return false
	}
	exact, sec, nsec := time.Minute, 0, 0
	if hasSecond {
		second, frac, hasFrac := strings.Cut(second, ".")
		var ok3 bool
		if sec, ok3 = small(second, 2, 0, 60); !ok3 || len(second) != 2 {
			return false
		}
		sec, exact = min(sec, 59), time.Second // a leap second is the one before
		if hasFrac {
			if nsec, exact, ok3 = fraction(frac); !ok3 {
				return false
			}
		}
	}
	s.hour, s.min, s.sec, s.nsec, s.exact = h, m, sec, nsec, exact
	return true
}

// fraction reads the digits behind the point of a second.
func fraction(f string) (ns int, exact time.Duration, ok bool) {
	if !digits(f) || len(f) > 9 {
		return 0, 0, false
	}
	exact = time.Second
	for i := 0; i < len(f); i++ {
		exact /= 10
		ns += int(f[i]-'0') * int(exact)
	}
	return ns, exact, true
}

// offset reads +0100.
func (s *stamp) offset(f string) bool {
	if len(f) != 5 || f[0] != '+' && f[0] != '-' {
		return false
	}
	h, ok1 := small(f[1:3], 2, 0, 23)
	m, ok2 := small(f[3:], 2, 0, 59)
	sec := h*3600 + m*60
	if f[0] == '-' {
		sec = -sec
	}
	s.zone = time.FixedZone(f, sec)
	return ok1 && ok2
}

// clock12 reads a clock with or without AM and PM.
func (s *stamp) clock12(f string) bool {
	half := ""
	if n := len(f); n > 2 && (f[n-1]|0x20) == 'm' {
		half, f = strings.ToUpper(f[n-2:]), f[:n-2]
	} else if n > 1 && ((f[n-1]|0x20) == 'a' || (f[n-1]|0x20) == 'p') { // 01:00p
		half, f = strings.ToUpper(f[n-1:])+"M", f[:n-1]
	}
	if !s.clock(f) {
		return false
	}
	if half != "" && (s.hour < 1 || s.hour > 12) {
		return false
	}
	switch half {
	case "":
	case "AM":
		s.hour %= 12
	case "PM":
		s.hour = s.hour%12 + 12
	default:
		return false
	}
	return true
}
