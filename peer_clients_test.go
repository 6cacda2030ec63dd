package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A foreign client uploads a tree to `ferry serve` and downloads it again;
// both copies are compared with the original.

// clientNames are hard names without those that a client can't express.
func clientNames(without ...string) []string {
	var names []string
	for _, name := range hardNames() {
		ok := true
		for _, chars := range without {
			ok = ok && !strings.Contains(name, chars)
		}
		if ok {
			names = append(names, name)
		}
	}
	return names
}

func TestCurl(t *testing.T) {
	curl := peer(t, "curl")
	src, root, back := t.TempDir(), t.TempDir(), t.TempDir()
	want := tree(t, src, hardNames(), 0)
	addr := ferryServe(t, root)
	var up, down []string
	for name := range want {
		escaped := (&url.URL{Path: "/" + name}).EscapedPath()
		target := "ftp://demo:secret@" + addr + escaped
		up = append(up, "-T", filepath.Join(src, name), target)
		down = append(down, "-o", filepath.Join(back, name), target)
	}
	output(t, command(t, curl, append([]string{"-sSf", "--ftp-create-dirs", "--globoff"}, up...)...))
	sameFiles(t, "server after curl -T", digests(t, root), want)
	output(t, command(t, curl, append([]string{"-sSf", "--create-dirs", "--globoff"}, down...)...))
	sameFiles(t, "back from curl", digests(t, back), want)
}

func TestCurlBigFile(t *testing.T) {
	curl := peer(t, "curl")
	src, root, back := t.TempDir(), t.TempDir(), t.TempDir()
	big := filepath.Join(src, "big.bin")
	bigFile(t, big, int64(scale(1<<30, 64<<20)))
	addr := ferryServe(t, root)
	target := "ftp://demo:secret@" + addr + "/big.bin"
	output(t, command(t, curl, "-sSf", "-T", big, target))
	output(t, command(t, curl, "-sSf", "-o", filepath.Join(back, "big.bin"), target))
	want := digests(t, src)
	sameFiles(t, "server", digests(t, root), want)
	sameFiles(t, "back", digests(t, back), want)
}

func TestLftp(t *testing.T) {
	lftp := peer(t, "lftp")
	src, root, back := t.TempDir(), t.TempDir(), t.TempDir()
	want := tree(t, src, hardNames(), scale(5000, 300))
	addr := ferryServe(t, root)
	run := func(script string) {
		t.Helper()
		cmd := command(t, lftp, "-c", "set cmd:fail-exit yes; set net:max-retries 1; set ftp:ssl-allow no; "+
			"open -u demo,secret ftp://"+addr+"; "+script)
		// lftp writes names in the locale's character set, question marks else.
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "HOME="+t.TempDir())
		output(t, cmd)
	}
	run("mirror -R --parallel=4 " + src + " .")
	sameFiles(t, "server after lftp mirror -R", digests(t, root), want)
	run("mirror --parallel=4 . " + back)
	sameFiles(t, "back from lftp mirror", digests(t, back), want)
}

func TestFtplib(t *testing.T) {
	python := peer(t, "python3")
	src, root, back := t.TempDir(), t.TempDir(), t.TempDir()
	want := tree(t, src, hardNames(), scale(500, 50))
	host, port, _ := strings.Cut(ferryServe(t, root), ":")
	output(t, command(t, python, "testdata/ftplib_tree.py", host, port, src, back))
	sameFiles(t, "server after ftplib", digests(t, root), want)
	sameFiles(t, "back from ftplib", digests(t, back), want)
}

// The classic clients take names in double quotes and know no way to write a
// double quote within; inetutils' drops leading blanks as well.
func TestInetutilsFtp(t *testing.T) { classicClient(t, "inetutils-ftp", clientNames(`"`, "  ")) }
func TestTnftp(t *testing.T)        { classicClient(t, "tnftp", clientNames(`"`, "  ")) }

func classicClient(t *testing.T, name string, names []string) {
	bin := peer(t, name)
	src, root, back := t.TempDir(), t.TempDir(), t.TempDir()
	want := tree(t, src, names, 0)
	host, port, _ := strings.Cut(ferryServe(t, root), ":")
	talk := func(lines []string) {
		t.Helper()
		script := fmt.Sprintf("open %s %s\nuser demo secret\nbinary\nprompt\n%s\nbye\n", host, port, strings.Join(lines, "\n"))
		cmd := command(t, bin, "-n", "-v")
		cmd.Stdin = strings.NewReader(script)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out := output(t, cmd)
		if t.Failed() {
			t.Log(out)
		}
	}
	up := []string{"mkdir \"sub dir\""}
	down := []string{fmt.Sprintf("!mkdir -p '%s/sub dir'", back)}
	for file := range want {
		up = append(up, fmt.Sprintf("put \"%s\" \"%s\"", filepath.Join(src, file), file))
		down = append(down, fmt.Sprintf("get \"%s\" \"%s\"", file, filepath.Join(back, file)))
	}
	talk(up)
	sameFiles(t, "server after "+name, digests(t, root), want)
	talk(down)
	sameFiles(t, "back from "+name, digests(t, back), want)
}

// TestCurlActive lets the server connect to the client.
func TestCurlActive(t *testing.T) {
	curl := peer(t, "curl")
	src, root := t.TempDir(), t.TempDir()
	want := tree(t, src, []string{"plain.txt"}, 0)
	addr := ferryServe(t, root)
	for _, flag := range [][]string{{"-P", "-"}, {"-P", "-", "--disable-eprt"}, {"--disable-epsv"}, {}} {
		target := "ftp://demo:secret@" + addr + "/plain.txt"
		output(t, command(t, curl, append(append([]string{"-sSf"}, flag...), "-T", filepath.Join(src, "plain.txt"), target)...))
		got := filepath.Join(t.TempDir(), "got")
		output(t, command(t, curl, append(append([]string{"-sSf"}, flag...), "-o", got, target)...))
		if digest(t, got) != want["plain.txt"] {
			t.Errorf("curl %v: the copy differs", flag)
		}
	}
}

// TestCutUpload cuts a real client's upload: the old file stays, and what came
// is kept for a resume.
func TestCutUpload(t *testing.T) {
	curl := peer(t, "curl")
	src, root := t.TempDir(), t.TempDir()
	big := filepath.Join(src, "big.bin")
	bigFile(t, big, 8<<20)
	writeFile(t, filepath.Join(root, "big.bin"), "old")
	addr := ferryServe(t, root)
	target := "ftp://demo:secret@" + addr + "/big.bin"
	slow := exec.Command(curl, "-sS", "--limit-rate", "1M", "-T", big, target)
	if err := slow.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "an upload under way", func() bool { return partBytes(root) > 256<<10 })
	_ = slow.Process.Kill()
	_ = slow.Wait()
	if got := digest(t, filepath.Join(root, "big.bin")); got != digest(t, writeFile(t, filepath.Join(src, "old"), "old")) {
		t.Error("the old file was harmed by an upload that broke")
	}
	if partBytes(root) == 0 {
		t.Error("nothing was kept for a resume")
	}
	output(t, command(t, curl, "-sSf", "-T", big, target))
	if digest(t, filepath.Join(root, "big.bin")) != digest(t, big) {
		t.Error("the second upload is not whole")
	}
}
