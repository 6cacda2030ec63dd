package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is some lines of a script, and what they print; a * is any text.
type said struct{ lines, want string }

// compare runs all in one session, since a login may cost seconds, and
// compares what each prints. What is said beside is left out.
func compare(t *testing.T, s server, dir string, all []said) {
	t.Helper()
	const cut = "echo =====\n"
	script := fmt.Sprintf("@set echo off\nset quiet on\nopen %s\nlcd %q\n", s.url, dir)
	for _, c := range all {
		script += c.lines + "\n" + cut
	}
	got := strings.Split(mustRun(t, script), "=====\n")
	for i, c := range all {
		head, tail, open := strings.Cut(c.want, "*")
		if got[i] != c.want && !(open && strings.HasPrefix(got[i], head) && strings.HasSuffix(got[i], tail)) {
			t.Errorf("%s\nprinted %q, want %q", c.lines, got[i], c.want)
		}
	}
}

// TestSessionVerbs walks through what issue 3 asks of the language, at every
// server, as far as all of them can.
func TestSessionVerbs(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "a.txt"), "one\ntwo\n")
		compare(t, s, dir, []said{
			{"mkdir d\nput a.txt\nput a.txt d/\nput a.txt 'd/two words.txt'", ""},
			{"find . *.txt", "./a.txt\n./d/a.txt\n./d/two words.txt\n"},
			{"find -t d", "d/\n"},
			{"du", "16\td\n24\t.\n"},
			{"du -s d", "16\td\n"},
			{"restart 4\nget a.txt half.txt\nreget a.txt", ""},
			{"get a.txt p.txt\nnewer a.txt p.txt\nreput p.txt a.txt\nsize a.txt", "8\n"},
			{"ascii\nput a.txt t.txt\nget t.txt back.txt\nbinary\nlcat back.txt", "one\ntwo\n"},
			{"set active-ports 20000-60000\nactive\nget a.txt act.txt\nlcat act.txt", "one\ntwo\n"},
			{"tenex\nget a.txt tenex.txt\nlcat tenex.txt\nbinary", "one\ntwo\n"},
			{"rhelp", "214 *"},
			{"rstatus", "211 *"},
			{"mlst a.txt", "file\t8\t20*\ta.txt\n"},
		})
		if half, err := os.ReadFile(filepath.Join(dir, "half.txt")); string(half) != "\x00\x00\x00\x00two\n" {
			t.Errorf("from byte 4: %q, %v", half, err)
		}
	})
}

// TestSessionVerbsAtFerry has those that only some servers know, and transfers
// in every type, structure and mode.
func TestSessionVerbsAtFerry(t *testing.T) {
	s := server{dir: t.TempDir()}
	s.url = "ftp://demo@" + ferryServe(t, s.dir)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.txt"), "one\ntwo\n")
	const sum = "2094b601daac3d68f5aed51d3c20f7cd"
	compare(t, s, dir, []said{
		{"put a.txt\nput a.txt 'two words.txt'\ntouch -d 2020-01-02 a.txt\nmlst a.txt", "file\t8\t2020-01-02T00:00:00Z\ta.txt\n"},
		{"checksum -a md5 a.txt 'two words.txt'", sum + "  a.txt\n" + sum + "  two words.txt\n"},
		{"umask 027", "200 The mask is 027: new files have 640, directories 750.\n"},
		{"idle 100", "200 The idle time is 100 seconds.\n"},
		{"rhelp retr", "214 Syntax: RETR <path> (RFC 959 §4.1.3)\n"},
		{"type ascii telnet\ntype\nform control\ntype\nform nonprint\ntype ebcdic\ntype\ntenex\ntype",
			"TYPE A T, STRU F, MODE S\nTYPE A C, STRU F, MODE S\nTYPE E, STRU F, MODE S\nTYPE L 8, STRU F, MODE S\n"},
		{"ascii\nstruct record\nmode block\ntype", "TYPE A, STRU R, MODE B\n"},
		{"struct file\nbinary\nmode stream\ndf", "*\n"},
	})
	if runtime.GOOS != "windows" {
		compare(t, s, dir, []said{{"chmod 600 a.txt\nln -s a.txt link\nln -s 'two words.txt' 'link two'", "200 *"}})
		if info, err := os.Stat(filepath.Join(s.dir, "a.txt")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("chmod: %v, %v", info.Mode(), err)
		}
		if to, err := os.Readlink(filepath.Join(s.dir, "link two")); to != "two words.txt" {
			t.Errorf("ln: %q, %v", to, err)
		}
	}
	inEveryParam(t, s, dir)
}

// inEveryParam sends a text up and down under each combination that both ends
// have. What lies on the server is the same text each time.
func inEveryParam(t *testing.T, s server, dir string) {
	t.Helper()
	var all []said
	var names []string
	for _, typ := range []string{"ascii", "ascii telnet", "ebcdic", "image", "local 8"} {
		for _, stru := range []string{"file", "record", "page"} {
			for _, mode := range []string{"stream", "block", "compressed", "z"} {
				text := strings.HasPrefix(typ, "ascii") || typ == "ebcdic"
				if stru == "record" && !text || stru == "page" && text {
					continue // lines are records of text types, pages are for the others
				}
				name := strings.ReplaceAll(typ+"-"+stru+"-"+mode, " ", "-")
				all = append(all, said{strings.Join([]string{
					"struct file", "type " + typ, "struct " + stru, "mode " + mode, "put a.txt " + name, "get " + name, "ls " + name,
				}, "\n"), name + "\n"})
				names = append(names, name)
			}
		}
	}
	compare(t, s, dir, all)
	for _, name := range names {
		for _, at := range []string{dir, s.dir} {
			text, err := os.ReadFile(filepath.Join(at, name))
			if diff := cmp.Diff("one\ntwo\n", string(text)); diff != "" || err != nil {
				t.Errorf("%s at %s: %v\n%s", name, at, err, diff)
			}
		}
	}
}
