package serve

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"ferry/proto"
	"ferry/serve/certs"
	"ferry/serve/settings"
	"ferry/serve/users"
)

// VirtualServer is a [[server]]: another server behind the same addresses, for
// clients that ask for it by HOST (RFC 7151) or by TLS's SNI.
type VirtualServer struct {
	Hosts    []string
	Dir      string // "": the daemon's
	Users    string // "": the daemon's
	Pair     certs.Pair
	Greeting string

	table settings.Table
}

func (v VirtualServer) same(o VirtualServer) bool {
	return slices.Equal(v.Hosts, o.Hosts) && v.Dir == o.Dir && v.Users == o.Users && v.Pair == o.Pair && v.Greeting == o.Greeting
}

// servers understands the tables.
func (l *layers) servers(tables []settings.Table) (all []VirtualServer, faults []error) {
	seen := map[string]bool{}
	for _, t := range tables {
		one := func(name string) string {
			if v := t.Values[name]; len(v) > 0 {
				return v[0]
			}
			return ""
		}
		wrong := func(at settings.Place, format string, args ...any) {
			faults = append(faults, &settings.Mistake{File: filepath.Base(l.path), Place: at, What: fmt.Sprintf(format, args...)})
		}
		v := VirtualServer{Dir: one("dir"), Users: one("users"), Pair: certs.Pair{Cert: one("cert"), Key: one("key")}, Greeting: one("greeting"), table: t}
		if len(t.Values["host"]) == 0 {
			wrong(t.Place, "a server needs a host: that is how it is asked for")
		}
		if v.Pair.Key != "" && v.Pair.Cert == "" {
			wrong(t.Places["key"], "key: there is no cert")
		}
		if strings.ContainsAny(v.Greeting, "\r\n\x00") {
			wrong(t.Places["greeting"], "greeting: it is one line")
		}
		for _, h := range t.Values["host"] {
			name, ok := hostName(h)
			switch {
			case !ok:
				wrong(t.Places["host"], "host: %q is no name", h)
			case seen[name]:
				wrong(t.Places["host"], "host: %s is another server's already", name)
			}
			seen[name] = true
			v.Hosts = append(v.Hosts, name)
		}
		all = append(all, v)
	}
	return all, faults
}

// virtualHosts adds the servers to a configuration. It returns the users of all
// of them, whose roots are needed.
func (d Daemon) virtualHosts(cfg *Config, main users.Directory, hasher *users.Hasher, log *slog.Logger) (users.Directory, error) {
	all := []users.Directory{main}
	for _, v := range d.Servers {
		h := Host{Greeting: v.Greeting}
		who := main
		if v.Users != "" {
			f, err := users.Open(v.Users, users.Options{Hasher: hasher, Report: func(err error) {
				log.Error("users file can't be read, the last good one stays in force", "host", v.Hosts[0], "err", err)
			}})
			if err != nil {
				return nil, &StartError{fmt.Errorf("serve: [[server]] %s: users: %w", v.Hosts[0], err), usersFileHint(err)}
			}
			who = f
		}
		if v.Users != "" || v.Dir != "" {
			h.Users = rooted{who, v.dir(d)}
			all = append(all, h.Users)
		}
		for _, name := range v.Hosts {
			cfg.Hosts[name] = h
		}
	}
	return users.Join(all...), nil
}

// dir is where the server's users are.
func (v VirtualServer) dir(d Daemon) string {
	dir := v.Dir
	if dir == "" {
		dir = d.Dir
	}
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

// rooted are users whose roots lie below another directory than the daemon's.
type rooted struct {
	users.Directory
	dir string
}

// place makes roots absolute.
//
// SECURITY: a relative root stays below the server's directory; one that leads
// out stays as it is, and is refused when it is opened.
func (r rooted) place(who users.Record) users.Record {
	put := func(root string) string {
		if root == "" {
			return r.dir
		}
		if filepath.IsAbs(root) || !filepath.IsLocal(root) {
			return root
		}
		return filepath.Join(r.dir, root)
	}
	who.Root = put(who.Root)
	if who.Mounts != nil {
		mounts := map[string]string{}
		for name, root := range who.Mounts {
			mounts[name] = put(root)
		}
		who.Mounts = mounts
	}
	return who
}

// Login is the directory's.
func (r rooted) Login(ctx context.Context, name string, pass proto.Secret) (users.Record, error) {
	who, err := r.Directory.Login(ctx, name, pass)
	if err != nil {
		return who, err
	}
	return r.place(who), nil
}

// Lookup is the directory's.
func (r rooted) Lookup(name string) (users.Record, error) {
	who, err := r.Directory.Lookup(name)
	if err != nil {
		return who, err
	}
	return r.place(who), nil
}

// Records are the directory's, so that their roots are known.
func (r rooted) Records() (all []users.Record) {
	if l, ok := r.Directory.(users.Lister); ok {
		for _, who := range l.Records() {
			all = append(all, r.place(who))
		}
	}
	return append(all, users.Record{Root: r.dir})
}

// Version is the directory's.
func (r rooted) Version() uint64 {
	if v, ok := r.Directory.(interface{ Version() uint64 }); ok {
		return v.Version()
	}
	return 0
}

// person tells users of one name apart whom different servers know.
func (h Host) person(name string) string {
	if h.name == "" {
		return name
	}
	return h.name + "\n" + name // no name has a line's end
}

// askedBySNI makes the session that of the host that TLS's client has named,
// unless HOST chooses another one later.
//
// RFC 7151 §3.2.2: the name in the TLS handshake is as good as HOST.
func (s *session) askedBySNI() {
	name := strings.ToLower(s.tls.ConnectionState().ServerName)
	if h, ok := s.srv.hostNamed(name, s.local.Addr()); ok && name != "" {
		s.host = h
	}
}
