package script

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/jdx/go-netrc"

	"ferry/proto"
	"ferry/proto/client"
)

// netrcLogin is what ~/.netrc knows of a host; user, if not "", must be the
// one it names. found is false when there is nothing for the host.
func (st *State) netrcLogin(host, user string) (who client.Credentials, found bool, err error) {
	path := st.netrcPath()
	info, err := os.Stat(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || path == "" {
			return who, false, nil
		}
		return who, false, err
	}
	who, found, err = readNetrc(path, host)
	if err != nil || !found || user != "" && who.User != user {
		return client.Credentials{}, false, err
	}
	// SECURITY: as ftp(1), we don't use a password that others can read.
	if who.Pass != "" && who.User != anonymous && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return client.Credentials{}, false, &StateError{
			What: path + " can be read by others", Hint: "chmod 600 " + path, code: exitLogin,
		}
	}
	return who, true, nil
}

// readNetrc looks the host up; the entry called default serves for all others.
// A file that the reader can't cope with is an error, not a crash.
func readNetrc(path, host string) (who client.Credentials, found bool, err error) {
	defer func() {
		if recover() != nil { // go-netrc indexes behind the end of a cut file
			who, found, err = client.Credentials{}, false, errors.New(path+": not a netrc file")
		}
	}()
	n, err := netrc.Parse(path)
	if err != nil {
		return who, false, err
	}
	m := n.Machine(host)
	if m == nil || m.IsDefault {
		m = nil
		for _, other := range n.Machines() {
			if other.IsDefault {
				m = other
			}
		}
	}
	if m == nil || m.Get("login") == "" {
		return who, false, nil
	}
	return client.Credentials{
		User:    m.Get("login"),
		Pass:    proto.Secret(m.Get("password")),
		Account: proto.Secret(m.Get("account")),
	}, true, nil
}

func (st *State) netrcPath() string {
	if st.cfg.Netrc != "" {
		return st.cfg.Netrc
	}
	if p, ok := st.env("NETRC"); ok {
		return p
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	for _, name := range []string{".netrc", "_netrc"} {
		if p := filepath.Join(home, name); exists(p) {
			return p
		}
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
