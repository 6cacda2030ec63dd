package store

import "golang.org/x/sys/windows"

// free asks the volume of the root.
func (d *Disk) free() (int64, error) {
	dir, err := windows.UTF16PtrFromString(d.base)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(dir, &free, nil, nil); err != nil {
		return 0, err
	}
	return int64(free), nil
}
