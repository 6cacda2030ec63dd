package serve

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
)

// RFC 1123 §4.1.2.1.
func TestLocal8IsImage(t *testing.T) {
	inWorld(t, func(w *world) {
		all := ""
		for i := range 256 {
			all += string([]byte{byte(i)})
		}
		p := w.login("anna")
		p.do("TYPE L 8", 200)
		p.store("STOR f", all)
		if w.get("/f") != all {
			t.Errorf("stored %q", w.get("/f"))
		}
		if p.do("SIZE f", 213).Text() != "256" || p.fetch("RETR f") != all {
			t.Error("TYPE L 8 is not TYPE I")
		}
		p.do("TYPE I", 200)
		if p.fetch("RETR f") != all {
			t.Error("not the same under TYPE I")
		}
	})
}

// RFC 1123 §4.1.2.2 and RFC 959 §3.1.1.5: forms change nothing in the file.
func TestFormatsAreStoredAlike(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, form := range []string{"N", "T", "C"} {
			p.do("TYPE A "+form, 200)
			p.store("STOR "+form, "+one\r\n two\r\n\fthree\r\n")
			if got := w.get("/" + form); got != "+one\n two\n\fthree\n" {
				t.Errorf("TYPE A %s stores %q", form, got)
			}
			if got := p.fetch("RETR " + form); got != "+one\r\n two\r\n\fthree\r\n" {
				t.Errorf("TYPE A %s gives back %q", form, got)
			}
		}
	})
}

// RFC 959 §4.1.3: nothing is reserved, but what can't fit is refused.
func TestAllo(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for _, c := range []struct {
			line string
			code proto.Code
		}{
			{"ALLO 1", 200}, {"ALLO 10 R 80", 200}, {"ALLO 0", 200}, {"allo 10 r 80", 200},
			{"ALLO 9223372036854775808", 501}, {"ALLO -1", 501},
			{"ALLO 10 X 80", 501}, {"ALLO 10 R", 501}, {"ALLO 10 R x", 501}, {"ALLO x", 501}, {"ALLO", 501},
		} {
			p.do(c.line, c.code)
		}
		// It doesn't come between REST and the transfer.
		w.put("/f", "12345")
		p.do("TYPE I", 200)
		p.do("REST 3", 350)
		p.do("ALLO 2", 200)
		p.store("STOR f", "67")
		if got := w.get("/f"); got != "12367" {
			t.Errorf("after REST and ALLO: %q", got)
		}
	})
}

// RFC 2428 §2 and §3: families that can't be used are told those that can.
func TestNetworkFamilies(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for line, family := range map[string]string{"EPRT |3|10.0.0.2|40000|": "(1,2)", "EPSV 2": "(1)", "EPSV 3": "(1)"} {
			if got := p.do(line, 522).Text(); !strings.Contains(got, family) {
				t.Errorf("%s: %s", line, got)
			}
		}
		for _, line := range []string{"EPSV x", "EPRT 1,2,3", "EPRT |1|fd00::1|40000|", "EPRT |1|10.0.0.2|70000|"} {
			p.do(line, 501)
		}
		p.do("EPSV 1", 229)
	})
	inWorld6(t, func(p *peer) {
		if got := p.do("EPSV 1", 522).Text(); !strings.Contains(got, "(2)") {
			t.Errorf("EPSV 1: %s", got)
		}
		p.do("EPSV 2", 229)
		p.do("EPSV", 229)
		p.do("PASV", 522)
	})
}

// inWorld6 is a session over IPv6.
func inWorld6(t *testing.T, test func(p *peer)) {
	t.Helper()
	server, client := netip.MustParseAddr("fd00::1"), netip.MustParseAddr("fd00::2")
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.net.Host(serverAddr, server)
		w.addr = netip.AddrPortFrom(server, 21).String()
		p := w.dialFrom(client)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		test(p)
	})
}

// RFC 2428 §4.
func TestEPSVAll(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		p := w.login("anna")
		p.do("EPSV ALL", 200)
		for _, line := range []string{"PASV", "PORT 10,0,0,2,200,1", "EPRT |1|10.0.0.2|50000|", "PASV", "PORT 10,0,0,2,200,1"} {
			p.do(line, 503)
		}
		p.do("RETR f", 425) // nor the default port
		if got := p.fetch("RETR f"); got != "x" {
			t.Errorf("got %q", got)
		}
		p.do("REIN", 220)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		p.do("PASV", 227)
	})
}

// RFC 2389 §3.
func TestFeatReply(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		p.do("FEAT all", 501)
		lines := p.do("FEAT", 211).Lines
		for i, line := range lines[1 : len(lines)-1] {
			feature, ok := strings.CutPrefix(line, " ")
			if !ok || feature == "" || feature[0] == ' ' || strings.TrimRight(feature, " ") != feature {
				t.Errorf("line %d: %q", i, line)
			}
		}
	})
}

// RFC 2389 §3.2: what FEAT lists is known here: no 500 and no 502.
func TestFeatTellsTheTruth(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		p := w.login("anna")
		for word, params := range proto.ParseFeatures(p.do("FEAT", 211)) {
			line := word
			switch word {
			case "TVFS":
				continue // not a command
			case "UTF8":
				line = "OPTS UTF8 ON"
			case "SITE":
				line, _, _ = strings.Cut("SITE "+params, ";")
			}
			p.send(line)
			r, err := p.ReadReply()
			if err != nil || r.Code == proto.Unrecognised || r.Code == proto.NotImplemented {
				t.Errorf("%s: %v, %v", line, r, err)
			}
		}
		if got := p.fetch("MLSD /"); !strings.HasSuffix(got, " f\r\n") { // MLST stands for both
			t.Errorf("MLSD: %q", got)
		}
	})
}

// RFC 2640 §4.
func TestLang(t *testing.T) {
	inWorld(t, func(w *world) {
		w.dial().replies([][2]string{ // before login
			{"LANG en", "200 *"},
			{"LANG EN-gb", "200 *"},
			{"LANG fr", "504 *"},
			{"LANG", "200 *"},
			{"LANG no tag", "501 *"},
			{"LANG *", "501 *"},
		}...)
		f := proto.ParseFeatures(w.dial().do("FEAT", 211))
		if f["LANG"] != "EN*" {
			t.Errorf("FEAT: LANG %s", f["LANG"])
		}
	})
}

// RFC 3659 §3.1.
func TestModifyTime(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/20200102030405 f", "x")
		w.put("/f", "x")
		at := time.Date(2001, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))
		for _, name := range []string{"/f", "/20200102030405 f"} {
			if err := w.files.SetModTime(w.t.Context(), name, at); err != nil {
				t.Fatal(err)
			}
		}
		_ = w.files.Mkdir(w.t.Context(), "/d")
		w.login("anna").replies([][2]string{
			{"MDTM f", "213 20010203030506"}, // UTC
			{"MDTM 20200102030405 f", "213 20010203030506"},
			{"MDTM d", "550 *"},
			{"MDTM none", "550 *"},
		}...)
	})
}

// RFC 3659 §4: the size is what RETR would send, and 550 where it can't.
func TestSizeByStructure(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "one\n\xff\n")
		w.put("/big", strings.Repeat("x", 70_000))
		p := w.login("anna")
		for _, c := range []struct {
			typ, stru, size string
		}{
			{"I", "F", "6"}, {"A", "F", "8"}, {"E", "F", "6"},
			{"A", "R", "11"}, // 3+2, 2+2, 2
			{"I", "P", "14"}, // 4+6, 4
		} {
			for _, line := range []string{"STRU F", "TYPE " + c.typ, "STRU " + c.stru} {
				p.do(line, 200)
			}
			if got := p.do("SIZE f", 213).Text(); got != c.size {
				t.Errorf("TYPE %s, STRU %s: SIZE tells %s, want %s", c.typ, c.stru, got, c.size)
			}
			if n := len(p.fetch("RETR f")); strconv.Itoa(n) != c.size {
				t.Errorf("TYPE %s, STRU %s: %d bytes sent", c.typ, c.stru, n)
			}
		}
		p.do("SIZE big", 550) // more than 256 pages
	})
}
