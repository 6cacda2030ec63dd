package store

import (
	"crypto/sha256"
	"encoding/base32"
	"path"
	"strconv"
	"strings"
)

// Names of temporaries: .ferry-<key>-<slot>.part, where the key stands for
// owner and target. What a broken upload left is thus found without reading
// the directory, however large it is.
const (
	partPrefix = ".ferry-"
	partSuffix = ".part"
)

// check refuses names that no client may use.
//
// SECURITY: the one place that every name passes. Rooted and clean means that
// no ".." is left; os.Root is the wall behind it. NUL would end the name for
// the system, but not for us; ferry's temporaries are nobody's to touch.
func check(name string) error {
	if name == "" || name[0] != '/' || strings.IndexByte(name, 0) >= 0 || path.Clean(name) != name {
		return ErrName
	}
	for part := range strings.SplitSeq(name[1:], "/") {
		if reserved(part) {
			return ErrName
		}
	}
	return nil
}

// reserved reports whether one path element is, or on some system would be
// taken for, a temporary: case and trailing dots or blanks don't count.
func reserved(element string) bool {
	if len(element) < len(partPrefix)+len(partSuffix) || !strings.EqualFold(element[:len(partPrefix)], partPrefix) {
		return false
	}
	element = strings.TrimRight(element, ". ")
	tail := max(0, len(element)-len(partSuffix))
	return strings.EqualFold(element[tail:], partSuffix)
}

// unspeakable reports a name that no command line can carry. RFC 959 §5.3.2:
// a pathname holds no CR and no LF.
func unspeakable(element string) bool { return strings.ContainsAny(element, "\r\n") }

// partKey is the beginning of the names of all parts of one target by one owner.
func partKey(owner, base string) string {
	sum := sha256.Sum256([]byte(owner + "\x00" + base))
	return partPrefix + strings.ToLower(base32.HexEncoding.EncodeToString(sum[:10])) + "-"
}

func partName(key string, slot int) string { return key + strconv.Itoa(slot) + partSuffix }
