package bulk

import (
	"errors"

	"golang.org/x/sys/windows"
)

// freeSpace is how many bytes this user may still write below dir.
func freeSpace(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	return int64(free), err
}

func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

// syncDir has nothing to do: NTFS journals renames.
func syncDir(string) error { return nil }

// errNoDevice is what deviceOf says.
var errNoDevice = errors.New("the system doesn't tell")

// deviceOf can't tell volumes that are mounted in directories apart.
func deviceOf(string) (uint64, error) { return 0, errNoDevice }
