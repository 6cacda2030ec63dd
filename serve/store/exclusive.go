package store

import (
	"errors"
	"io/fs"
	"os"
)

// moveExclusive renames and never replaces: fs.ErrExist when the new name is
// taken, by whomever and however lately. os.Root.Rename replaces.
func moveExclusive(root *os.Root, from, to string) error {
	err := renameNoReplace(root, from, to)
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	info, err := root.Lstat(from)
	if err != nil {
		return err
	}
	if info.IsDir() { // os.Root lets a directory replace nothing
		return root.Rename(from, to)
	}
	err = root.Link(from, to)
	if errors.Is(err, fs.ErrExist) {
		return fs.ErrExist
	}
	if err != nil {
		return moveReserved(root, from, to)
	}
	if err := root.Remove(from); err != nil {
		root.Remove(to)
		return err
	}
	return nil
}

// moveReserved is for file systems without links: an empty file takes the
// name, exclusively, and is then replaced.
func moveReserved(root *os.Root, from, to string) error {
	f, err := root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	f.Close()
	if err := root.Rename(from, to); err != nil {
		root.Remove(to)
		return err
	}
	return nil
}
