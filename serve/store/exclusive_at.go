//go:build linux || darwin

package store

import "os"

// between calls rename with the directories of both names.
func between(root *os.Root, from, to string, rename func(a int, old string, b int, name string) error) error {
	fromDir, old := split(from)
	toDir, name := split(to)
	a, err := root.OpenFile(fromDir+"/.", os.O_RDONLY|openDir, 0)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := root.OpenFile(toDir+"/.", os.O_RDONLY|openDir, 0)
	if err != nil {
		return err
	}
	defer b.Close()
	return rename(int(a.Fd()), old, int(b.Fd()), name)
}
