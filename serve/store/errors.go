package store

import (
	"errors"
	"fmt"
	"io/fs"
)

// Errors of stores, beside fs.ErrNotExist, fs.ErrExist, fs.ErrPermission and
// errors.ErrUnsupported. They come wrapped in *fs.PathError.
var (
	ErrNoSpace     = errors.New("no space left")
	ErrQuota       = errors.New("quota exceeded")
	ErrName        = errors.New("name not allowed")
	ErrNotDir      = errors.New("not a directory")
	ErrIsDir       = errors.New("is a directory")
	ErrNotEmpty    = errors.New("directory not empty")
	ErrBusy        = errors.New("in use by a transfer")
	ErrOffset      = errors.New("offset is beyond the end of the file")
	ErrCrossDevice = errors.New("target is on another file system")

	// These two are kinds of fs.ErrPermission.
	ErrNotRegular = fmt.Errorf("not a regular file: %w", fs.ErrPermission)
	ErrEscape     = fmt.Errorf("leads out of the root: %w", fs.ErrPermission)
)
