package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/serve/store"
	"ferry/serve/users"
)

// Sums of "123456789", from the standards' own test vectors and coreutils.
const (
	digits       = "123456789"
	digitsCRC    = "CBF43926"
	digitsMD5    = "25F9E794323B453885F5181F1B624D0B"
	digitsSHA1   = "F7C3BC1D808E04732ADF679965CCC34CA7AE3441"
	digitsSHA256 = "15E2B0D3C33891EBB0F1EF609EC419420C20E320CE94C65FBC8C3312448EB225"
)

func TestHashCommands(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/d/f", digits)
		w.put("/d/two words", digits)
		w.put("/d/f 1", "another")
		w.put("/d/empty", "")
		p := w.login("anna")
		p.do("CWD /d", 250)
		for line, want := range map[string]string{
			"XCRC f":                "250 " + digitsCRC,
			"XMD5 f":                "250 " + digitsMD5,
			"XSHA f":                "250 " + digitsSHA1,
			"XSHA1 /d/f":            "250 " + digitsSHA1,
			"XSHA256 f":             "250 " + digitsSHA256,
			"MD5 f":                 `251 "/d/f" ` + digitsMD5,
			"HASH f":                "213 SHA-256 0-8 " + strings.ToLower(digitsSHA256) + " /d/f",
			"HASH empty":            "213 SHA-256 0-0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 /d/empty",
			"XCRC two words":        "250 " + digitsCRC,
			`XCRC "two words"`:      "250 " + digitsCRC,
			`XCRC "two words" 0 9`:  "250 " + digitsCRC,
			"XCRC two words 0 9":    "250 " + digitsCRC,
			"XCRC two words 0 1":    "250 83DCEFB7", // of "1"
			"XCRC f 8":              "250 8D076785", // of "9"
			"XCRC f 8 999999999999": "250 8D076785",
			"XCRC f 1":              "250 " + crcOf("another"), // a file of that name is found first
		} {
			p.send(line)
			if r, err := p.ReadReply(); err != nil || r.String() != want {
				t.Errorf("%s: %v, %v, want %s", line, r, err, want)
			}
		}
		for line, code := range map[string]proto.Code{
			"XCRC f 5 5": 501, "XCRC f 5 4": 501, "XCRC f 10": 554, `XCRC "f`: 501, `XCRC "f"x`: 501, `XCRC ""`: 501,
			`XCRC "f" -1`: 501, `XCRC "f" 9223372036854775808`: 501, `XCRC "f" 1 2 3`: 501, "XCRC f 9223372036854775808": 501,
			"HASH none": 550, "HASH /d": 550, "XMD5 none": 550, "MD5 /d": 550, "XCRC": 501, "HASH": 501,
		} {
			p.do(line, code)
		}
	})
}

func crcOf(text string) string {
	d, _ := digestNamed("CRC32")
	h := d.make()
	_, _ = io.WriteString(h, text)
	return strings.ToUpper(hex.EncodeToString(h.Sum(nil)))
}

// The algorithm is the session's until REIN.
func TestOptsHash(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", digits)
		p := w.login("anna")
		for _, c := range [][2]string{
			{"OPTS HASH", "200 SHA-256"},
			{"OPTS HASH sha-1", "200 SHA-1"},
			{"HASH f", "213 SHA-1 0-8 " + strings.ToLower(digitsSHA1) + " /f"},
			{"OPTS HASH CRC-37", "501 Unknown algorithm, SHA-1 stays."},
			{"OPTS HASH CRC32", "200 CRC32"},
			{"HASH f", "213 CRC32 0-8 cbf43926 /f"},
			{"OPTS HASH MD5", "200 MD5"},
			{"OPTS HASH SHA-512", "200 SHA-512"},
		} {
			p.send(c[0])
			if r, err := p.ReadReply(); err != nil || r.String() != c[1] {
				t.Errorf("%s: %v, %v, want %s", c[0], r, err, c[1])
			}
		}
		if f := proto.ParseFeatures(p.do("FEAT", 211)); !f.HasParam("HASH", "SHA-512") || !strings.Contains(f["HASH"], "SHA-512*") {
			t.Errorf("FEAT: %s", f["HASH"])
		}
		p.do("REIN", 220)
		if got := p.do("OPTS HASH", 200).Text(); got != "SHA-256" {
			t.Errorf("after REIN: %s", got)
		}
	})
}

// RANG chooses part of a file for HASH, RETR and STOR, once.
// draft-bryan-ftp-range-08.
func TestRange(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		for line, code := range map[string]proto.Code{
			"RANG 5 4": 501, "RANG 1": 501, "RANG -1 5": 501, "RANG 0 -1": 501, "RANG 0 9223372036854775808": 501,
			"RANG 1 0": 350, "RANG a b": 501, "RANG 0 1 2": 501, "RANG": 501,
		} {
			p.do(line, code)
		}
		for rang, want := range map[string]string{
			"RANG 0 0": "0", "RANG 2 4": "234", "RANG 9 9": "9", "RANG 8 99": "89", "RANG 3 9223372036854775807": "3456789",
			"RANG 10 12": "", "RANG 99 100": "",
		} {
			p.do(rang, 350)
			if got := p.fetch("RETR f"); got != want {
				t.Errorf("%s: %q, want %q", rang, got, want)
			}
		}
		if got := p.fetch("RETR f"); got != "0123456789" {
			t.Errorf("the RETR after: %q", got)
		}
		p.do("RANG 2 4", 350)
		p.do("RANG 1 0", 350)
		if got := p.fetch("RETR f"); got != "0123456789" {
			t.Errorf("after RANG 1 0: %q", got)
		}
		p.do("RANG 2 4", 350)
		p.do("RANG 4 2", 501)
		if got := p.fetch("RETR f"); got != "0123456789" {
			t.Errorf("after a malformed RANG: %q", got)
		}
		p.do("RANG 1 3", 350)
		sum := sha256.Sum256([]byte("123"))
		if got, want := p.do("HASH f", 213).Text(), "SHA-256 1-3 "+hex.EncodeToString(sum[:])+" /f"; got != want {
			t.Errorf("HASH of a range: %s, want %s", got, want)
		}
		p.do("MODE B", 200)
		p.do("RANG 1 3", 350)
		p.do("RETR f", 504)
		p.do("MODE S", 200)
		p.do("TYPE A", 200)
		p.do("RANG 1 3", 350)
		p.do("RETR f", 504)
	})
}

// The mark of a ranged RETR tells how much comes.
func TestRangeMark(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("RANG 2 4", 350)
		nc := p.passive()
		if got := p.do("RETR f", 150).Text(); !strings.HasSuffix(got, "(3 bytes).") {
			t.Errorf("mark: %s", got)
		}
		_, _ = io.ReadAll(nc)
		p.expect(226)
	})
}

// A ranged STOR changes these bytes and no others, and must fill its range.
func TestRangeStore(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		ranged := func(rang, line, content string, code proto.Code, want string) {
			t.Helper()
			p.do(rang, 350)
			nc := p.passive()
			p.do(line, 150)
			_, _ = io.WriteString(nc, content)
			nc.Close()
			p.expect(code)
			if got := w.get("/f"); got != want {
				t.Errorf("%s, %s: %q, want %q", rang, line, got, want)
			}
		}
		ranged("RANG 0 1", "STOR f", "ab", 226, "ab23456789")
		ranged("RANG 4 5", "APPE f", "cd", 226, "ab23cd6789")
		ranged("RANG 9 11", "STOR f", "xyz", 226, "ab23cd678xyz")
		ranged("RANG 2 3", "STOR f", "TOOLONG", 426, "abTOcd678xyz")
		ranged("RANG 6 9", "STOR f", "--", 426, "abTOcd--8xyz")
		p.do("RANG 13 14", 350)
		p.do("STOR f", 554)
		p.do("RANG 1 2", 350)
		p.do("STOR none", 554)
		p.do("RANG 0 2", 350)
		p.store("STOR new", "abc")
		if got := w.get("/new"); got != "abc" {
			t.Errorf("new file: %q", got)
		}
		q := w.login("writer")
		q.do("TYPE I", 200)
		q.do("RANG 0 1", 350)
		q.do("STOR f", 550) // to change a file is not to make one
	}, withUser(users.Record{Name: "writer", Home: "/", Perm: users.List | users.Write | users.Overwrite}))
}

func withUser(r users.Record) func(*Config) {
	return func(c *Config) {
		b := testUsers()
		b[r.Name] = r
		c.Users = b
	}
}

// slow is a store whose files are read as slowly as somebody wishes.
type slow struct{ store.Store }

func (s slow) Open(ctx context.Context, name string) (store.File, error) {
	f, err := s.Store.Open(ctx, name)
	return slowFile{f}, err
}

type slowFile struct{ store.File }

func (f slowFile) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	return f.File.Read(p[:min(len(p), 10)])
}

func slowFiles(c *Config) {
	inner := c.Open
	c.Open = func(ctx context.Context, who users.Record) (store.Store, error) {
		st, err := inner(ctx, who)
		return slow{st}, err
	}
}

// While a hash of a big file is computed, NOOP and STAT are answered, other
// commands wait, and ABOR ends it.
func TestHashIsLikeATransfer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/big", strings.Repeat("x", 1000))
		p := w.login("anna")
		p.send("HASH big")
		time.Sleep(5500 * time.Millisecond)
		p.do("NOOP", 200)
		if got := p.do("STAT", 211).String(); !strings.Contains(got, "HASH /big: 50 bytes in 5.5 s") {
			t.Errorf("STAT: %s", got)
		}
		p.send("PWD")
		start := time.Now()
		p.expect(213)
		if took := time.Since(start); took < 90*time.Second {
			t.Errorf("the hash was there after %v", took)
		}
		p.expect(257)
		for _, verb := range []string{"HASH big", "XSHA512 big", "MD5 big", "SITE COPY big copy", "COMB copy big"} {
			p.send(verb)
			time.Sleep(time.Second)
			start = time.Now()
			p.send("ABOR")
			p.expect(426)
			p.expect(226)
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: ABOR took %v", verb, took)
			}
		}
		if got := w.get("/big"); len(got) != 1000 {
			t.Error("an aborted COMB took its part away")
		}
		p.do("SIZE copy", 550) // neither file nor part
		p.send("HASH big", "QUIT")
		p.expect(221) // at once; what runs is finished all the same
		p.expect(213)
		p.closed()
	}, slowFiles)
}

// A hash whose client has gone is not computed to its end.
func TestHashEndsWithItsClient(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/big", strings.Repeat("x", 10000))
		p := w.login("anna")
		p.send("HASH big")
		synctest.Wait()
		p.nc.Close()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := len(w.srv.Sessions()); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	}, slowFiles)
}

// Who may not read a file can't find out what is in it.
func TestHashNeedsRead(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", digits)
		p := w.login("blind")
		for _, verb := range []string{"HASH", "MD5", "XCRC", "XMD5", "XSHA", "XSHA1", "XSHA256", "XSHA512"} {
			p.do(verb+" f", 550)
		}
		p.do("SITE COPY f g", 550)
		p.do("COMB g f", 550)
	}, withUser(users.Record{Name: "blind", Home: "/", Perm: users.All &^ users.Read}))
}

func FuzzCutRange(f *testing.F) {
	for _, s := range []string{`a`, `"a b" 1 2`, `a b 3`, `"a""b"`, `1 2 3`, ` 1`, `"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		name, numbers, err := cutRange(arg)
		if err != nil {
			return
		}
		if len(name) > len(arg) || len(numbers) > 2 && !strings.HasPrefix(arg, `"`) {
			t.Errorf("%q: %q %q", arg, name, numbers)
		}
		part, err := parseRange(numbers)
		if err == nil && (part.offset < 0 || part.until < 0 || part.until != 0 && part.until <= part.offset) {
			t.Errorf("%q: %+v", arg, part)
		}
	})
}
