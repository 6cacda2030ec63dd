package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Foreign clients use more of `ferry serve` than TYPE I: deflate, text, sums,
// times and modes.

// lines is text with long, empty and unfinished lines, and some that begin with
// what Telnet or FTP could take for something.
func lines(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "line %d%s\n", i, strings.Repeat(" and more", i%300))
	}
	b.WriteString("\n\n.\n226 Transfer complete.\ngrüße\n")
	return writeFile(t, filepath.Join(t.TempDir(), "text"), b.String())
}

// lftp goes into MODE Z by itself where FEAT has it, for listings too.
func TestLftpModeZ(t *testing.T) {
	lftp := peer(t, "lftp")
	src, root, back := t.TempDir(), t.TempDir(), t.TempDir()
	want := tree(t, src, hardNames(), 40)
	when := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, name := range []string{"plain.txt", "two words.txt"} {
		if err := os.Chtimes(filepath.Join(src, name), when, when); err != nil {
			t.Fatal(err)
		}
	}
	addr := ferryServe(t, root)
	run := func(script string) string {
		t.Helper()
		cmd := command(t, lftp, "-d", "-c", "set cmd:fail-exit yes; set net:max-retries 1; set ftp:ssl-allow no; "+
			"set ftp:use-mode-z yes; set mirror:set-permissions yes; open -u demo,secret ftp://"+addr+"; "+script)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir(), "TZ=UTC")
		return output(t, cmd)
	}
	log := run("mirror -R --parallel=2 " + src + " .")
	sameFiles(t, "server after lftp mirror -R", digests(t, root), want)
	if !strings.Contains(log, "---> MODE Z") || !strings.Contains(log, "<--- 200 Mode is Z.") {
		t.Error("lftp did not use MODE Z")
	}
	run("mirror --parallel=2 . " + back)
	sameFiles(t, "back from lftp", digests(t, back), want)
	for _, dir := range []string{root, back} { // MFMT up, MLSD or MDTM down
		for _, name := range []string{"plain.txt", "two words.txt"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.ModTime().Equal(when) {
				t.Errorf("%s: its time is %v, %v", name, info.ModTime(), err)
			}
		}
	}
	run(`chmod 640 "two words.txt"; site UTIME 20100203040506 plain.txt; mkdir -p a/b/c; ln -s plain.txt link`)
	if info, err := os.Stat(filepath.Join(root, "two words.txt")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("chmod: %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Join(root, "plain.txt")); err != nil || info.ModTime().UTC().Year() != 2010 {
		t.Errorf("SITE UTIME: %v, %v", info.ModTime(), err)
	}
	if to, err := os.Readlink(filepath.Join(root, "link")); err != nil || to != "plain.txt" {
		t.Errorf("SITE SYMLINK: %s, %v", to, err)
	}
}

// curl -B sends and wants text: lines end in LF at both ends, CR LF between.
func TestCurlText(t *testing.T) {
	curl := peer(t, "curl")
	text, root := lines(t), t.TempDir()
	target := "ftp://demo:secret@" + ferryServe(t, root) + "/text"
	output(t, command(t, curl, "-sSf", "-B", "-T", text, target))
	if digest(t, filepath.Join(root, "text")) != digest(t, text) {
		t.Error("curl -B -T: the server has other lines")
	}
	for _, as := range [][]string{{"-B", target}, {target + ";type=a"}} {
		back := filepath.Join(t.TempDir(), "back")
		output(t, command(t, curl, append([]string{"-sSf", "-o", back}, as...)...))
		if digest(t, back) != digest(t, text) {
			t.Errorf("curl %s: other lines came back", as[0])
		}
	}
	raw := filepath.Join(t.TempDir(), "raw")
	output(t, command(t, curl, "-sSf", "-o", raw, target))
	if digest(t, raw) != digest(t, text) {
		t.Error("curl: in TYPE I the file is not as it lies")
	}
}

// Python's storlines and retrlines, and what ftplib leaves to its user: sums,
// ranges, times.
func TestFtplibText(t *testing.T) {
	python := peer(t, "python3")
	text, root := lines(t), t.TempDir()
	back := filepath.Join(t.TempDir(), "back")
	host, port, _ := strings.Cut(ferryServe(t, root), ":")
	output(t, command(t, python, "testdata/ftplib_text.py", host, port, text, back))
	if digest(t, filepath.Join(root, "text")) != digest(t, text) {
		t.Error("storlines: the server has other lines")
	}
	if digest(t, back) != digest(t, text) {
		t.Error("retrlines: other lines came back")
	}
}
