package serve

import (
	"compress/zlib"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// roster is a book that is edited while the server runs.
type roster struct {
	mu      sync.Mutex
	book    book
	version uint64
}

func newRoster() *roster { return &roster{book: testUsers()} }

func (r *roster) change(name string, edit func(*users.Record)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	next := maps.Clone(r.book)
	if edit == nil {
		delete(next, name)
	} else {
		one := next[name]
		edit(&one)
		next[name] = one
	}
	r.book, r.version = next, r.version+1
}

func (r *roster) now() book {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.book
}

func (r *roster) Login(ctx context.Context, name string, pass proto.Secret) (users.Record, error) {
	one, err := r.now().Login(ctx, name, pass)
	if err == nil && one.Ended(time.Now()) {
		err = users.ErrDenied
	}
	return one, err
}

func (r *roster) Lookup(name string) (users.Record, error) {
	one, err := r.now().Lookup(name)
	if err == nil && one.Ended(time.Now()) {
		err = users.ErrDisabled
	}
	return one, err
}

func (r *roster) Version() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.version
}

// inRoster is inWorld with users that change.
func inRoster(t *testing.T, test func(w *world, r *roster), edit ...func(*Config)) {
	t.Helper()
	r := newRoster()
	inWorld(t, func(w *world) { test(w, r) }, append([]func(*Config){func(c *Config) { c.Users = r }}, edit...)...)
}

// A change holds from the next command on.
func TestChangeHoldsAtOnce(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		w.put("/a", "a")
		p, q := w.login("anna"), w.login("bert")
		p.do("DELE a", 250)
		r.change("anna", func(u *users.Record) { u.Perm = users.ReadOnly })
		p.do("MKD d", 550)
		r.change("anna", func(u *users.Record) { u.Perm = users.All })
		p.do("MKD d", 257)
		r.change("anna", func(u *users.Record) { u.Root = "elsewhere" })
		p.do("PWD", 421)
		p.closed()
		q.do("MKD e", 257)
		r.change("bert", nil)
		q.do("MKD f", 421)
		q.closed()
	})
}

// The sessions of a user who is removed, disabled, or expires end within a
// second, whatever they do.
func TestEndedUsersLeave(t *testing.T) {
	for name, end := range map[string]func(r *roster){
		"removed":  func(r *roster) { r.change("anna", nil) },
		"disabled": func(r *roster) { r.change("anna", func(u *users.Record) { u.Disabled = true }) },
		"expired":  func(r *roster) { r.change("anna", func(u *users.Record) { u.Expires = time.Now() }) },
		"expires soon": func(r *roster) {
			r.change("anna", func(u *users.Record) { u.Expires = time.Now().Add(time.Minute) })
			time.Sleep(time.Minute - time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inRoster(t, func(w *world, r *roster) {
				w.put("/big", strings.Repeat("x", 1<<20))
				idle, busy, other := w.login("anna"), w.login("anna"), w.login("bert")
				busy.passive()
				busy.do("RETR big", 150)
				time.Sleep(time.Second)
				end(r)
				start := time.Now()
				idle.expect(421)
				idle.closed()
				busy.expect(426)
				busy.closed()
				if took := time.Since(start); took > time.Second {
					t.Errorf("it took %v", took)
				}
				other.do("PWD", 257)
			})
		})
	}
}

// servers.md T14: whatever is wrong, the answer is the same after the same time.
func TestRefusalsLookAlike(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Disabled = true })
		r.change("bert", func(u *users.Record) { u.From = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
		r.change("reader", func(u *users.Record) { u.Expires = time.Now() })
		r.change("logger", func(u *users.Record) { u.TLS = users.TLSRequired })
		seen := map[string][]string{}
		for _, who := range []string{"anna secret", "bert secret", "reader secret", "logger secret", "clerk wrong", "nobody secret"} {
			name, pass, _ := strings.Cut(who, " ")
			p := w.dialFrom(netip.MustParseAddr(fmt.Sprintf("10.7.0.%d", len(seen[""])+1)))
			user := p.do("USER "+name, 331)
			start := time.Now()
			reply := p.do("PASS "+pass, 530)
			key := fmt.Sprint(user, reply, time.Since(start))
			seen[key] = append(seen[key], who)
			seen[""] = append(seen[""], who)
		}
		if len(seen) != 2 {
			t.Errorf("told apart: %q", seen)
		}
	})
}

func TestAllowedAddresses(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.From = []netip.Prefix{netip.PrefixFrom(ownerAddr, ownerAddr.BitLen())} })
		p := w.login("anna")
		r.change("anna", func(u *users.Record) { u.From = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
		p.do("PWD", 421)
	})
}

// A user's own TLS rule: no login in clear, no data in clear, and with bound no
// data connection without a ticket.
func TestTLSOfUser(t *testing.T) {
	for _, rule := range []users.TLSRule{users.TLSRequired, users.TLSBound} {
		r := newRoster()
		r.change("anna", func(u *users.Record) { u.TLS = rule })
		inWorld(t, func(w *world) {
			w.put("/a", "text")
			cfg := tlsClient(tls.VersionTLS13)
			p := w.loginTLS("anna", cfg)
			if got, err := p.fetchTLS("RETR a", cfg); err != nil || got != "text" {
				t.Errorf("%q, %v", got, err)
			}
			p.expect(226)
			tc := p.private("RETR a", without(cfg))
			_, _ = io.ReadAll(tc)
			if rule == users.TLSBound {
				p.expect(522)
			} else {
				p.expect(226)
			}
			p.do("PROT C", 200)
			p.passive()
			p.do("RETR a", 521)
		}, encrypted(t), func(c *Config) { c.Users = r })
	}
}

// Sessions that log in at the same moment don't pass the bound together.
func TestSessionsOfUser(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Limits.Sessions = 3 })
		var peers []*peer
		for range 10 {
			p := w.dial()
			p.do("USER anna", 331)
			peers = append(peers, p)
		}
		for _, p := range peers {
			p.send("PASS secret")
		}
		in := 0
		for _, p := range peers {
			reply, err := p.ReadReply()
			if err != nil {
				t.Fatal(err)
			}
			if reply.Code == 230 {
				in++
				defer p.do("QUIT", 221)
			} else if reply.Code != 530 {
				t.Errorf("refused with %s", reply)
			}
		}
		if in != 3 {
			t.Errorf("%d are in", in)
		}
		w.login("bert")
	})
}

// The place of a session is free again once it has ended, by whatever way.
func TestSessionsOfUserAreGivenBack(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Limits.Sessions = 1 })
		w.login("anna").do("QUIT", 221)
		time.Sleep(time.Second)
		w.login("anna").nc.Close()
		time.Sleep(time.Second)
		p := w.login("anna")
		p.do("REIN", 220)
		w.login("anna")
		p.do("USER anna", 331)
		p.do("PASS secret", 530)
	})
}

// Rates hold for all transfers of a user together, each direction for itself.
func TestRates(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Limits.Up, u.Limits.Down = 2<<10, 4<<10 })
		w.put("/a", strings.Repeat("x", 40<<10))
		p, q := w.login("anna"), w.login("anna")
		took := func(f func()) time.Duration {
			start := time.Now()
			f()
			return time.Since(start).Round(time.Second)
		}
		if d := took(func() { p.fetch("RETR a") }); d != 10*time.Second {
			t.Errorf("one download took %v", d)
		}
		both := took(func() {
			var wg sync.WaitGroup
			wg.Go(func() { p.fetch("RETR a") })
			wg.Go(func() { q.fetch("RETR a") })
			wg.Wait()
		})
		if both != 20*time.Second {
			t.Errorf("two downloads took %v", both)
		}
		if d := took(func() { p.store("STOR b", strings.Repeat("x", 40<<10)) }); d != 20*time.Second {
			t.Errorf("the upload took %v", d)
		}
		if d := took(func() { w.login("bert").fetch("RETR a") }); d != 0 {
			t.Errorf("somebody else's took %v", d)
		}
	})
}

// Rates hold under TLS as well, also where a single write takes longer than a
// stalled peer is waited for.
func TestRatesOverTLS(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Limits.Up, u.Limits.Down = 2<<10, 1<<10 })
		content := strings.Repeat("x", 600<<10)
		w.put("/a", content)
		cfg := tlsClient(tls.VersionTLS13)
		p := w.loginTLS("anna", cfg)
		start := time.Now()
		if got, err := p.fetchTLS("RETR a", cfg); err != nil || got != content {
			t.Errorf("%d bytes came, %v", len(got), err)
		}
		p.expect(226)
		if took := time.Since(start).Round(time.Minute); took != 10*time.Minute {
			t.Errorf("the download took %v", took)
		}
		start = time.Now()
		if err := p.put("b", content, cfg).Close(); err != nil {
			t.Error(err)
		}
		p.expect(226)
		if took := time.Since(start).Round(time.Minute); took != 5*time.Minute {
			t.Errorf("the upload took %v", took)
		}
	}, encrypted(t))
}

// A slow transfer is broken off at once.
func TestRateAborted(t *testing.T) {
	inRoster(t, func(w *world, r *roster) {
		r.change("anna", func(u *users.Record) { u.Limits.Down = 1 << 10 })
		w.put("/a", strings.Repeat("x", 1<<20))
		p := w.login("anna")
		p.passive()
		p.do("RETR a", 150)
		time.Sleep(3 * time.Second)
		start := time.Now()
		p.do("ABOR", 426)
		p.expect(226)
		if took := time.Since(start); took > time.Second {
			t.Errorf("ABOR took %v", took)
		}
	})
}

// withQuota gives anna 100 bytes, 4 names and files of 80.
func withQuota(r *roster) {
	r.change("anna", func(u *users.Record) { u.Limits = users.Limits{Bytes: 100, Files: 4, Largest: 80} })
}

// onDisk serves a directory of its own.
func onDisk(t *testing.T) (dir string, edit func(*Config)) {
	dir = t.TempDir()
	return dir, diskAt(dir)
}

// refused is an upload that is refused, before the mark or at the end.
func (p *peer) refused(line, content string, code proto.Code) {
	p.w.t.Helper()
	nc := p.passive()
	p.send(line)
	r, err := p.ReadReply()
	if err == nil && r.Code == 150 {
		_, _ = io.WriteString(nc, content)
		nc.Close()
		r, err = p.ReadReply()
	}
	if err != nil || r.Code != code {
		p.w.t.Fatalf("%s: want %d, got %s, %v", line, code, r, err)
	}
}

// A quota that comes while sessions are there holds in them from the next
// command on, also in those of others whose root is the same.
func TestQuotaThatComesLater(t *testing.T) {
	_, disk := onDisk(t)
	inRoster(t, func(w *world, r *roster) {
		p, q := w.login("anna"), w.login("bert")
		p.do("TYPE I", 200)
		q.do("TYPE I", 200)
		p.store("STOR a", strings.Repeat("x", 60))
		r.change("anna", func(u *users.Record) { u.Limits.Bytes = 100 })
		p.refused("STOR b", strings.Repeat("x", 41), 552)
		q.store("STOR c", strings.Repeat("y", 40)) // bert has none, and is counted
		p.refused("STOR d", "x", 552)
		q.do("DELE c", 250)
		p.store("STOR d", "x")
	}, disk)
}

// servers.md T24: every way to have more than the quota.
func TestQuotaEveryWay(t *testing.T) {
	_, disk := onDisk(t)
	inRoster(t, func(w *world, r *roster) {
		withQuota(r)
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.store("STOR a", strings.Repeat("x", 60))
		if got := p.do("AVBL", 213).Text(); got != "40" {
			t.Errorf("AVBL: %s", got)
		}
		p.refused("STOR b", strings.Repeat("x", 41), 552)
		p.refused("APPE a", strings.Repeat("x", 41), 552)
		p.do("ALLO 41", 552) // before a byte has come
		p.do("ALLO 40", 200)
		p.refused("STOU", strings.Repeat("x", 41), 552)
		p.do("REST 60", 350)
		p.refused("STOR a", strings.Repeat("x", 41), 552)
		p.do("SITE COPY a b", 552)
		p.store("STOR b", strings.Repeat("y", 30))
		p.do("COMB c a b", 552)
		p.do("RNFR b", 350)
		p.do("RNTO a", 250)
		p.refused("STOR b", strings.Repeat("x", 81), 552)
		p.do("MKD 1", 257)
		p.do("MKD 2", 257)
		p.do("MKD 3", 257)
		p.do("MKD 4", 552)
		p.refused("STOR b", "", 552)
		p.do("SITE SYMLINK a l", 552)
		p.do("RMD 3", 250)
		p.do("MODE Z", 200)
		p.refused("STOR b", bombZ(t, 1<<20), 552)
		p.do("MODE S", 200)
		p.refused("STOR b", "", 552) // what the bomb has left is a name, too
		p.do("RMD 2", 250)
		p.store("STOR b", "ok")
		time.Sleep(2 * time.Second)
		r.change("anna", func(u *users.Record) { u.Limits.Bytes, u.Limits.Largest = 1000, 0 })
		p.store("STOR b", strings.Repeat("x", 500)) // from the next command on
	}, disk)
}

// Two uploads at once don't pass the quota together; nor do those of somebody
// else in the same root go uncounted.
func TestQuotaTogether(t *testing.T) {
	_, disk := onDisk(t)
	inRoster(t, func(w *world, r *roster) {
		withQuota(r)
		p, q := w.login("anna"), w.login("anna")
		a, b := p.passive(), q.passive()
		p.do("STOR a", 150)
		q.do("STOR b", 150)
		for range 6 {
			_, _ = io.WriteString(a, strings.Repeat("x", 10))
			_, _ = io.WriteString(b, strings.Repeat("x", 8))
			time.Sleep(time.Second)
		}
		a.Close()
		b.Close()
		ra, erra := p.ReadReply()
		rb, errb := q.ReadReply()
		if erra != nil || errb != nil || ra.Code+rb.Code != 226+552 {
			t.Errorf("%s, %s", ra, rb)
		}
		w.login("bert").store("STOR c", strings.Repeat("x", 70)) // bert has no quota, but counts
		p.refused("STOR d", strings.Repeat("x", 20), 552)
	}, disk)
}

// A directory's own permissions hold for whatever touches it, by whatever name.
func TestDirectoryPermissions(t *testing.T) {
	_, disk := onDisk(t)
	inRoster(t, func(w *world, r *roster) {
		admin := w.login("bert")
		for _, d := range []string{"in", "none", "pub", "top", "top/none"} {
			admin.do("MKD "+d, 257)
		}
		for _, f := range []string{"in/a", "none/a", "pub/a", "top/none/a", "b"} {
			admin.store("STOR "+f, "text")
		}
		admin.do("SITE SYMLINK none/a out", 200)
		admin.do("SITE SYMLINK ../none pub/deep", 200)
		r.change("anna", func(u *users.Record) {
			u.Dirs = map[string]users.Perm{"/in": users.Write, "/none": 0, "/pub": users.ReadOnly, "/top/none": 0}
		})
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, name := range []string{"none", "NONE/../none", "pub/deep", "top/none"} {
			for _, line := range []string{"CWD %s", "MLST %s", "SIZE %s/a", "MDTM %s/a", "RETR %s/a", "HASH %s/a", "XMD5 %s/a", "DELE %s/a", "RNFR %s/a",
				"MFMT 20200101000000 %s/a", "MFF Modify=20200101000000; %s/a", "SITE CHMOD 600 %s/a", "MKD %s/x", "SITE MKDIR %s/x/y", "SITE COPY %s/a c", "SITE COPY b %s/c", "COMB c %s/a", "COMB %s/c b",
				"SITE RMDIR %s", "STOR %s/x", "APPE %s/a", "LIST %s", "NLST %s", "MLSD %s", "STAT %s", "SITE UTIME 202001010000 %s/a", "AVBL %s", "DSIZ %s"} {
				p.do(fmt.Sprintf(line, name), 550)
			}
		}
		p.do("RETR out", 550)
		p.do("SITE COPY out c", 550)
		if got := p.fetch("NLST -R"); strings.Contains(got, "none") {
			t.Errorf("the listing shows\n%s", got)
		}
		// write only
		p.store("STOR in/new", "text")
		for _, line := range []string{"STOR in/a", "APPE in/a", "RETR in/a", "DELE in/a", "LIST in", "MKD in/d"} {
			p.do(line, 550)
		}
		p.fetch("RETR pub/a")
		p.do("STOR pub/b", 550)
		// what has permissions of its own stays where it is, and so does what holds it
		for _, name := range []string{"none", "top", "in"} {
			p.send("RNFR "+name, "RNTO moved-"+name)
			first, _ := p.ReadReply()
			second, err := p.ReadReply()
			if err != nil || second.Code/100 == 2 {
				t.Errorf("%s was moved: %s, %s", name, first, second)
			}
		}
		p.do("RNFR b", 350)
		p.do("RNTO none/b", 550)
		p.do("RNFR b", 350)
		p.do("RNTO c", 250)
		if got := p.do("MLST pub/a", 250).Lines[1]; !strings.Contains(got, "perm=r;") {
			t.Errorf("MLST: %s", got)
		}
	}, disk)
}

// A directory may have more than the rest.
func TestDirectoryWithMore(t *testing.T) {
	_, disk := onDisk(t)
	inRoster(t, func(w *world, r *roster) {
		w.login("bert").do("MKD in", 257)
		r.change("anna", func(u *users.Record) {
			u.Perm, u.Dirs = users.ReadOnly, map[string]users.Perm{"/in": users.All}
		})
		p := w.login("anna")
		p.do("STOR a", 550)
		p.store("STOR in/a", "text")
		p.do("RNFR in/a", 350)
		p.do("RNTO a", 550)
		p.do("DELE in/a", 250)
	}, disk)
}

// bombZ is n zeros in MODE Z.
func bombZ(t *testing.T, n int) string {
	var b strings.Builder
	z := zlib.NewWriter(&b)
	if _, err := z.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return b.String()
}

// diskAt serves a directory of this machine.
func diskAt(dir string) func(*Config) {
	return func(c *Config) {
		c.Open = func(context.Context, users.Record) (store.Store, error) { return store.NewDisk(dir) }
	}
}
