package list

import "fmt"

// HumanSize is a number of bytes for people: 999, 1.5K, 23M.
func HumanSize(n int64) string {
	if n < 1024 {
		return fmt.Sprint(n)
	}
	f, units := float64(n), "KMGTPE"
	i := -1
	for f >= 1023.5 && i+1 < len(units) {
		f /= 1024
		i++
	}
	if f < 9.95 {
		return fmt.Sprintf("%.1f%c", f, units[i])
	}
	return fmt.Sprintf("%.0f%c", f, units[i])
}

// Amount is HumanSize with a unit always: 1 byte, 999 bytes, 1.5K.
func Amount(n int64) string {
	if n < 1024 {
		return InBytes(n)
	}
	return HumanSize(n)
}

// InBytes is a number of bytes to the last one: 1 byte, 1536 bytes.
func InBytes(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// Count is a number of things: 1 file, 2 files.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Bytes is a number of bytes to the last one, and as people read it where it
// is large: 999 bytes, 1536 bytes (1.5K).
func Bytes(n int64) string {
	if n < 1024 {
		return InBytes(n)
	}
	return fmt.Sprintf("%s (%s)", InBytes(n), HumanSize(n))
}
