package store

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"ferry/proto"
)

const canCreateTimes = true

// setCreateTime works for files; a directory can't be opened for writing.
func setCreateTime(root *os.Root, rel string, t time.Time) error {
	f, err := root.OpenFile(rel, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	at := syscall.NsecToFiletime(t.UnixNano())
	return syscall.SetFileTime(syscall.Handle(f.Fd()), &at, nil, nil)
}

// systemFacts adds what io/fs does not tell.
func systemFacts(e *proto.Entry, info fs.FileInfo) {
	if d, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		e.Create = time.Unix(0, d.CreationTime.Nanoseconds())
	}
}
