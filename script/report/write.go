package report

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// WriteFile writes the document to a file: JUnit's form when its name ends in
// .xml, else JSON. The file is replaced whole, or stays as it was.
func (r *Report) WriteFile(name string) error {
	form := r.JSON
	if strings.EqualFold(filepath.Ext(name), ".xml") {
		form = r.JUnit
	}
	// SECURITY: a device or a pipe is written to, and never replaced: by root,
	// --report /dev/null would take it away from the whole machine.
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(form(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".ferry-*.report")
	if err != nil {
		return err
	}
	err = errors.Join(fill(f, form), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// fill writes the document, and sees it to the disk: the report of a run
// should not be what a power cut takes. Others may read it, as any new file.
func fill(f *os.File, form func(io.Writer) error) error {
	w := bufio.NewWriter(f)
	if err := errors.Join(form(w), w.Flush()); err != nil {
		return err
	}
	if err := f.Chmod(reportMode); err != nil {
		return err
	}
	return f.Sync()
}

// reportMode is what CI's collectors need: they run as other users.
const reportMode = 0o644
