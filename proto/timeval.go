package proto

import (
	"strings"
	"time"
)

// timeVal is RFC 3659 §2.3's time-val, UTC.
const timeVal = "20060102150405"

// FormatTime writes a time-val: UTC, to the second, for years 0 to 9999.
func FormatTime(t time.Time) string { return t.UTC().Format(timeVal) }

// ParseTime reads a time-val with optional fractions of a second and returns
// its precision. A year written as 19100+n (an old bug of many servers) is
// understood as 2000+n.
func ParseTime(s string) (t time.Time, precision time.Duration, err error) {
	s = strings.TrimSpace(s)
	bad := &SyntaxError{What: "time", Text: s}
	whole, frac, hasFrac := strings.Cut(s, ".")
	if len(whole) == len(timeVal)+1 && strings.HasPrefix(whole, "191") {
		whole = "20" + whole[3:]
	}
	if len(whole) != len(timeVal) {
		return time.Time{}, 0, bad
	}
	leap := strings.HasSuffix(whole, "60") // RFC 3659 §2.3: leap seconds
	if leap {
		whole = whole[:len(whole)-2] + "59"
	}
	if t, err = time.ParseInLocation(timeVal, whole, time.UTC); err != nil {
		return time.Time{}, 0, bad
	}
	if leap {
		t = t.Add(time.Second)
	}
	precision = time.Second
	if !hasFrac {
		return t, precision, nil
	}
	if frac == "" || len(frac) > 18 {
		return time.Time{}, 0, bad
	}
	ns := time.Duration(0)
	for i, unit := 0, time.Second/10; i < len(frac); i, unit = i+1, unit/10 {
		if frac[i] < '0' || frac[i] > '9' {
			return time.Time{}, 0, bad
		}
		if unit > 0 {
			ns += time.Duration(frac[i]-'0') * unit
			precision = unit
		}
	}
	return t.Add(ns), precision, nil
}

// appendTime leaves out what time-val can't say.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return b
	}
	return t.AppendFormat(b, timeVal)
}
