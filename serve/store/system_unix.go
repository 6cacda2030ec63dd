//go:build linux || darwin || freebsd

package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ferry/proto"
)

// closeFirst: an open file can be renamed here.
const closeFirst = false

// separators of path elements.
const separators = "/"

// Flags beyond those of os.
const (
	openNonblock = unix.O_NONBLOCK
	openDir      = unix.O_DIRECTORY | unix.O_NONBLOCK
)

// localize turns a slash-separated path into the system's: the same bytes.
func localize(rel string) (string, error) { return rel, nil }

// systemFacts adds what io/fs does not tell.
func systemFacts(e *proto.Entry, info fs.FileInfo) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		var l looker
		l.facts(e, uint64(st.Dev), uint64(st.Ino), uint64(st.Nlink), st.Uid, st.Gid)
	}
}

// identity is a file's, whatever its name.
func identity(info fs.FileInfo, otherwise fileID) fileID {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return fileID{dev: uint64(st.Dev), ino: uint64(st.Ino)}
	}
	return otherwise
}

// shared reports a file with more than one name.
func shared(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 1
}

// inherit gives f the mode and, as far as the system lets us, the owner of the
// file that it replaces.
//
// SECURITY: setuid, setgid and sticky are not passed on to other bytes. When
// the group can't be kept, its rights are not given to another group.
func inherit(f *os.File, old fs.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	perm := old.Mode().Perm()
	was, ok1 := old.Sys().(*syscall.Stat_t)
	is, ok2 := info.Sys().(*syscall.Stat_t)
	if ok1 && ok2 && (was.Uid != is.Uid || was.Gid != is.Gid) {
		if f.Chown(int(was.Uid), int(was.Gid)) != nil && f.Chown(-1, int(was.Gid)) != nil {
			perm &^= 0o070
		}
	}
	if info.Mode().Perm() == perm {
		return nil
	}
	return f.Chmod(perm)
}

// lock takes the file for this open description until it is closed; false
// when another upload has it, of this process or of another. File systems
// without locks say yes: then only this process keeps its own uploads apart.
func lock(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err != nil {
		return false
	}
	var lerr error
	if err := raw.Control(func(fd uintptr) { lerr = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) }); err != nil {
		return false
	}
	return !errors.Is(lerr, unix.EWOULDBLOCK)
}

// settle makes a network file system tell now what it would tell at the close:
// it closes a second descriptor of the file.
func settle(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var serr error
	err = raw.Control(func(fd uintptr) {
		var second int
		if second, serr = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); serr == nil {
			serr = unix.Close(second)
		}
	})
	if err != nil {
		return err
	}
	return serr
}

// extent finds the first bytes at or behind offset that are no hole.
func extent(f *os.File, offset, size int64) (start, end int64, err error) {
	start, err = f.Seek(offset, unix.SEEK_DATA)
	switch {
	case errors.Is(err, unix.ENXIO):
		return 0, 0, io.EOF
	case err != nil: // the file system does not know holes
		return offset, size, nil
	}
	if end, err = f.Seek(start, unix.SEEK_HOLE); err != nil {
		end = size
	}
	return start, end, nil
}

// free asks the file system of the root.
func (d *Disk) free() (int64, error) {
	dir, err := d.root.Open(".")
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &st); err != nil {
		return 0, err
	}
	return int64(st.Bavail) * int64(st.Bsize), nil
}

// names are entries of a directory that nothing was asked about yet.
type names = []string

// readNames returns the next n names of a directory; io.EOF at its end.
func readNames(dir *os.File, n int) (names, error) { return dir.Readdirnames(n) }

// look appends what the entries of a directory are. Each is looked at by the
// directory's descriptor: no path is walked, and no entry that can't be looked at
// spoils the rest. One that has vanished meanwhile is passed over.
func look(entries []proto.Entry, dir *os.File, all names) ([]proto.Entry, error) {
	raw, err := dir.SyscallConn()
	if err != nil {
		return entries, err
	}
	var l looker
	err = raw.Control(func(fd uintptr) {
		for _, name := range all {
			if e, ok := l.entryAt(int(fd), name); ok {
				entries = append(entries, e)
			}
		}
	})
	return entries, err
}

// looker remembers the words of the last entry: those of the next are mostly
// the same.
type looker struct {
	uid, gid     uint32
	owner, group string
	unique       []byte
}

// entryAt is false when the entry is not there.
func (l *looker) entryAt(dir int, name string) (proto.Entry, bool) {
	var st unix.Stat_t
	switch err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW); {
	case errors.Is(err, unix.ENOENT):
		return proto.Entry{}, false
	case err != nil: // it is there, though nothing more is known
		return proto.Entry{Name: name, Size: proto.NoSize}, true
	}
	e := proto.Entry{
		Name:      name,
		Kind:      statKind(uint32(st.Mode)),
		Size:      st.Size,
		Modify:    time.Unix(st.Mtim.Unix()),
		Precision: time.Nanosecond,
		Mode:      fs.FileMode(st.Mode) & fs.ModePerm,
		HasMode:   true,
	}
	l.facts(&e, uint64(st.Dev), st.Ino, uint64(st.Nlink), st.Uid, st.Gid)
	return e, true
}

// facts adds what io/fs does not tell. Users and groups are numbers: the
// host's names are not the client's business.
func (l *looker) facts(e *proto.Entry, dev, ino, links uint64, uid, gid uint32) {
	if l.owner == "" || uid != l.uid {
		l.uid, l.owner = uid, strconv.FormatUint(uint64(uid), 10)
	}
	if l.group == "" || gid != l.gid {
		l.gid, l.group = gid, strconv.FormatUint(uint64(gid), 10)
	}
	e.Links, e.Owner, e.Group = int(links), l.owner, l.group
	l.unique = append(strconv.AppendUint(l.unique[:0], dev, 16), '.')
	l.unique = strconv.AppendUint(l.unique, ino, 16)
	e.Unique = string(l.unique)
}

func statKind(mode uint32) proto.Kind {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return proto.RegularFile
	case unix.S_IFDIR:
		return proto.Directory
	case unix.S_IFLNK:
		return proto.Symlink
	}
	return proto.Special
}
