package serve

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// ACME is how a daemon gets certificates from an authority by itself: RFC 8555.
// acme.go does it, in binaries that are built with -tags acme.
type ACME struct {
	Names     []string // of this server; none: no ACME
	Email     string   // where the authority may write to
	Directory string   // URL of the authority; "": Let's Encrypt
	Root      string   // PEM file of who signed the authority's own certificate; "": the system's roots
	Dir       string   // what is kept; "": acme in the state directory
	HTTP      string   // where challenges are answered; "": port 80
}

func (a ACME) on() bool { return len(a.Names) > 0 }

// check refuses what can't be meant.
func (a ACME) check(d Daemon) error {
	switch {
	case !a.on():
		return nil
	case d.TLS.Policy == TLSOff:
		return &UsageError{errors.New("serve: --acme needs TLS, and --tls is off"), "leave --tls off out"}
	case len(d.TLS.Pairs) > 0:
		return &UsageError{errors.New("serve: --acme and --cert: one of them is enough"), "leave one of them out"}
	case d.NoState && a.Dir == "":
		return &UsageError{errors.New("serve: --acme keeps its certificates, and --no-state nothing"), "--acme-dir DIR names a place for them"}
	}
	return nil
}

// place makes the directory that is kept, for the user that the process is
// going to be: renewals come after root was given up.
func (a ACME) place(d Daemon) (string, error) {
	dir := a.Dir
	if dir == "" {
		state, err := stateDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(state, "acme")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if id, err := d.identity(); err == nil && id.uid > 0 && os.Geteuid() == 0 && (d.RunAs != "" || d.Confine != Unconfined) {
		return dir, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, id.uid, id.gid)
		})
	}
	return dir, nil
}

var errNoACME = &UsageError{errors.New("serve: --acme: this ferry was built without it"), "go build -tags acme makes one that has it; --cert FILE shows a certificate that another program renews"}
