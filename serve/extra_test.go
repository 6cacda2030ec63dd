package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// replies checks lines against replies, in order. A want that ends in * is a
// beginning.
func (p *peer) replies(pairs ...[2]string) {
	p.w.t.Helper()
	for _, c := range pairs {
		p.send(c[0])
		r, err := p.ReadReply()
		begin, open := strings.CutSuffix(c[1], "*")
		if got := r.String(); err != nil || got != begin && !(open && strings.HasPrefix(got, begin)) {
			p.w.t.Errorf("%s: %s, %v, want %s", c[0], got, err, c[1])
		}
	}
}

// What clients say of themselves, and what they may know, before login and after.
func TestCourtesies(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, p := range []*peer{w.dial(), w.login("anna")} {
			p.replies([][2]string{
				{"CLNT lftp 4.9", "200 *"},
				{"CLNT", "501 *"},
				{"CSID Name=lftp; Version=4.9;", "200 Name=ferry; CaseSensitive=1; DirSep=/;"},
				{"CSID", "501 *"},
				{"LANG", "200 *"},
				{"LANG en", "200 *"},
				{"LANG EN-us", "200 *"},
				{"LANG de", "504 *"},
				{"LANG ../../etc", "501 *"},
				{"OPTS UTF8 ON", "200 *"},
				{"OPTS UTF-8 NLST", "200 *"},
				{"OPTS UTF8 maybe", "504 *"},
			}...)
		}
	})
}

// OPTS MODE Z LEVEL: draft-preston-ftpext-deflate.
func TestOptsModeZ(t *testing.T) {
	inWorld(t, func(w *world) {
		var text strings.Builder
		for random := rand.New(rand.NewPCG(1, 2)); text.Len() < 100_000; {
			fmt.Fprintf(&text, "line %d of %d words\n", random.IntN(100), random.IntN(1000))
		}
		w.put("/f", text.String())
		p := w.login("anna")
		p.replies([][2]string{
			{"OPTS MODE Z", "200 MODE Z has its default level."},
			{"OPTS MODE Z LEVEL 1", "200 MODE Z LEVEL is 1."},
			{"OPTS MODE Z LEVEL 0", "504 *"},
			{"OPTS MODE Z LEVEL 10", "504 *"},
			{"OPTS MODE Z LEVEL -1", "501 *"},
			{"OPTS MODE Z LEVEL 9223372036854775808", "501 *"},
			{"OPTS MODE Z LEVEL", "501 *"},
			{"OPTS MODE Z ENGINE ZLIB METHOD 8 LEVEL 9", "200 MODE Z LEVEL is 9."},
			{"OPTS MODE Z ENGINE LZMA", "504 *"},
			{"OPTS MODE Z BLOCKSIZE 9", "501 *"},
			{"OPTS MODE B LEVEL 1", "504 *"},
			{"OPTS MODE", "501 *"},
		}...)
		p.do("TYPE I", 200)
		p.do("MODE Z", 200)
		small := len(p.fetch("RETR f"))
		p.do("OPTS MODE Z LEVEL 1", 200)
		if fast := len(p.fetch("RETR f")); fast <= small {
			t.Errorf("level 9 takes %d bytes, level 1 %d", small, fast)
		}
	})
}

// HOST: RFC 7151.
func TestHost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "own")
		p := w.dial()
		p.replies([][2]string{
			{"HOST", "501 *"},
			{"HOST two words", "501 *"},
			{"HOST other.example:21", "501 *"},
			{"HOST [::1", "501 *"},
			{"HOST ::1", "501 *"},
			{"HOST [10.0.0.1]", "501 *"},
			{"HOST [fe80::1%eth0]", "501 *"},
			{"HOST " + strings.Repeat("a", 64) + ".example", "501 *"},
			{"HOST " + strings.Repeat("a", 63) + ".example", "504 *"},
			{"HOST nobody.example", "504 *"},
			{"HOST 10.0.0.99", "504 *"},
			{"HOST [fd00::1]", "504 *"},
			{"HOST " + serverAddr.String(), "220 ferry is ready."},
			{"HOST Other.Example", "220 The other one."},
			{"USER olga", "331 *"},
			{"HOST other.example", "503 *"},
			{"PASS secret", "230 *"},
			{"HOST other.example", "503 *"},
			{"SIZE f", "550 *"}, // its own files
			{"REIN", "220 ferry is ready."},
			{"HOST plain.example.", "220 ferry is ready."},
			{"USER anna", "331 *"},
			{"PASS secret", "230 *"},
			{"TYPE I", "200 *"},
			{"SIZE f", "213 3"},
		}...)
		p = w.dial()
		p.replies([][2]string{
			{"USER olga", "331 *"},
			{"PASS secret", "530 *"}, // not here
			{"HOST other.example", "220 *"},
			{"USER anna", "331 *"},
			{"PASS secret", "530 *"}, // not there
		}...)
		p = w.dial()
		p.replies([][2]string{
			{"HOST other.example", "220 The other one."},
			{"HOST plain.example", "220 ferry is ready."}, // in its place
			{"USER anna", "331 *"},
			{"PASS secret", "230 *"},
		}...)
	}, func(c *Config) {
		c.Hosts = map[string]Host{
			"plain.example": {},
			"other.example": {
				Users:    book{"olga": {Name: "olga", Home: "/", Perm: users.All}},
				Open:     func(context.Context, users.Record) (store.Store, error) { return store.NewMem(), nil },
				Greeting: "The other one.",
			},
		}
	})
	bad := Config{Users: testUsers(), Open: noFiles, Hosts: map[string]Host{"UPPER": {}}}
	if err := bad.Validate(); err == nil {
		t.Error("a host name that could never be found")
	}
}

func FuzzHostName(f *testing.F) {
	for _, s := range []string{"a.example", "[::1]", "1.2.3.4", "[fe80::1%eth0]", ".", "a..b", "a.", "ä"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		name, ok := hostName(arg)
		if ok && (name == "" || len(name) > 253 || strings.ContainsAny(name, " [%]") || name != strings.ToLower(name)) {
			t.Errorf("%q became %q", arg, name)
		}
	})
}

// SMNT changes to another tree that the record names, and back.
func TestSmnt(t *testing.T) {
	trees := map[string]store.Store{"": store.NewMem(), "old": store.NewMem()}
	inWorld(t, func(w *world) {
		w.files = trees["old"]
		w.put("/o", "old")
		w.files = trees[""]
		w.put("/d/f", "new")
		p := w.login("mona")
		p.replies([][2]string{
			{"TYPE I", "200 *"},
			{"CWD d", "250 *"},
			{"SIZE f", "213 3"},
			{"SMNT archive", `250 Mounted, "/" is the current directory.`},
			{"PWD", `257 "/" *`},
			{"SIZE /d/f", "550 *"},
			{"SIZE o", "213 3"},
			{"SMNT nothing", "550 *"},
			{"SMNT broken", "550 *"},
			{"SIZE o", "213 3"},
			{"SMNT /", "250 *"},
			{"SIZE d/f", "213 3"},
			{"SMNT", "501 *"},
		}...)
		q := w.login("anna") // has no mounts
		q.do("SMNT archive", 550)
	}, withUser(users.Record{Name: "mona", Home: "/", Perm: users.All, Mounts: map[string]string{"archive": "old", "broken": "none"}}),
		func(c *Config) {
			c.Open = func(_ context.Context, who users.Record) (store.Store, error) {
				if trees[who.Root] == nil {
					return nil, fs.ErrNotExist
				}
				return unclosed{trees[who.Root]}, nil
			}
		})
}

// The facts that can be set: MFMT, MFCT, MFF, MDTM with a time, SITE UTIME.
func TestSetFacts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		w.put("/20200101000000 f", "x")
		p := w.login("anna")
		p.replies([][2]string{
			{"MFMT 20010203040506 f", "213 Modify=20010203040506; /f"},
			{"MDTM f", "213 20010203040506"},
			{"MFMT 20010203040506 none", "550 *"},
			{"MFMT 20011303040506 f", "501 *"},
			{"MFCT 19990203040506 f", "213 Create=19990203040506; /f"},
			{"MFCT 2 f", "501 *"},
			{"MFCT 19990203040506 none", "550 *"},
			{"MFF UNIX.mode=600;Modify=20100101000000; f", "213 UNIX.mode=0600;Modify=20100101000000; /f"},
			{"MFF create=20110101000000; f", "213 Create=20110101000000; /f"},
			{"MFF UNIX.mode=777;UNIX.group=wheel; f", "504 *"},
			{"MFF UNIX.mode=8; f", "501 *"},
			{"MFF UNIX.mode=4755; f", "501 *"},
			{"MFF Modify=x; f", "501 *"},
			{"MFF Modify f", "501 *"},
			{"MFF Modify; f", "501 *"},
			{"MFF Modify=20100101000000;", "501 *"},
			{"MFF UNIX.mode=600; none", "550 *"},
			{"OPTS MLST modify;create;UNIX.mode;", "200 *"},
			{"MLST f", "250 Listing /f |  modify=20100101000000;create=20110101000000;UNIX.mode=0600; /f | End"},
			{"MDTM 20200101000000 f", "213 *"}, // a file of that name: its time is told
			{"MDTM 20150607080910 f", "213 Modify=20150607080910; /f"},
			{"MDTM 20150607080910", "550 *"},
			{"SITE UTIME 201602030405 f", "200 Time is 20160203040500."},
			{"SITE UTIME 20160203040506 f", "200 Time is 20160203040506."},
			{"SITE UTIME f 20170101000000 20170202000000 20170303000000 UTC", "200 Time is 20170202000000."},
			{"MDTM f", "213 20170202000000"},
			{"SITE UTIME 20160203040506", "501 *"},
			{"SITE UTIME f 1 2 3 UTC", "501 *"},
			{"SITE UTIME 20160203040506 none", "550 *"},
		}...)
		if f := proto.ParseFeatures(p.do("FEAT", 211)); !f.Has("MFCT") || f["MFF"] != "Create;Modify;UNIX.mode;" {
			t.Errorf("FEAT: %v", f)
		}
		q := w.login("reader")
		for _, line := range []string{"MFMT 20010203040506 /f", "MFCT 20010203040506 /f", "MFF UNIX.mode=777; /f",
			"MDTM 20010203040506 /f", "SITE UTIME 20010203040506 /f", "SITE CHMOD 777 /f", "SITE UMASK 0"} {
			q.do(line, 550)
		}
	})
}

// noCreate is a store on a system without times of creation.
type noCreate struct{ store.Store }

func (noCreate) Can(store.Ability) bool { return false }
func (noCreate) SetCreateTime(context.Context, string, time.Time) error {
	return errors.ErrUnsupported
}

// Where the system can't, MFCT is not served, and not in FEAT.
func TestNoCreateTimes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		p := w.login("anna")
		p.do("MFCT 19990203040506 f", 502)
		p.do("MFF Create=19990203040506; f", 504)
		p.do("SITE SYMLINK f g", 504)
		f := proto.ParseFeatures(p.do("FEAT", 211))
		if f.Has("MFCT") || f["MFF"] != "Modify;UNIX.mode;" || strings.Contains(f["SITE"], "SYMLINK") {
			t.Errorf("FEAT: %v", f)
		}
	}, func(c *Config) {
		inner := c.Open
		c.Open = func(ctx context.Context, who users.Record) (store.Store, error) {
			st, err := inner(ctx, who)
			return noCreate{st}, err
		}
	})
}

// AVBL and DSIZ.
func TestSpace(t *testing.T) {
	files := store.NewMemSized(1000)
	inWorld(t, func(w *world) {
		w.files = files
		w.put("/d/a", "12345")
		w.put("/d/e/b", "123")
		p := w.login("anna")
		p.replies([][2]string{
			{"AVBL", "213 992"},
			{"AVBL d", "213 992"},
			{"AVBL none", "550 *"},
			{"DSIZ d", "213 8"},
			{"DSIZ", "213 8"},
			{"DSIZ d/e", "213 3"},
			{"DSIZ d/a", "550 *"},
			{"DSIZ none", "550 *"},
		}...)
	}, func(c *Config) {
		c.Open = func(context.Context, users.Record) (store.Store, error) { return unclosed{files}, nil }
	})
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("DSIZ /", 550) // has an end
	}, endlessStore)
}

// COMB joins in one step, and not at all where anything is missing.
func TestComb(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/a 1", "one ")
		w.put("/a2", "two ")
		w.put("/a3", "three")
		p := w.login("anna")
		p.replies([][2]string{
			{"COMB all", "501 *"},
			{`COMB all "a 1" none`, "550 *"},
			{`COMB all "a 1" a2 a2`, "553 *"},
			{`COMB "a 1" "a 1"`, "553 *"},
			{`COMB all "a 1" /`, "550 *"},
			{`COMB all "a 1`, "501 *"},
			{`COMB none/all a2`, "550 *"},
		}...)
		if got := w.get("/a2"); got != "two " {
			t.Fatalf("a refused COMB left %q", got)
		}
		p.do(`COMB all "a 1" a2`, 250)
		if got := w.get("/all"); got != "one two " {
			t.Errorf("all is %q", got)
		}
		p.do("COMB all a3", 250) // behind what is there
		if got := w.get("/all"); got != "one two three" {
			t.Errorf("all is %q", got)
		}
		for _, part := range []string{"/a 1", "/a2", "/a3"} {
			if got := w.get(part); got != "(none)" {
				t.Errorf("%s is still %q", part, got)
			}
		}
	})
}

func TestCopy(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/d/two words", "content")
		w.put("/old", "old")
		p := w.login("anna")
		p.replies([][2]string{
			{`SITE COPY "d/two words" copy`, `250 "/copy" is made.`},
			{`SITE COPY d/two words copy`, "501 *"},
			{"SITE COPY copy copy", "553 *"},
			{"SITE COPY copy old", "250 *"},
			{"SITE COPY copy /d", "550 *"},
			{"SITE COPY d e", "550 *"},
			{"SITE COPY none e", "550 *"},
			{"SITE COPY one", "501 *"},
		}...)
		if got := w.get("/copy") + w.get("/old"); got != "contentcontent" {
			t.Errorf("copies: %q", got)
		}
	})
}

// What joins files asks for everything that its parts would ask for.
func TestJoinPermissions(t *testing.T) {
	may := func(p users.Perm) func(*Config) {
		return withUser(users.Record{Name: "u", Home: "/", Perm: p})
	}
	for _, c := range []struct {
		without   users.Perm
		line      string
		code      proto.Code
		overwrite Overwrite
	}{
		{users.Read, "SITE COPY a new", 550, 0},
		{users.Write, "SITE COPY a new", 550, 0},
		{users.Overwrite, "SITE COPY a b", 550, 0},
		{users.Overwrite, "SITE COPY a new", 250, 0},
		{users.Delete, "COMB new a b", 550, 0},
		{users.Read, "COMB new a b", 550, 0},
		{users.Write, "COMB new a b", 550, 0},
		{users.Overwrite, "COMB b a", 550, 0},
		{0, "COMB b a", 553, OverwriteDeny},
		{0, "SITE COPY a b", 553, OverwriteDeny},
		{0, "COMB new a b", 250, OverwriteDeny},
	} {
		inWorld(t, func(w *world) {
			w.put("/a", "a")
			w.put("/b", "b")
			w.login("u").do(c.line, c.code)
			if c.code != 250 && w.get("/a")+w.get("/b")+w.get("/new") != "ab(none)" {
				t.Errorf("without %v: %s changed something", c.without, c.line)
			}
		}, may(users.All&^c.without), func(cfg *Config) { cfg.Files.Overwrite = c.overwrite })
	}
}

// A copy that doesn't fit is refused before it begins, and leaves nothing.
func TestCopyNoSpace(t *testing.T) {
	files := store.NewMemSized(15)
	inWorld(t, func(w *world) {
		w.files = files
		w.put("/a", "0123456789")
		p := w.login("anna")
		p.do("SITE COPY a b", 452)
		p.do("COMB b a", 452) // the parts go only when the whole is there
		if got := w.get("/a"); got != "0123456789" {
			t.Errorf("a is %q", got)
		}
		p.do("AVBL", 213)
	}, func(c *Config) {
		c.Open = func(context.Context, users.Record) (store.Store, error) { return unclosed{files}, nil }
	})
}

// Whole trees by SITE.
func TestSiteTrees(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		p := w.login("anna")
		p.replies([][2]string{
			{"SITE MKDIR a/b/c", `200 "/a/b/c" is there.`},
			{"SITE MKDIR a/b", "200 *"},
			{"SITE MKDIR f/x", "550 *"},
			{"SITE RMDIR f", "550 *"},
			{"SITE RMDIR none", "550 *"},
			{"SITE RMDIR /", "550 *"},
		}...)
		w.put("/a/b/c/file", "x")
		w.put("/a/other", "x")
		p.do("SITE RMDIR a", 200)
		p.do("CWD a", 550)
		p.do("MLST f", 250)
		q := w.login("reader")
		q.do("SITE MKDIR /x", 550)
		q.do("SITE RMDIR /f", 550)
	})
}

// SITE UMASK on a real disk, whose process has a mask of its own.
func TestUmask(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	dir := t.TempDir()
	inWorld(t, func(w *world) {
		disk, err := store.NewDisk(dir)
		if err != nil {
			t.Fatal(err)
		}
		w.files = disk
		p := w.login("anna")
		p.do("SITE UMASK 9", 501)
		p.do("SITE UMASK 1777", 501)
		for _, c := range []struct{ mask, file, dir string }{{"077", "0600", "0700"}, {"000", "0666", "0777"}, {"027", "0640", "0750"}} {
			if got := p.do("SITE UMASK "+c.mask, 200).Text(); !strings.Contains(got, "files have "+c.file[1:]) {
				t.Errorf("SITE UMASK: %s", got)
			}
			p.do("MKD d"+c.mask, 257)
			p.store("STOR f"+c.mask, "x")
			p.do("SITE COPY f"+c.mask+" g"+c.mask, 250)
			for name, want := range map[string]string{"d": c.dir, "f": c.file, "g": c.file} {
				e, err := disk.Stat(t.Context(), "/"+name+c.mask)
				if got := fmt.Sprintf("%04o", e.Mode); err != nil || got != want {
					t.Errorf("mask %s: %s has %s, %v, want %s", c.mask, name, got, err, want)
				}
			}
		}
		p.do("SITE CHMOD 0400 f077", 200)
		p.store("STOR f077", "replaced")
		if e, _ := disk.Stat(t.Context(), "/f077"); e.Mode != 0o400 {
			t.Errorf("a file that was replaced has mode %o", e.Mode)
		}
		disk.Close()
	}, func(c *Config) {
		c.Open = func(context.Context, users.Record) (store.Store, error) { return store.NewDisk(dir) }
	})
}

// Links stay inside; a rooted target is rooted where the user's files are.
func TestSymlink(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	dir := t.TempDir()
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("MKD d", 257)
		p.store("STOR d/f", "content\r\n")
		p.replies([][2]string{
			{"SITE SYMLINK d/f one", "200 *"},
			{`SITE SYMLINK /d/f "d/two words"`, "200 *"},
			{"SITE SYMLINK ../../etc/passwd out", "550 *"},
			{"SITE SYMLINK d/f one", "553 *"},
			{"SITE SYMLINK d/f", "501 *"},
			{"SITE SYMLINK a b c", "501 *"},
		}...)
		for _, name := range []string{"one", "d/two words"} {
			if got := p.fetch("RETR " + name); got != "content\r\n" {
				t.Errorf("%s: %q", name, got)
			}
		}
		if f := proto.ParseFeatures(p.do("FEAT", 211)); !strings.Contains(f["SITE"], "SYMLINK") {
			t.Errorf("FEAT: %v", f)
		}
	}, func(c *Config) {
		c.Open = func(context.Context, users.Record) (store.Store, error) { return store.NewDisk(dir) }
	})
}

// SITE WHO shows the user's own sessions and nobody else's.
func TestSiteWho(t *testing.T) {
	inWorld(t, func(w *world) {
		p, q := w.login("anna"), w.login("anna")
		w.login("bert")
		q.do("PWD", 257)
		lines := p.do("SITE WHO", 200).Lines
		if len(lines) != 4 || !strings.HasSuffix(lines[1], "(this one)") || !strings.Contains(lines[2], ": PWD") {
			t.Errorf("SITE WHO: %q", lines)
		}
	})
}

// PRET tells early what can't succeed, and takes nothing away from REST.
func TestPret(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/docs/f", "0123456789")
		p := w.login("reader")
		p.replies([][2]string{
			{"TYPE I", "200 *"},
			{"PRET RETR none", "550 *"},
			{"PRET STOR x", "550 *"}, // may not write
			{"PRET DELE f", "504 *"},
			{"PRET", "501 *"},
			{"PRET LIST", "200 *"},
			{"REST 4", "350 *"},
			{"PRET retr f", "200 *"},
		}...)
		if got := p.fetch("RETR f"); got != "456789" {
			t.Errorf("got %q", got)
		}
		if f := proto.ParseFeatures(p.do("FEAT", 211)); f.Has("PRET") {
			t.Error("PRET in FEAT costs lftp a round trip a file")
		}
	})
}

// THMB and the rest of what is not served.
func TestRefusedProperly(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, line := range []string{"THMB JPEG 64 64 x.png", "RMDA x", "MMD5 a,b", "LPRT 4,4,127,0,0,1,2,9,9", "ESTA", "XSEN x"} {
			p.do(line, 502)
		}
	})
}

// What devices and old programs send. (servers.md §5 row 18, clients.md §4)
func TestDevices(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/dir/b.txt", "x")
		w.put("/dir/c.bin", "y")
		p := w.login("anna")
		p.replies([][2]string{
			{"type i", "200 *"}, {"Type A N", "200 *"}, {"TYPE A  ", "200 *"}, {"TYPE L 8", "200 *"}, {"TYPE I ", "200 *"},
			{"STRU F", "200 *"}, {"stru f ", "200 *"}, {"MODE S", "200 *"}, {"mode s ", "200 *"},
			{"PWD ", "257 *"}, {"NOOP  ", "200 *"}, {"PASV ", "227 *"}, {"SYST ", "215 *"},
			{"CWD /dir/", "250 *"}, {"CWD /", "250 *"}, {"CWD dir//", "250 *"}, {"CWD /", "250 *"},
			{"PORT 10,0,0,2, 200, 1", "200 *"}, {"PORT 10 ,0 ,0 ,2,200,1 ", "200 *"},
			{"ALLO 1000", "200 *"}, {"ALLO 1000 R 80", "200 *"}, {"ALLO 1000 r 80", "200 *"}, {"ALLO 1000 X 80", "501 *"},
			{"ALLO 1 R 9223372036854775808", "501 *"}, {"ALLO 9223372036854775807", "452 *"}, {"ALLO 9223372036854775808", "501 *"},
			{"MKD new/", "257 *"}, {"RMD /new/", "250 *"}, {"XPWD", "257 *"}, {"XCUP", "250 *"},
			{"SITE  chmod 644 dir/b.txt", "200 *"}, {"ABOR ", "226 *"}, {"HELP  type", "214 *"},
		}...)
		for line, want := range map[string]string{
			"NLST dir/*.txt":  "dir/b.txt\r\n",
			"NLST /dir/?.bin": "/dir/c.bin\r\n",
			"nlst dir":        "dir/b.txt\r\ndir/c.bin\r\n",
			"NLST -a dir":     "dir/b.txt\r\ndir/c.bin\r\n",
			"NLST *.none":     "",
		} {
			if got := p.fetch(line); got != want {
				t.Errorf("%s: %q, want %q", line, got, want)
			}
		}
		for _, line := range []string{"LIST -al dir", "list -la dir", "LIST -aL dir", "LIST -l -a dir", "LIST dir/", "LIST -- dir"} {
			if got := p.fetch(line); strings.Count(got, "\r\n") != 2 || !strings.Contains(got, "b.txt\r\n") {
				t.Errorf("%s: %q", line, got)
			}
		}
	})
}

// Arguments that are no good at all get 501, whatever the command: no row of
// the table panics, hangs or answers 2xx. Numbers are those that overflow.
func TestBadArguments(t *testing.T) {
	bad := []string{"-1", "9223372036854775808", "99999999999999999999999", "0x10", "1e9", "\x01", strings.Repeat("a/", 3000), "%s%n", `"`}
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, verb := range []string{"REST", "ALLO", "RANG", "TYPE", "STRU", "MODE", "EPRT", "PORT", "MFMT", "MFCT", "MFF",
			"SITE IDLE", "SITE CHMOD", "SITE UMASK", "SITE UTIME", "SITE COPY", "SITE SYMLINK", "OPTS", "OPTS MODE Z LEVEL", "OPTS HASH",
			"COMB", "XCRC", "HASH", "MD5", "RETR", "RNFR", "CWD", "DSIZ", "AVBL", "SMNT", "PRET", "LANG", "SITE RMDIR"} {
			for _, arg := range bad {
				r := answer(p, verb+" "+arg)
				if r.Code.Class() != proto.Fail {
					t.Errorf("%s %.40q: %s", verb, arg, r)
				}
			}
		}
	})
}

func answer(p *peer, line string) proto.Reply {
	p.w.t.Helper()
	p.send(line)
	r, err := p.ReadReply()
	if err != nil {
		p.w.t.Fatalf("%.40q: %v", line, err)
	}
	return r
}
