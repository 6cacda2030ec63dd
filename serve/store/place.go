package store

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

// place is where a file is or will be: its directory, held open, and its name
// there. What is done by the directory stays in it, though somebody moves it.
type place struct {
	dir  *os.Root
	path string // of the directory below the store's root: a key, never opened
	base string
}

func (p place) close() { p.dir.Close() }

// place opens the directory of rel. The "/." makes the system insist that it
// is one: a named pipe would hold us until somebody writes to it.
func (d *Disk) place(rel string) (place, error) {
	parent, base := split(rel)
	if base == "" || base == "." || base == ".." {
		return place{}, ErrIsDir
	}
	dir, err := d.root.OpenRoot(parent + "/.")
	if err != nil {
		return place{}, err
	}
	return place{dir: dir, path: parent, base: base}, nil
}

// site opens the directory of what an upload to rel writes, and tells what is
// there: nil, nothing. With Deny it is fs.ErrExist if anything is. Where the last
// element is no symbolic link, the path is walked only once.
func (d *Disk) site(rel string, on Overwrite) (place, fs.FileInfo, error) {
	p, err := d.place(rel)
	if err != nil {
		return place{}, nil, err
	}
	old, err := p.dir.Lstat(p.base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, nil, nil
	case err == nil && on == Deny:
		err = fs.ErrExist
	case err == nil && old.Mode().Type() != fs.ModeSymlink:
		return p, old, nil
	}
	p.close()
	if err == nil {
		rel, old, err = d.resolve(rel)
	}
	if err == nil {
		p, err = d.place(rel)
	}
	if err != nil {
		return place{}, nil, err
	}
	return p, old, nil
}

// split cuts at the last slash. It leaves dots alone, as path.Split does not
// when it cleans: "link/../x" is not "x".
func split(rel string) (parent, base string) {
	if i := strings.LastIndexAny(rel, separators); i >= 0 {
		return rel[:i], rel[i+1:]
	}
	return ".", rel
}

// resolve follows the symbolic links at the end of rel, so that an upload
// replaces what a link leads to and not the link. info is nil when nothing is
// there. os.Root is still the wall: each step is a path below the root.
func (d *Disk) resolve(rel string) (string, fs.FileInfo, error) {
	for range maxLinks {
		info, err := d.root.Lstat(rel)
		if errors.Is(err, fs.ErrNotExist) {
			return rel, nil, nil
		}
		if err != nil {
			return "", nil, err
		}
		if info.Mode().Type() != fs.ModeSymlink {
			return rel, info, nil
		}
		target, err := d.root.Readlink(rel)
		if err != nil {
			return "", nil, err
		}
		if target == "" || os.IsPathSeparator(target[0]) || path.IsAbs(target) {
			return "", nil, ErrEscape
		}
		parent, _ := split(rel)
		rel = parent + "/" + target
	}
	return "", nil, fs.ErrNotExist
}
