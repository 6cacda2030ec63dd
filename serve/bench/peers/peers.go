//go:build linux

package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Options say where a server runs and what it serves.
type Options struct {
	Dir    string // scratch: configuration, logs, state; removed by the caller
	Served string // what clients see; owned by Owner, for servers that don't write as root
	Host   string // IPv4 address to listen at
	Port   int
	Ferry  string                       // ferry's program
	Root   string                       // where foreign packages were unpacked, or ""
	Cert   string                       // PEM file of certificate and key; "" for no TLS
	Flags  []string                     // more of them, for ferry
	Digest bool                         // ProFTPD computes checksums
	Rate   int64                        // bytes a second that anonymous, or whoever there is, may download; 0: any
	Wrap   func(args []string) []string // how a command gets into its namespace or group; nil: as it is
}

// Owner is the user and group that servers write as when they give up root.
const Owner = 65534

// Server is one that was started.
type Server struct {
	Name, User, Password string
	Address              string // host:port
	MLSD                 bool   // it has RFC 3659's listing

	cmd  *exec.Cmd
	said string // the file of what it printed
}

// URL names a path, relative to where one is after login.
func (s *Server) URL(path string) string {
	return fmt.Sprintf("ftp://%s:%s@%s/%s", s.User, s.Password, s.Address, path)
}

// PID is the server's first process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Said is what it printed so far.
func (s *Server) Said() string {
	text, err := os.ReadFile(s.said)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Stop ends the server, within two seconds.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	kill := time.AfterFunc(2*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	_ = s.cmd.Wait()
}

// Names are the servers that Start knows, ferry first, but for goftp, which is for
// what it is best at: logins.
func Names() []string { return []string{"ferry", "vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"} }

// Start brings a server up, and returns nil when it is not installed. It does
// not wait until the server listens.
func Start(name string, o Options) (*Server, error) {
	r, ok := recipes()[name]
	if !ok {
		return nil, fmt.Errorf("no server is called %s", name)
	}
	args, err := r.args(o)
	if args == nil || err != nil {
		return nil, err
	}
	if o.Wrap != nil {
		args = o.Wrap(args)
	}
	s := &Server{
		Name: name, User: r.user, Password: r.password, MLSD: name != "vsftpd",
		Address: fmt.Sprintf("%s:%d", o.Host, o.Port), said: o.within(name + ".said"),
		cmd: exec.Command(args[0], args[1:]...),
	}
	if name == "ferry" && o.Rate > 0 {
		s.User = "anonymous"
	}
	s.cmd.Env = append(os.Environ(), "FERRY_PASSWORD="+r.password, "XDG_STATE_HOME="+filepath.Join(o.Dir, "state"))
	said, err := os.Create(s.said)
	if err != nil {
		return nil, err
	}
	defer said.Close()
	s.cmd.Stdout, s.cmd.Stderr = said, said
	return s, s.cmd.Start()
}

// Program finds one of another project, or returns "".
func (o Options) Program(name string) string {
	var dirs []string
	if o.Root != "" {
		dirs = append(dirs, filepath.Join(o.Root, "usr/sbin"), filepath.Join(o.Root, "usr/bin"))
	}
	for _, dir := range append(dirs, "/usr/bin", "/usr/sbin", "/usr/local/bin") {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	return ""
}

func (o Options) write(name string, lines ...string) (string, error) {
	path := filepath.Join(o.Dir, name)
	return path, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// within is the path of something in the scratch directory.
func (o Options) within(name string) string { return filepath.Join(o.Dir, name) }
