//go:build !(linux || darwin || freebsd || windows)

package store

import (
	"io/fs"

	"ferry/proto"
)

// systemFacts: io/fs tells all that is known here.
func systemFacts(*proto.Entry, fs.FileInfo) {}
