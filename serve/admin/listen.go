package admin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Suffixes of the files in Dir: a Unix socket, or where a port is and the word
// that opens it.
const (
	socketSuffix = ".sock"
	portSuffix   = ".port"
)

// Dir is where the sockets of one state directory are.
func Dir(state string) string { return filepath.Join(state, "ctl") }

// Listener is a control socket.
type Listener struct {
	net.Listener
	Path string // of the socket, or of the file that tells of the port
	Name string // that ctl calls this server by

	token string // "": a Unix socket
}

// Listen opens the control socket of a server, called by the port that it
// serves, and by its process as well where another server has that name. Stale
// sockets make room.
//
// SECURITY: the directory is its owner's alone before there is a socket in it,
// so that nobody comes in between bind and chmod.
func Listen(dir, port string) (*Listener, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, err
	}
	left, _ := filepath.Glob(filepath.Join(dir, port+"-*"+suffix())) // the pattern is no bad one
	for _, path := range left {
		taken(path)
	}
	for _, name := range []string{port, fmt.Sprintf("%s-%d", port, os.Getpid())} {
		path := filepath.Join(dir, name+suffix())
		if taken(path) {
			continue
		}
		l, err := ListenAt(path)
		if err == nil {
			l.Name = name
		}
		return l, err
	}
	return nil, errors.New("two servers of this process have the same port")
}

func suffix() string {
	if runtime.GOOS == "windows" {
		return portSuffix
	}
	return socketSuffix
}

// taken reports whether a server answers there; one that doesn't is cleared away.
func taken(path string) bool {
	if _, err := os.Lstat(path); err != nil {
		return false
	}
	if c, err := Dial(path); err == nil {
		c.Close()
		return true
	}
	return os.Remove(path) != nil
}

// ListenAt opens a control socket at a path.
func ListenAt(path string) (*Listener, error) {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if strings.HasSuffix(path, portSuffix) {
		l, err := listenPort(path)
		if err == nil {
			l.Name = name
		}
		return l, err
	}
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("%s: the name of a socket has at most %d bytes", path, maxSocketPath)
	}
	ln, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && abandoned(path) && Clear(path) == nil {
		ln, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, err
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // a successor may have the path by then
	}
	made, err := os.Lstat(path)
	if err != nil {
		ln.Close()
		return nil, err
	}
	return &Listener{Listener: &owned{ln, os.Getuid(), path, made}, Path: path, Name: name}, nil
}

// abandoned reports whether a socket's server has died and left it behind.
func abandoned(path string) bool {
	nc, err := net.Dial("unix", path)
	if err == nil {
		nc.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// Take is a control socket that somebody else has opened, at path, and will clear
// away.
func Take(ln net.Listener, path string) *Listener {
	name := strings.TrimSuffix(filepath.Base(path), socketSuffix)
	return &Listener{Listener: &owned{Listener: ln, owner: os.Getuid(), path: path}, Path: path, Name: name}
}

// Beside is where the server at path is found when it has been replaced.
func Beside(path string, pid int) string {
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), pid, ext)
}

// HandOver is the socket for another process, which is to be its only owner. The
// file stays.
func (l *Listener) HandOver() (*os.File, error) {
	f, err := l.File()
	if o, ok := l.Listener.(*owned); ok {
		err = errors.Join(err, o.Listener.Close())
	}
	return f, err
}

// File is a second descriptor, for another process.
func (l *Listener) File() (*os.File, error) {
	if o, ok := l.Listener.(*owned); ok {
		if f, ok := o.Listener.(interface{ File() (*os.File, error) }); ok {
			return f.File()
		}
	}
	return nil, errors.ErrUnsupported
}

// Clear takes the path of a server that has ended. It removes nothing but a
// socket.
func Clear(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode().Type() != os.ModeSocket {
		return fmt.Errorf("%s is no socket", path)
	}
	return os.Remove(path)
}

// owned is a socket that lets in its owner, the server's own user and root.
//
// SECURITY: the mode of the file says so already; not everywhere is it asked
// (old BSDs), and directories get copied and chmodded.
type owned struct {
	net.Listener
	owner int // who made it, before privileges were given up
	path  string
	made  os.FileInfo // the file at path, then
}

// Close removes the file, unless it is somebody else's by now.
func (o *owned) Close() error {
	err := o.Listener.Close()
	if now, lerr := os.Lstat(o.path); lerr == nil && os.SameFile(now, o.made) {
		_ = os.Remove(o.path) // it may be out of reach now: it is cleared away at the next start
	}
	return err
}

func (o *owned) Accept() (net.Conn, error) {
	for {
		nc, err := o.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, known := peerUID(nc)
		if !known || mayControl(uid, o.owner) {
			return nc, nil
		}
		nc.Close()
	}
}

func mayControl(uid, owner int) bool { return uid == 0 || uid == owner || uid == os.Geteuid() }

// portFile is what stands in the file of a port.
type portFile struct{ Address, Token string }

// listenPort is the control socket where there are no Unix sockets that know
// who connects: whoever can read the file may come in.
func listenPort(path string) (*Listener, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	token := rand.Text()
	text, err := json.Marshal(portFile{ln.Addr().String(), token})
	if err == nil {
		err = writePrivate(path, text)
	}
	if err != nil {
		ln.Close()
		return nil, err
	}
	return &Listener{Listener: ln, Path: path, token: token}, nil
}

// writePrivate writes a file that nobody else ever could read.
func writePrivate(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(f.Chmod(0o600), nil)
	if _, werr := f.Write(text); err == nil {
		err = werr
	}
	return errors.Join(err, f.Close())
}

// Guarded is what the listener wants from whoever comes: nothing on a Unix
// socket, the token on a port.
//
// SECURITY: a page that a browser has loaded from elsewhere can reach the port,
// also under a name of its own (DNS rebinding); it doesn't know the token.
func (l *Listener) Guarded(h http.Handler) http.Handler {
	if l.token == "" {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+l.token)) != 1 {
			reply(w, nil, &Fault{"the token is wrong", http.StatusUnauthorized})
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Close ends the socket and takes its file away, if that is still possible. That
// of a socket is its own business: a successor may have the path.
func (l *Listener) Close() error {
	err := l.Listener.Close()
	if l.token != "" {
		_ = os.Remove(l.Path) // a confined server can't; the next one does
	}
	return err
}

type peerKey struct{}

// withPeer remembers who has connected.
func withPeer(ctx context.Context, nc net.Conn) context.Context {
	name := "local"
	if uid, ok := peerUID(nc); ok {
		name = fmt.Sprintf("uid %d", uid)
	}
	return context.WithValue(ctx, peerKey{}, name)
}

func peerOf(ctx context.Context) string {
	name, _ := ctx.Value(peerKey{}).(string)
	return name
}
