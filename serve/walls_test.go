package serve

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// What a user may do to a file that exists depends on what is asked.
func TestWriteOverwriteAppend(t *testing.T) {
	const base = users.List | users.Read | users.Write | users.Rename
	for _, c := range []struct {
		perm            users.Perm
		stor, appe, ren proto.Code
	}{
		{base, 550, 550, 553},
		{base | users.Overwrite, 150, 550, 250},
		{base | users.Append, 550, 150, 553},
	} {
		who := testUsers()
		who["anna"] = users.Record{Name: "anna", Home: "/", Perm: c.perm}
		inWorld(t, func(w *world) {
			w.put("/f", "old")
			w.put("/g", "other")
			p := w.login("anna")
			p.do("TYPE I", 200)
			for line, code := range map[string]proto.Code{"STOR f": c.stor, "APPE f": c.appe, "STOR new": 150} {
				nc := p.passive()
				p.do(line, code)
				nc.Close()
				if code == 150 {
					p.expect(226)
				}
			}
			w.put("/f", "old")
			p.passive().Close()
			p.do("REST 1", 350)
			p.do("STOR f", c.appe) // in place, as APPE is
			if c.appe == 150 {
				p.expect(226)
			}
			p.do("RNFR g", 350)
			p.do("RNTO f", c.ren)
		}, func(cfg *Config) { cfg.Users = who })
	}
}

func TestStatPathNeedsList(t *testing.T) {
	who := testUsers()
	who["anna"] = users.Record{Name: "anna", Home: "/", Perm: users.Write}
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("STAT /", 550)
		p.do("STAT", 211)
	}, func(cfg *Config) { cfg.Users = who })
}

// LIST tells a link, MLSD and MLST what it leads to.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"in": "d", "broken": "none", "out": "../.."} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip(err)
		}
	}
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("OPTS MLST type", 200)
		got := p.fetch("MLSD")
		for _, want := range []string{"type=dir; in\r\n", "type=dir; d\r\n", "link; broken\r\n", "link; out\r\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("MLSD: no %q in %q", want, got)
			}
		}
		if got := p.do("MLST in", 250).Lines[1]; got != " type=dir; /in" {
			t.Errorf("MLST: %q", got)
		}
		if got := p.fetch("LIST"); !strings.Contains(got, "in -> d\r\n") {
			t.Errorf("LIST: %q", got)
		}
		p.do("CWD in", 250)
		p.do("CWD /out", 550)
	}, func(cfg *Config) { cfg.Open = Roots(dir) })
}

// A listing has no pages, whatever files have.
func TestListingInPageStructure(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "")
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("STRU P", 200)
		if got := p.fetch("NLST"); got != "f\r\n" {
			t.Errorf("NLST: %q", got)
		}
	})
}

func TestReinForgetsParameters(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, line := range []string{"TYPE I", "MODE B", "SITE IDLE 100", "OPTS MLST size", "EPSV ALL"} {
			p.do(line, 200)
		}
		p.do("REIN", 220)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		if got := p.do("STAT", 211).String(); !strings.Contains(got, "TYPE A, STRU F, MODE S") {
			t.Errorf("STAT: %s", got)
		}
		if got := p.do("SITE IDLE", 200).Text(); !strings.Contains(got, "900") {
			t.Errorf("SITE IDLE: %s", got)
		}
		if got := p.do("MLST /", 250).String(); !strings.Contains(got, "type=dir") {
			t.Errorf("MLST: %s", got)
		}
		p.do("PASV", 227)
	})
}

func TestPasvOverIPv6(t *testing.T) {
	s := &session{local: netip.MustParseAddrPort("[2001:db8::1]:21"), srv: &Server{}}
	if _, err := s.pasv(t.Context(), ""); err == nil || explain(err).kind != otherFamily {
		t.Errorf("PASV: %v", err)
	}
}

// A client that is killed closes its connections in one moment, and the data
// connection perhaps first. Over real TCP, since only there order is not kept.
func TestKilledClient(t *testing.T) {
	dir := t.TempDir()
	srv, err := New(Config{Users: testUsers(), Open: Roots(dir)})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(t.Context(), ln)
	defer srv.Shutdown(context.Background())
	name := filepath.Join(dir, "f")
	for i := range 6 {
		if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		took := 20 * time.Millisecond
		if i == 0 {
			took = 2500 * time.Millisecond // so long that the server waits for what comes second
		}
		first, second := halfUpload(t, ln.Addr().String(), took)
		if i == 0 {
			first, second = second, first
		}
		first.Close()
		second.Close()
		for len(srv.Sessions()) > 0 {
			time.Sleep(time.Millisecond)
		}
		if b, err := os.ReadFile(name); string(b) != "old" {
			t.Errorf("round %d: the old file is now %q, %v", i, b, err)
		}
	}
}

// halfUpload is a client in the middle of STOR f, which took so long until now.
func halfUpload(t *testing.T, addr string, took time.Duration) (control, data net.Conn) {
	t.Helper()
	control, err := net.Dial("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := proto.NewConn(control, nil)
	var last proto.Reply
	for _, line := range []string{"", "USER anna", "PASS secret", "EPSV", "STOR f"} {
		if line != "" {
			fmt.Fprintf(control, "%s\r\n", line)
		}
		reply, err := c.ReadReply()
		if err != nil || reply.Code.Class() > proto.More {
			t.Fatalf("%s: %s, %v", line, reply, err)
		}
		if reply.Code == proto.OpeningData {
			break
		}
		last = reply
	}
	port, err := proto.ParseExtendedPassive(last.Text())
	if err != nil {
		t.Fatal(err)
	}
	if data, err = net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(data, "half")
	time.Sleep(took)
	return control, data
}

// unlooked is a store whose files nobody asks after.
type unlooked struct {
	store.Store
	t *testing.T
}

func (u unlooked) Stat(_ context.Context, name string) (proto.Entry, error) {
	u.t.Errorf("%s was looked at", name)
	return proto.Entry{}, fs.ErrNotExist
}

// Who may do everything to a file uploads without a look at what is there.
func TestUploadNeedsNoLook(t *testing.T) {
	const all = users.Write | users.Overwrite | users.Append
	for _, r := range []users.Record{
		{Name: "anna", Perm: users.All},
		{Name: "anna", Perm: users.All, Dirs: map[string]users.Perm{"/in": all}},
	} {
		w := &walled{Store: unlooked{store.NewMem(), t}, now: func() users.Record { return r }}
		for _, name := range []string{"/f", "/in"} {
			u, err := w.Create(t.Context(), name, store.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := u.Commit(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}
