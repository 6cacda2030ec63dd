package serve

import (
	"path"
	"strings"
)

// resolve turns what a client sent into a rooted, clean path: "..", ".", "//"
// and a trailing slash are gone, and ".." at the root stays there.
//
// SECURITY: this is tidiness and the first wall against path traversal; the
// last is the store's (os.Root). There is no other way from an argument to a
// path, so that no two commands can disagree about one.
func resolve(cwd, arg string) (string, error) {
	if !strings.HasPrefix(arg, "/") {
		arg = cwd + "/" + arg
	}
	p := path.Clean("/" + arg)
	if len(p) > maxPath {
		return "", refuse(nameRefused, "Path too long.")
	}
	if hasControl(p) {
		return "", refuse(nameRefused, "Control characters are not allowed in names.")
	}
	return p, nil
}

// hasControl reports control characters of ASCII. Bytes above 0x7f are left
// alone: names have no fixed encoding.
func hasControl(p string) bool {
	for i := 0; i < len(p); i++ {
		if p[i] < ' ' || p[i] == 0x7f {
			return true
		}
	}
	return false
}
