package users

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"ferry/proto"
)

// Create makes a users file without users; fs.ErrExist when there is one.
func Create(path string) error {
	text, err := format(nil)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// Add puts in a user with a password. fs.ErrExist when the name is taken.
func (f *File) Add(r Record, pass proto.Secret) error {
	if pass == "" {
		return errEmpty
	}
	r.Password = f.o.Hasher.Hash(pass)
	return f.edit(func(records []Record) ([]Record, error) {
		if find(records, r.Name) >= 0 {
			return nil, fmt.Errorf("user %q: %w", r.Name, fs.ErrExist)
		}
		return append(records, r), nil
	})
}

var errEmpty = errors.New("an empty password is not allowed")

// Passwd sets a password. fs.ErrNotExist when there is no such user.
func (f *File) Passwd(name string, pass proto.Secret) error {
	if pass == "" {
		return errEmpty
	}
	hash := f.o.Hasher.Hash(pass)
	return f.Change(name, func(r *Record) error {
		r.Password = hash
		return nil
	})
}

// Change edits a user's record, with root and home as the file has them.
// fs.ErrNotExist when there is no such user.
func (f *File) Change(name string, change func(*Record) error) error {
	return f.edit(func(records []Record) ([]Record, error) {
		i := find(records, name)
		if i < 0 {
			return nil, fmt.Errorf("user %q: %w", name, fs.ErrNotExist)
		}
		if err := change(&records[i]); err != nil {
			return nil, err
		}
		if at := find(records, records[i].Name); at != i {
			return nil, fmt.Errorf("user %q: %w", records[i].Name, fs.ErrExist)
		}
		return records, nil
	})
}

// Remove takes a user out. fs.ErrNotExist when there is no such user.
func (f *File) Remove(name string) error {
	return f.edit(func(records []Record) ([]Record, error) {
		i := find(records, name)
		if i < 0 {
			return nil, fmt.Errorf("user %q: %w", name, fs.ErrNotExist)
		}
		return slices.Delete(records, i, i+1), nil
	})
}

func find(records []Record, name string) int {
	return slices.IndexFunc(records, func(r Record) bool { return r.Name == name })
}

// edit changes the file as it is now, and not as it was read before; another
// writer, of this process or of another, waits meanwhile. A file that is
// broken is not written.
func (f *File) edit(change func([]Record) ([]Record, error)) error {
	unlock, err := lock(f.path + ".lock")
	if err != nil {
		return fmt.Errorf("users file: %w", err)
	}
	defer unlock()
	now, err := f.read(nil)
	if err != nil {
		return err
	}
	records, err := change(slices.Clone(now.records))
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := r.check(); err != nil {
			return fmt.Errorf("user %q: %w", r.Name, err)
		}
	}
	text, err := format(records)
	if err != nil {
		return err
	}
	if len(text) > maxFile {
		return fmt.Errorf("users file would be larger than %d MiB", maxFile>>20)
	}
	if err := replace(f.path, text); err != nil {
		return fmt.Errorf("users file: %w", err)
	}
	return nil
}

// replace writes a file anew, beside it, and renames: whoever reads sees the
// old or the new one, whole. A link is followed, so that it stays one.
//
// SECURITY: hashes are for the file's owner, and for its group if that could
// read them before; for nobody else, not even for a moment.
func replace(path string, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	old, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text())
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = keepOwner(file, old)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
		return err
	}
	return syncDir(filepath.Dir(path))
}
