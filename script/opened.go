package script

import (
	"errors"
	"io"
	"os"
	"strconv"
)

// opened are the files that a run's books go to.
type opened struct{ files []*os.File }

// events opens where --events leads: a descriptor that the caller has opened,
// or a file, which begins anew.
func (o *opened) events(dest string) (io.Writer, error) {
	if dest == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(dest, 10, 16)
	if err != nil {
		return o.open(dest, os.O_TRUNC)
	}
	f := os.NewFile(uintptr(n), "descriptor "+dest)
	if f != nil {
		_, err = f.Stat()
	}
	if f == nil || err != nil {
		return nil, flagError("events", errors.New("descriptor "+dest+" is not open"))
	}
	return f, nil
}

// log opens the file of --log, to which every run adds.
func (o *opened) log(name string) (io.Writer, error) {
	if name == "" {
		return nil, nil
	}
	return o.open(name, os.O_APPEND)
}

// open opens a file for writing, made new if need be: for this user's eyes,
// since names of files are in it.
func (o *opened) open(name string, how int) (io.Writer, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o600)
	if err != nil {
		return nil, err
	}
	o.files = append(o.files, f)
	return f, nil
}

func (o *opened) close() error {
	var err error
	for _, f := range o.files {
		err = errors.Join(err, f.Close())
	}
	return err
}
