package users

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseSize reads a number of bytes: 1048576, 1024K, 1M. K, M, G and T are
// powers of 1024.
func ParseSize(word string) (int64, error) {
	digits, shift := word, 0
	if n := len(word); n > 0 {
		if i := strings.IndexByte("KMGT", word[n-1]&^0x20); i >= 0 && word[n-1] >= 'A' {
			digits, shift = word[:n-1], 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("%q: want a number of bytes, as in 4096, 512K, 10G", word)
	}
	return n << shift, nil
}

// FormatSize is the shortest form that ParseSize reads.
func FormatSize(n int64) string {
	unit := 0
	for n != 0 && n%1024 == 0 && unit < 4 {
		n /= 1024
		unit++
	}
	return strconv.FormatInt(n, 10) + []string{"", "K", "M", "G", "T"}[unit]
}
