package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
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

// Classify returns the error of this package or of io/fs that an error of the
// system stands for: what a copy straight to an OSFile returns may be the
// system's. Other errors come back as they are.
//
// SECURITY: the result of a classified error holds no path of the host.
func Classify(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	if class := classOf(errno); class != nil {
		return class
	}
	switch {
	case errors.Is(errno, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(errno, fs.ErrExist):
		return fs.ErrExist
	case errors.Is(errno, fs.ErrPermission):
		return fs.ErrPermission
	}
	return errno
}

// fail is the error that a method returns: what was tried, the client's name
// for it, and the class.
func (d *Disk) fail(op, name string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch {
	case errors.Is(err, d.escapes):
		err = ErrEscape
	case errors.Is(err, syscall.EINVAL): // of calls that take a name
		err = ErrName
	}
	return pathError(op, name, Classify(err))
}

func pathError(op, name string, err error) error {
	if inner, ok := err.(*fs.PathError); ok {
		err = inner.Err
	}
	if inner, ok := err.(*os.LinkError); ok {
		err = inner.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// escapeError is the unexported error by which os.Root refuses a path.
func escapeError(r *os.Root) error {
	_, err := r.Lstat("..")
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return ErrEscape
}
