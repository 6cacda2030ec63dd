package main

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"hash/crc32"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ferry/proto/client"
	"ferry/script/report"
)

// fxpServers are servers that let data connections come from each other.
func fxpServers() map[string]func(t *testing.T, host string) server {
	return map[string]func(*testing.T, string) server{
		"ferry": func(t *testing.T, host string) server {
			dir := t.TempDir()
			return server{url: "ftp://demo@" + ferryServeAt(t, host, dir, "--fxp", "127.0.0.0/8", "--tls", "off"), dir: dir}
		},
		"vsftpd": func(t *testing.T, host string) server {
			return vsftpdAt(t, host, "port_promiscuous=YES", "pasv_promiscuous=YES")
		},
		"proftpd": func(t *testing.T, host string) server { return proftpdAt(t, host, "AllowForeignAddress on") },
	}
}

// fxpHosts are two addresses of this machine; the client's is a third. Where
// there is only one, all three are that.
func fxpHosts(t *testing.T) (from, to string) {
	t.Helper()
	for _, host := range []string{"127.0.0.2", "127.0.0.3"} {
		ln, err := net.Listen("tcp", host+":0")
		if err != nil {
			return localhost, localhost
		}
		ln.Close()
	}
	return "127.0.0.2", "127.0.0.3"
}

// TestFXP has servers send files to each other, each listening once.
func TestFXP(t *testing.T) {
	for _, pair := range [][2]string{
		{"ferry", "ferry"}, {"ferry", "vsftpd"}, {"vsftpd", "ferry"}, {"ferry", "proftpd"}, {"proftpd", "ferry"}, {"vsftpd", "proftpd"},
	} {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			source, target := fxpHosts(t)
			from, to := fxpServers()[pair[0]](t, source), fxpServers()[pair[1]](t, target)
			bigFile(t, filepath.Join(from.dir, "big.bin"), 3<<20)
			if err := os.Chmod(filepath.Join(from.dir, "big.bin"), 0o644); err != nil {
				t.Fatal(err)
			}
			want := digest(t, filepath.Join(from.dir, "big.bin"))
			mustRun(t, strings.Join([]string{
				fmt.Sprintf("fxp --listen to %s/big.bin %s/to.bin", from.url, to.url),
				fmt.Sprintf("fxp --listen from %s/big.bin %s/from.bin", from.url, to.url),
				"open " + from.url,
				"fxp big.bin " + to.url + "/",
				"open " + to.url,
				"mkdir sub",
				"fxp " + from.url + "/big.bin sub",
			}, "\n"))
			for _, name := range []string{"to.bin", "from.bin", "big.bin", "sub/big.bin"} {
				if got := digest(t, filepath.Join(to.dir, name)); got != want {
					t.Errorf("%s differs", name)
				}
			}
		})
	}
}

// TestFXPResumes goes on with half a file.
func TestFXPResumes(t *testing.T) {
	source, target := fxpHosts(t)
	from, to := fxpServers()["ferry"](t, source), fxpServers()["ferry"](t, target)
	bigFile(t, filepath.Join(from.dir, "big.bin"), 1<<20)
	bigFile(t, filepath.Join(to.dir, "big.bin"), 1<<19)
	out := mustRun(t, fmt.Sprintf("debug on\nfxp -c %s/big.bin %s/big.bin", from.url, to.url))
	sameFiles(t, "target", digests(t, to.dir), digests(t, from.dir))
	if !strings.Contains(out, "REST 524288") {
		t.Errorf("it did not resume:\n%s", out)
	}
}

// TestFXPTrees has servers send each other what patterns and directories stand
// for, each listening once, and goes on with a tree of which a part is there.
func TestFXPTrees(t *testing.T) {
	for _, pair := range [][2]string{{"ferry", "ferry"}, {"ferry", "vsftpd"}, {"vsftpd", "ferry"}} {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			source, target := fxpHosts(t)
			from, to := fxpServers()[pair[0]](t, source), fxpServers()[pair[1]](t, target)
			dir := filepath.Join(from.dir, "tree")
			tree(t, dir, hardNames(), 20)
			if err := os.MkdirAll(filepath.Join(dir, "deep", "deeper"), 0o755); err != nil {
				t.Fatal(err)
			}
			writeFile(t, filepath.Join(dir, "deep", "deeper", "x"), "deep")
			makeReadable(t, dir)
			want := digests(t, dir)
			mustRun(t, strings.Join([]string{
				fmt.Sprintf("fxp -r --listen to %s/tree %s/one", from.url, to.url),
				fmt.Sprintf("fxp -r --listen from %s/tree %s/", from.url, to.url),
				"open " + from.url,
				"fxp tree/*.txt " + to.url + "/texts",
				"open " + to.url,
				"delete one/plain.txt",
				"fxp -r -c " + from.url + "/tree/. one",
			}, "\n"))
			for _, name := range []string{"one", "tree"} {
				sameFiles(t, name, digests(t, filepath.Join(to.dir, name)), want)
			}
			for name := range want {
				if strings.Contains(name, "/") || !strings.HasSuffix(name, ".txt") || strings.HasPrefix(name, ".") {
					delete(want, name)
				}
			}
			sameFiles(t, "texts", digests(t, filepath.Join(to.dir, "texts")), want)
			out, code := ferryRun(t, fmt.Sprintf("fxp %s/tree/* %s/none\n", from.url, to.url))
			if code != 2 || !strings.Contains(out, "fxp -r copies trees") {
				t.Errorf("exit code %d: %s", code, out)
			}
		})
	}
}

func makeReadable(t *testing.T, dir string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(path, map[bool]os.FileMode{true: 0o755, false: 0o644}[info.IsDir()])
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFXPIsRefused: servers that trust nobody are not talked into it, and
// nothing of the target is lost.
func TestFXPIsRefused(t *testing.T) {
	dirs := [2]string{t.TempDir(), t.TempDir()}
	source, target := fxpHosts(t)
	if source == target {
		t.Skip("this machine has one address")
	}
	from, to := ferryServeAt(t, source, dirs[0]), ferryServeAt(t, target, dirs[1])
	writeFile(t, filepath.Join(dirs[0], "a"), "new")
	writeFile(t, filepath.Join(dirs[1], "b"), "old")
	want := digests(t, dirs[1])
	for _, side := range []string{"to", "from"} {
		out, code := ferryRun(t, fmt.Sprintf("fxp --listen %s ftp://demo@%s/a ftp://demo@%s/b\n", side, from, to))
		if code != 1 || !strings.Contains(out, "help fxp") {
			t.Errorf("exit code %d: %s", code, out)
		}
	}
	out, code := ferryRun(t, fmt.Sprintf("fxp ftp://demo@%s/none ftp://demo@%s/b\n", from, to))
	if code != 1 || !strings.Contains(out, "550") {
		t.Errorf("exit code %d: %s", code, out)
	}
	sameFiles(t, "target", digests(t, dirs[1]), want)
	for script, want := range map[string]string{
		"fxp a b": "copy FROM TO copies within a server",
		"fxp --listen both ftp://demo@" + from + "/a ftp://demo@" + to + "/b": "from or to",
		"fxp a ftp://demo@" + to + "/b":                                       "open HOST connects",
	} {
		if out, code := ferryRun(t, script); code == 0 || !strings.Contains(out, want) {
			t.Errorf("%s: %d %s", script, code, out)
		}
	}
}

// proftpdModules is the configuration that loads modules of ProFTPD.
func proftpdModules(t *testing.T, names ...string) []string {
	t.Helper()
	dir := filepath.Join(os.Getenv("FERRY_PEERS"), "/usr/lib/proftpd")
	lines := []string{"ModulePath " + dir}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name+".so")); err != nil {
			missing(t, "ProFTPD's "+name)
		}
		lines = append(lines, "LoadModule "+name+".c")
	}
	return lines
}

// TestModeZWithProFTPD has both directions compressed by one and expanded by
// the other. Its 1.3.8 answers 451 to uploads that expand more than about
// twentyfold, and takes 0.4 s for each 16 KiB, whoever sends them: Python's zlib
// fares the same. So the uploads are small.
func TestModeZWithProFTPD(t *testing.T) {
	needRoot(t)
	s := proftpdAt(t, localhost, append(proftpdModules(t, "mod_deflate"), "DeflateEngine on", "UseSendfile off")...)
	base, back := t.TempDir(), t.TempDir()
	bigFile(t, filepath.Join(base, "random.bin"), 70_000)
	writeFile(t, filepath.Join(base, "text.txt"), prose(10_000))
	writeFile(t, filepath.Join(base, "empty.txt"), "")
	out := mustRun(t, fmt.Sprintf("open %s\ntype\nmode z\ntype\nlcd %q\nmput *\nlcd %q\nmget *\nls\nmode stream\nget text.txt text2.txt", s.url, base, back))
	if !strings.Contains(out, "MODE Z") {
		t.Errorf("not in MODE Z:\n%s", out)
	}
	want := digests(t, base)
	sameFiles(t, "server", digests(t, s.dir), want)
	want["text2.txt"] = want["text.txt"]
	sameFiles(t, "back", digests(t, back), want)

	bigFile(t, filepath.Join(s.dir, "big.bin"), 8<<20)
	writeFile(t, filepath.Join(s.dir, "big.txt"), strings.Repeat("all work and no play\n", 400_000))
	for _, name := range []string{"big.bin", "big.txt"} {
		if err := os.Chmod(filepath.Join(s.dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	down := t.TempDir()
	mustRun(t, fmt.Sprintf("open %s\nmode z\nlcd %q\nmget big.*", s.url, down))
	for name, sum := range digests(t, down) {
		if sum != digest(t, filepath.Join(s.dir, name)) {
			t.Errorf("%s differs", name)
		}
	}
}

// prose is text that compresses as text does.
func prose(words int) string {
	random := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for range words {
		fmt.Fprintf(&b, "%x", random.Uint32N(5000))
		b.WriteByte(" \n"[random.Uint32N(2)])
	}
	return b.String()
}

// TestHashesWithProFTPD compares its sums with ours, of a file and of parts.
func TestHashesWithProFTPD(t *testing.T) {
	needRoot(t)
	s := proftpdAt(t, localhost, append(proftpdModules(t, "mod_digest"), "DigestEngine on")...)
	bigFile(t, filepath.Join(s.dir, "big.bin"), 1<<20)
	if err := os.Chmod(filepath.Join(s.dir, "big.bin"), 0o644); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(s.dir, "big.bin"))
	if err != nil {
		t.Fatal(err)
	}
	c := loginTo(t, s)
	offered := c.HashAlgos()
	for algo, h := range map[client.HashAlgo]hash.Hash{
		client.CRC32: crc32.NewIEEE(), client.MD5: md5.New(), client.SHA1: sha1.New(), client.SHA256: sha256.New(), client.SHA512: sha512.New(),
	} {
		if !slices.Contains(offered, algo) {
			t.Errorf("%s is not offered: %v", algo, offered)
			continue
		}
		for _, part := range [][2]int{{0, 0}, {0, 1000}, {1000, 70_000}, {4096, 0}, {1<<20 - 1, 1}} {
			from, to := part[0], part[0]+part[1]
			if part[1] == 0 {
				to = len(data)
			}
			h.Reset()
			h.Write(data[from:to])
			got, err := c.Hash(t.Context(), "big.bin", algo, int64(from), int64(part[1]))
			if want := hex.EncodeToString(h.Sum(nil)); err != nil || got.Hex != want {
				t.Errorf("%s of %v: %v, %v; want %s", algo, part, got.Hex, err, want)
			}
		}
	}
	if out := mustRun(t, "open "+s.url+"\nchecksum -a md5 big.bin\nset verify hash\nget big.bin "+t.TempDir()); !strings.Contains(out, fmt.Sprintf("%x", md5.Sum(data))) {
		t.Error(out)
	}
}

// TestSumsWithProFTPD: all files of a tree are compared by checksum, in batches,
// both ways.
func TestSumsWithProFTPD(t *testing.T) {
	needRoot(t)
	s := proftpdAt(t, localhost, append(proftpdModules(t, "mod_digest"), "DigestEngine on")...)
	src, back, out := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "out.json")
	for i := range 40 {
		writeFile(t, filepath.Join(src, fmt.Sprintf("file %d", i)), strings.Repeat("x", i*1000))
	}
	bigFile(t, filepath.Join(src, "big.bin"), 1<<20)
	script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "open "+s.url+"\nmirror -R --parallel 1 "+src+" tree\nmirror --parallel 1 tree "+back+"\n")
	cmd := command(t, program, "run", "--debug", "--report", out, script)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(said))
	}
	trace := string(said)
	sameFiles(t, "back", digests(t, back), digests(t, src))
	var doc report.Report
	text, err := os.ReadFile(out)
	if err != nil || json.Unmarshal(text, &doc) != nil {
		t.Fatal(err)
	}
	for _, op := range doc.Operations {
		for _, f := range op.Files {
			if f.Status == report.Done && f.Verified != "SHA-256" {
				t.Errorf("%s: verified by %q", f.Remote, f.Verified)
			}
		}
	}
	if asked, sized := strings.Count(trace, " HASH tree"), strings.Count(trace, " SIZE tree"); asked < 82 || sized > 4 {
		t.Errorf("HASH %d times, SIZE %d times", asked, sized)
	}
}

// loginTo is a session of package client with a server.
func loginTo(t *testing.T, s server) *client.Client {
	t.Helper()
	user, addr, _ := strings.Cut(strings.TrimPrefix(s.url, "ftp://"), "@")
	c, err := client.Dial(t.Context(), addr, client.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Login(t.Context(), client.Credentials{User: user, Pass: "secret"}); err != nil {
		t.Fatal(err)
	}
	return c
}
