package serve

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"ferry/serve/users"
)

// servers.md T1: whatever PORT and EPRT name, nobody but the client is
// connected to: somebody listens at each place and hears nothing.
func TestNothingGoesElsewhere(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "text")
		victims := []string{"10.0.0.3", "127.0.0.1", "224.0.0.1", "2001:db8::3"}
		heard := make(chan string, 100)
		for _, victim := range victims {
			at := netip.MustParseAddr(victim)
			ln, err := w.net.Host(at).Listen(t.Context(), "tcp", netip.AddrPortFrom(at, 40000).String())
			if err != nil {
				t.Fatal(err)
			}
			w.t.Cleanup(func() { ln.Close() })
			go func() {
				for {
					nc, err := ln.Accept()
					if err != nil {
						return
					}
					nc.Close()
					heard <- victim
				}
			}()
		}
		p := w.login("anna")
		for _, line := range []string{
			"PORT 10,0,0,3,156,64", "PORT 127,0,0,1,156,64", "PORT 0,0,0,0,156,64", "PORT 224,0,0,1,156,64", "PORT 255,255,255,255,156,64",
			"PORT victim.example,156,64", "PORT 10,0,0,2,0,22", "PORT 10,0,0,2,0,0", "PORT 10,0,0,2,3,255", "PORT 266,0,0,2,156,64",
			"EPRT |1|10.0.0.3|40000|", "EPRT |2|2001:db8::3|40000|", "EPRT |2|::ffff:10.0.0.3|40000|", "EPRT |1|victim.example|40000|",
			"EPRT |1|0.0.0.0|40000|", "EPRT |1|10.0.0.2|1023|", "EPRT |1|10.0.0.2|65536|", "EPRT |1|10.0.0.2|-1|", "EPRT |1|010.0.0.3|40000|",
		} {
			p.send(line, "RETR f")
			if r, err := p.ReadReply(); err != nil || r.Code < 500 {
				t.Errorf("%s: %s, %v", line, r, err)
			}
			p.expect(150) // the default data port, which is the client's own
			p.expect(425)
		}
		synctest.Wait()
		if len(heard) > 0 {
			t.Errorf("%s was connected to", <-heard)
		}
	})
}

// hostilePaths are what people have tried to get out of a root with.
func hostilePaths() []string {
	return []string{
		"..", "../", "../outside", "../outside/canary", "../../../../../../../../etc/passwd", "/../outside/canary", "/..", "/../..",
		"....//....//outside/canary", ".../outside/canary", "./../outside/canary", "in/../../outside/canary", "in/./.././../outside/canary",
		"//outside/canary", "/./../outside/canary", "/%2e%2e/outside/canary", "%2e%2e%2foutside%2fcanary", "..%c0%af..%c0%afoutside",
		"..\xc0\xafoutside\xc0\xafcanary", "\xc0\xae\xc0\xae/outside/canary", "..\\outside\\canary", "\\..\\outside\\canary", "..;/outside/canary",
		"../outside/canary\x00", "f\x00/../../outside/canary", "in/link/canary", "link", "link/", "link/canary", "link/../outside/canary", "absolute/canary",
		"in/up/outside/canary", "~root/.profile", "~/../outside", ".. /outside/canary", "..\t/outside", "in/..  /../outside/canary", "C:\\..\\outside", "file:///etc/passwd",
		"-R ../outside", "*/../../outside/*", "../out*/can*", "[.][.]/outside/canary", strings.Repeat("../", 1000) + "etc/passwd",
	}
}

// servers.md T9: hostile paths in every command that takes one, on a real disk:
// what lies beside the root is never read, listed, made or changed.
func TestNoWayOut(t *testing.T) {
	base := t.TempDir()
	root, outside := filepath.Join(base, "root"), filepath.Join(base, "outside")
	for _, dir := range []string{filepath.Join(root, "in"), filepath.Join(root, "..."), outside} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const canary = "canary-7c1e44" // content and a part of the name
	for path, text := range map[string]string{
		filepath.Join(outside, "canary"): canary, filepath.Join(outside, "own-"+canary): canary, filepath.Join(root, "f"): "mine", filepath.Join(root, "in", "f"): "mine",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"link": "../outside", "absolute": outside, "in/link": "../../outside", "in/up": "../.."} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	before := snapshot(t, outside)
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, line := range pathCommands() {
			for _, path := range hostilePaths() {
				if got := p.try(strings.ReplaceAll(line, "%", path), "planted"); strings.Contains(got, canary) || strings.Contains(got, base) || strings.Contains(got, "root:") {
					t.Errorf("%s with %q shows %.200q", line, path, got)
				}
			}
		}
		p.do("PWD", 257)
		for _, name := range []string{"../outside", "..", "a/../../outside", "anna/../../outside", "/etc", "anna\\..\\..", "%username%"} {
			q := w.dial()
			q.do("USER "+name, 331)
			q.do("PASS secret", 530)
		}
	}, diskAt(root))
	if after := snapshot(t, outside); after != before {
		t.Errorf("outside was\n%sand is\n%s", before, after)
	}
	entries, _ := os.ReadDir(base)
	if len(entries) != 2 {
		t.Errorf("beside the root: %v", entries)
	}
}

// pathCommands are all commands that take a path; % stands for it.
func pathCommands() []string {
	lines := []string{
		"MDTM 20200101000000 %", "MFMT 20200101000000 %", "MFCT 20200101000000 %", "MFF Modify=20200101000000; %", "MFF UNIX.mode=0777; %",
		"SITE CHMOD 777 %", "SITE COPY % in/got", "SITE COPY f %", "SITE MKDIR %/new", "SITE RMDIR %", "SITE SYMLINK % in/made", "SITE SYMLINK f %", "SITE UTIME 202001010000 %",
		"COMB in/sum %", "COMB % f", "RNFR %", "RNFR f|RNTO %", "LIST -aR %", "NLST %/*", "STAT %", "XSHA256 \"%\"", "SMNT %", "SIZE %", "MDTM %",
	}
	for verb, row := range newTable(Config{}) {
		if row.run != nil && (row.arg == argPath || row.arg == argOptPath) && verb != "RNFR" && verb != "RNTO" && !strings.Contains(verb, " ") {
			lines = append(lines, verb+" %")
		}
	}
	slices.Sort(lines)
	return append(lines, "CWD %|RETR canary", "CWD %|STOR new", "CWD %|LIST", "CWD %|DELE canary")
}

// try sends lines (with | between), with a data connection for each, and
// returns all that comes back. Then it is at / again.
func (p *peer) try(lines, content string) string {
	p.w.t.Helper()
	var all strings.Builder
	for line := range strings.SplitSeq(lines, "|") {
		nc := p.passive()
		p.send(line)
		r, err := p.ReadReply()
		if err == nil && r.Code == 150 {
			if verb, _, _ := strings.Cut(line, " "); slices.Contains([]string{"STOR", "APPE", "STOU"}, verb) {
				fmt.Fprint(nc, content)
				nc.Close()
			}
			data := new(bytes.Buffer)
			_, _ = data.ReadFrom(nc)
			all.WriteString(data.String())
			all.WriteString(r.String())
			r, err = p.ReadReply()
		}
		nc.Close()
		if err != nil {
			p.w.t.Fatalf("%q: %v", line, err)
		}
		if r.Code != 553 && r.Code != 501 { // these repeat nothing of the disk's
			all.WriteString(r.String())
		}
	}
	p.send("CWD /")
	if _, err := p.ReadReply(); err != nil {
		p.w.t.Fatal(err)
	}
	return all.String()
}

// snapshot is all that is below a directory: names, modes, times, contents.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := []byte(nil)
		if !d.IsDir() {
			text, err = os.ReadFile(path)
		}
		fmt.Fprintf(&b, "%s %v %d %s %q\n", path, info.Mode(), info.Size(), info.ModTime(), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// servers.md T13: each command that needs a permission, SITE's above all, is
// refused to a user who has all others, and to whoever is not logged in; and
// nothing is changed.
func TestPermissionOracle(t *testing.T) {
	rows := newTable(Config{})
	inRoster(t, func(w *world, r *roster) {
		for _, verb := range rows.verbs() {
			row := rows[verb]
			if row.run == nil || row.when == anyone {
				continue
			}
			arg := map[bool]string{true: "", false: " x y"}[row.arg == argNone]
			w.dial().do(verb+arg, 530)
			for bit := users.Perm(1); bit <= users.Site; bit <<= 1 {
				if row.may&bit == 0 {
					continue
				}
				r.change("anna", func(u *users.Record) { u.Perm = users.All &^ bit })
				p := w.login("anna")
				if got := p.do(verb+arg, 550).Text(); !strings.Contains(got, "may not") && !strings.Contains(got, "ermission") {
					t.Errorf("%s without %v: %s", verb, bit, got)
				}
				p.do("QUIT", 221)
			}
		}
		for e, err := range w.files.List(t.Context(), "/") {
			t.Errorf("left behind: %s, %v", e.Name, err)
		}
	})
}

// servers.md T11: patterns that cost others exponential time. One that did
// here would never end.
func TestHostilePatterns(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/"+strings.Repeat("a", 100), "")
		w.put("/d/"+strings.Repeat("a", 200), "")
		p := w.login("anna")
		for _, pattern := range []string{
			strings.Repeat("a*", 40) + "b", strings.Repeat("*a", 60) + "*b", strings.Repeat("*/../", 200) + "*", strings.Repeat("*", 1000) + "b",
			strings.Repeat("{a,", 60) + strings.Repeat("}", 60), "{{{{{{{{{{", strings.Repeat("[a-z]*", 50) + "!", strings.Repeat("?*", 50) + "c", "*/*/*/*/*/*/*/*/*",
		} {
			for _, verb := range []string{"LIST", "NLST", "STAT"} {
				if got := p.try(verb+" "+pattern, ""); len(got) > maxStatus {
					t.Errorf("%s %.20s: %d bytes", verb, pattern, len(got))
				}
			}
		}
	})
}

// servers.md T16: whatever names are on the disk and whatever is sent, no
// control character comes back in a reply or a listing, or gets into the log.
func TestNothingIsInjected(t *testing.T) {
	dir := t.TempDir()
	evil := []string{"a\r\n230 Welcome.", "b\n-rw-r--r-- 1 root root 1 Jan 1 00:00 forged", "c\x1b[2J\x1b]0;title\x07", "d\x7f\x01", "e\u202efdp.exe", "f\x9b31m"}
	for i, name := range evil {
		if os.WriteFile(filepath.Join(dir, name), []byte(fmt.Sprint(i)), 0o644) != nil {
			t.Skip("this file system takes no such names")
		}
	}
	draw := rand.New(rand.NewPCG(4, 16))
	var log string
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for range 300 {
			name := make([]byte, 1+draw.IntN(20))
			for i := range name {
				name[i] = byte(draw.IntN(256))
				if name[i] == '\n' || name[i] == '\xff' || name[i] == '|' { // ends of lines and Telnet are others' tests
					name[i] = '\r'
				}
			}
			for _, verb := range []string{"MKD", "STOR", "CWD", "SIZE", "RNFR", "USER", "SITE CHMOD 600", "XYZZY", "OPTS", "HOST", string(name)} {
				if verb == "USER" {
					q := w.dial()
					q.send(verb + " " + string(name))
					r, err := q.ReadReply()
					if err != nil {
						t.Fatal(err)
					}
					clean(t, verb, r.String())
					q.nc.Close()
					continue
				}
				clean(t, verb, p.try(verb+" "+string(name), "x"))
			}
		}
		for _, line := range []string{"LIST -a", "NLST", "MLSD", "STAT /", "LIST -R"} {
			clean(t, line, p.try(line, ""))
		}
		log = w.log.String()
	}, diskAt(dir))
	clean(t, "the log", strings.ReplaceAll(log, "\n", "\r\n"))
	if strings.Contains(log, "\n-rw-r--r--") || strings.Contains(log, "\n230") {
		t.Error("a line of the log was forged")
	}
}

// clean wants lines that end in CR LF and hold no control character.
func clean(t *testing.T, what, text string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }); i >= 0 {
			t.Errorf("%s: %q", what, line)
			return
		}
		if strings.HasPrefix(line, "-rw-r--r-- 1 root root") && strings.HasSuffix(line, "forged") {
			t.Errorf("%s: forged %q", what, line)
		}
	}
}

// servers.md T26: numbers that are too large, negative, or none.
func TestHostileNumbers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, n := range []string{"-1", "+1", "1e9", "0x10", "9223372036854775808", "18446744073709551617", "99999999999999999999999", "1 2", "", "a", "1.5", "١"} {
			for _, verb := range []string{"REST ", "ALLO ", "RANG 0 ", "RANG 9223372036854775807 "} {
				p.send(verb + n)
				if r, err := p.ReadReply(); err != nil || r.Code < 500 && (r.Code != 202 && r.Code != 200 || verb != "ALLO ") {
					t.Errorf("%s%s: %s, %v", verb, n, r, err)
				}
			}
		}
		for _, n := range []string{"9223372036854775807", "4611686018427387904", "11"} {
			p.do("REST "+n, 350)
			p.refused("RETR f", "", 554)
			p.do("REST "+n, 350)
			p.refused("STOR f", "x", 554)
		}
		if got := w.get("/f"); got != "0123456789" {
			t.Errorf("the file is %q", got)
		}
		if got := p.fetch("RETR f"); got != "0123456789" {
			t.Errorf("got %q", got)
		}
	})
}
