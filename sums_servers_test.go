package main

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferry/script/report"
)

// sumDialects are the ways in which servers answer: what they announce, and how
// they say a sum.
func sumDialects() map[string]struct {
	feat string
	sum  func(verb, text string) string
} {
	return map[string]struct {
		feat string
		sum  func(verb, text string) string
	}{
		"HASH": {"HASH SHA-256*;", func(_, text string) string {
			return fmt.Sprintf("213 SHA-256 0-%d %x NAME", len(text), sha256.Sum256([]byte(text)))
		}},
		"HASH without range and name": {"HASH SHA-1*;", func(_, text string) string {
			return fmt.Sprintf("213 SHA-1 %x", sha1.Sum([]byte(text)))
		}},
		"MD5": {"MD5", func(_, text string) string { return fmt.Sprintf(`251 "NAME" %X`, md5.Sum([]byte(text))) }},
		"XMD5 with 220": {"XMD5", func(_, text string) string {
			return fmt.Sprintf("220 %x", md5.Sum([]byte(text)))
		}},
		"XCRC": {"XCRC", func(_, text string) string {
			return fmt.Sprintf("250-NAME\r\n250 %X", crc32.ChecksumIEEE([]byte(text)))
		}},
	}
}

// moveBoth sends small files and a large one up and brings them back by a
// script that begins with set, and returns its code and report.
func moveBoth(t *testing.T, addr string, l *crook, set string) (code int, doc report.Report, dir string) {
	t.Helper()
	dir = t.TempDir()
	out, names := filepath.Join(t.TempDir(), "out.json"), "large"
	writeFile(t, filepath.Join(dir, "large"), strings.Repeat("abcdefghij", 40_000))
	for i := range 5 {
		name := fmt.Sprintf("s%d", i)
		names += " " + name
		writeFile(t, filepath.Join(dir, name), strings.Repeat(name, i*100))
	}
	if err := os.Mkdir(filepath.Join(dir, "back"), 0o777); err != nil {
		t.Fatal(err)
	}
	script := writeFile(t, filepath.Join(t.TempDir(), "s.ftp"), "set on-error continue\nset retries 0\nset parallel 1\n"+set+"\nopen ftp://demo@"+addr+
		"\nlcd "+dir+"\nput -- "+names+"\nlcd back\nget -- "+names+"\n")
	cmd := command(t, program, "run", "-q", "--report", out, script)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir(), "FERRY_PASSWORD=secret")
	said, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if strings.Count(string(said), "compared by size only") > 2 { // one for each of put and get
		t.Errorf("%s", said)
	}
	code = cmd.ProcessState.ExitCode()
	text, err := os.ReadFile(out)
	if err != nil || json.Unmarshal(text, &doc) != nil {
		t.Fatal(err)
	}
	return code, doc, dir
}

// Every file is compared by checksum, both ways, whichever way the server says
// it; one that is wrong fails, and gives nothing its name.
func TestSumsOfEveryFile(t *testing.T) {
	for name, d := range sumDialects() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, l := newCrook(t, "")
			l.feat, l.sum = d.feat, d.sum
			code, doc, dir := moveBoth(t, addr, l, "")
			if code != 0 || l.asked != 12 {
				t.Errorf("code %d, asked %d times", code, l.asked)
			}
			for _, op := range doc.Operations {
				for _, f := range op.Files {
					if f.Verified == "" || f.Verified == "size" {
						t.Errorf("%s: verified by %q", f.Remote, f.Verified)
					}
				}
			}
			sameFiles(t, "back", digests(t, filepath.Join(dir, "back")), withoutDir(digests(t, dir), "back"))
		})
		t.Run(name+", wrong", func(t *testing.T) {
			t.Parallel()
			addr, l := newCrook(t, "")
			l.feat, l.sum = d.feat, func(verb, text string) string { return d.sum(verb, text+"x") }
			l.files["/large"], l.files["/s1"] = "old", "old"
			code, _, dir := moveBoth(t, addr, l, "")
			if code == 0 || len(l.files) != 4 || l.files["/large"] != "old" || l.files["/s1"] != "old" { // big and there are its own
				t.Errorf("code %d, there: %d files", code, len(l.files))
			}
			if left := digests(t, filepath.Join(dir, "back")); len(left) > 0 {
				t.Errorf("here: %v", left)
			}
		})
	}
}

func withoutDir(files map[string]string, dir string) map[string]string {
	for name := range files {
		if strings.HasPrefix(name, dir+"/") {
			delete(files, name)
		}
	}
	return files
}

// A server that offers checksums and gives none is asked no more than it takes
// to see that, the sizes count, and it is said once. What must not be compared
// isn't.
func TestSumsThatAreNotToBeHad(t *testing.T) {
	good := sumDialects()["HASH"]
	say := func(text string) func(string, string) string { return func(string, string) string { return text } }
	for _, c := range []struct {
		name, set string
		sum       func(verb, text string) string
		code      int
		most      int // times that it is asked
	}{
		{"unknown", "", say("500 what?"), 0, 5},
		{"nonsense", "", say("213 of course"), 0, 5},
		{"refused", "", say("550 not allowed"), 0, 6},
		{"busy", "", say("450 later"), 0, 6},
		{"insisted on", "set verify hash", say("550 not allowed"), 10, 24},
		{"text", "ascii", good.sum, 0, 0},
		{"by size", "set verify size", good.sum, 0, 0},
		{"not at all", "set verify none", good.sum, 0, 0},
		{"as text, insisted on", "ascii\nset verify hash", good.sum, 0, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			addr, l := newCrook(t, "")
			l.feat, l.sum = good.feat, c.sum
			code, doc, _ := moveBoth(t, addr, l, c.set)
			if code != c.code || l.asked > c.most || c.most > 0 && l.asked == 0 {
				t.Errorf("code %d, asked %d times: %v", code, l.asked, doc.Summary)
			}
			if c.code != 0 && len(l.files) > 2 { // its own
				t.Errorf("%d files got their names", len(l.files)-2)
			}
		})
	}
}

// What is read once is summed up while it is read.
func TestSumOfAStream(t *testing.T) {
	good := sumDialects()["HASH"]
	for name, c := range map[string]struct {
		sum   func(verb, text string) string
		code  int
		there string
	}{
		"right":   {good.sum, 0, "what was piped\n"},
		"wrong":   {func(verb, text string) string { return good.sum(verb, text+"x") }, 9, "old"},
		"refused": {func(string, string) string { return "550 not allowed" }, 0, "what was piped\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, l := newCrook(t, "")
			l.feat, l.sum, l.files["/n"] = good.feat, c.sum, "old"
			cmd := command(t, program, "put", "--no-state", "-", "ftp://demo@"+addr+"/n")
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "FERRY_PASSWORD=secret")
			cmd.Stdin = strings.NewReader("what was piped\n")
			said, _ := cmd.CombinedOutput()
			l.mu.Lock()
			defer l.mu.Unlock()
			if got := cmd.ProcessState.ExitCode(); got != c.code || l.files["/n"] != c.there || l.asked != 1 || len(l.files) != 3 {
				t.Errorf("code %d, %q, asked %d times, %d files\n%s", got, l.files["/n"], l.asked, len(l.files), said)
			}
		})
	}
}
