package serve

import (
	"crypto/tls"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/serve/certs"
	"ferry/serve/users"
)

// virtual is a daemon with two servers behind one address, each with a user of
// the same name.
func virtual(t *testing.T) (at string) {
	t.Helper()
	t.Setenv("FERRY_PASSWORD", "")
	d := Daemon{Listen: []string{"127.0.0.1:0"}, User: "ann", Password: Password{Env: "main"}, Dir: t.TempDir(), NoState: true}
	for _, name := range []string{"a.example", "b.example"} {
		v := VirtualServer{Hosts: []string{name}, Dir: t.TempDir(), Users: filepath.Join(t.TempDir(), "users.json"), Greeting: "this is " + name}
		if err := os.WriteFile(filepath.Join(v.Dir, "of-"+name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := users.Create(v.Users); err != nil {
			t.Fatal(err)
		}
		f, err := users.Open(v.Users, users.Options{})
		if err == nil {
			err = f.Add(users.Record{Name: "ann", Home: "/", Perm: users.All}, proto.Secret("of "+name))
		}
		if err != nil {
			t.Fatal(err)
		}
		set, err := certs.Made([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		texts, err := set.Texts()
		v.Pair.Cert = filepath.Join(t.TempDir(), "pem")
		if err == nil {
			err = os.WriteFile(v.Pair.Cert, append(texts[0].Cert, texts[0].Key...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		d.Servers = append(d.Servers, v)
	}
	return runDaemon(t, d).said(t, `address +ftp://(\S+)/`)
}

// HOST chooses a server: its greeting, its users, its files, and no others'.
func TestVirtualByHOST(t *testing.T) {
	at := virtual(t)
	p := reach(t, at)
	if text := p.do("HOST a.example", proto.Ready).Text(); !strings.Contains(text, "this is a.example") {
		t.Errorf("it greets with %q", text)
	}
	p.do("USER ann", proto.NeedPassword)
	p.do("PASS of b.example", proto.NotLoggedIn)
	p.do("USER ann", proto.NeedPassword)
	p.do("PASS of a.example", proto.LoggedIn)
	p.do("SIZE of-a.example", proto.FileStatus)
	p.do("SIZE of-b.example", proto.Refused)
	main := reach(t, at)
	main.do("HOST c.example", 504)
	main.do("USER ann", proto.NeedPassword)
	main.do("PASS main", proto.LoggedIn)
	main.do("SIZE of-a.example", proto.Refused)
}

// SNI does the same, and brings the certificate of that server.
func TestVirtualBySNI(t *testing.T) {
	at := virtual(t)
	for _, name := range []string{"a.example", "b.example", "c.example"} {
		p := reach(t, at)
		p.do("AUTH TLS", proto.SecurityOK)
		tc := tls.Client(p.nc, &tls.Config{ServerName: name, InsecureSkipVerify: true})
		if err := tc.HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		leaf := tc.ConnectionState().PeerCertificates[0]
		if fits := leaf.VerifyHostname(name) == nil; fits != (name != "c.example") {
			t.Errorf("%s gets the certificate of %v", name, leaf.DNSNames)
		}
		in := &peer{w: p.w, nc: tc, Conn: proto.NewConn(tc, nil)}
		pass := "of " + name
		if name == "c.example" { // nobody's name: the server itself
			pass = "main"
		}
		in.do("USER ann", proto.NeedPassword)
		in.do("PASS "+pass, proto.LoggedIn)
	}
}

// SECURITY: a root of a virtual server's users stays below its own directory.
func TestVirtualRoots(t *testing.T) {
	r := rooted{dir: "/srv/a"}
	for root, want := range map[string]string{"": "/srv/a", "x/y": "/srv/a/x/y", "../b": "../b", "/abs": "/abs"} {
		got := r.place(users.Record{Root: root, Mounts: map[string]string{"m": root}})
		if filepath.ToSlash(got.Root) != want || filepath.ToSlash(got.Mounts["m"]) != want {
			t.Errorf("%q is placed at %q, %q", root, got.Root, got.Mounts["m"])
		}
	}
	d := Daemon{Dir: t.TempDir(), Servers: []VirtualServer{{Hosts: []string{"a"}, Users: "nowhere.json"}}}
	cfg := Config{Hosts: map[string]Host{}}
	if _, err := d.virtualHosts(&cfg, users.Any(), users.NewHasher(), slog.New(slog.NewTextHandler(io.Discard, nil))); err == nil || !strings.Contains(err.Error(), "[[server]] a: users") {
		t.Errorf("got %v", err)
	}
}
