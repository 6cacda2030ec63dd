package serve

import (
	"io"
	"net/netip"
	"strings"
	"testing"

	"ferry/proto"
)

func TestRetrAndStor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/a/b.txt", "one\ntwo\n")
		p := w.login("anna")
		if got := p.fetch("RETR /a/b.txt"); got != "one\r\ntwo\r\n" {
			t.Errorf("TYPE A: %q", got)
		}
		p.do("TYPE I", 200)
		p.do("CWD a", 250)
		if got := p.fetch("RETR b.txt"); got != "one\ntwo\n" {
			t.Errorf("TYPE I: %q", got)
		}
		p.store("STOR b.txt", "new")
		p.store("APPE b.txt", "er")
		if got := w.get("/a/b.txt"); got != "newer" {
			t.Errorf("stored %q", got)
		}
		p.do("TYPE A", 200)
		p.store("STOR c.txt", "x\r\ny\r\n")
		if got := w.get("/a/c.txt"); got != "x\ny\n" {
			t.Errorf("stored in TYPE A %q", got)
		}
		p.do("RETR nothing", 550)
		p.do("RETR /a", 550)
		p.do("STOR /nowhere/x", 550)
		p.do("STOR /a", 550)
	})
}

// curl and others take the size of a file from the mark.
func TestMarkTellsSize(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("REST 4", 350)
		nc := p.passive()
		if got := p.do("RETR f", 150).Text(); !strings.HasSuffix(got, "(6 bytes).") {
			t.Errorf("mark: %s", got)
		}
		if b, _ := io.ReadAll(nc); string(b) != "456789" {
			t.Errorf("got %q", b)
		}
		p.expect(226)
	})
}

func TestActiveTransfers(t *testing.T) {
	for _, cmd := range []string{"PORT", "EPRT", "default"} {
		inWorld(t, func(w *world) {
			w.put("/f", "hello")
			p := w.login("anna")
			p.do("TYPE I", 200)
			own := addrPort(p.nc.LocalAddr())
			listen := ":0"
			if cmd == "default" { // RFC 959 §3.2: the port of the control connection
				listen = own.String()
			}
			ln, err := p.host.Listen(t.Context(), "tcp", listen)
			if err != nil {
				t.Skipf("listen %s: %v", listen, err)
			}
			defer ln.Close()
			at := netip.AddrPortFrom(own.Addr(), addrPort(ln.Addr()).Port())
			switch cmd {
			case "PORT":
				p.do("PORT "+proto.FormatHostPort(at), 200)
			case "EPRT":
				p.do("EPRT "+proto.FormatExtended(at), 200)
			}
			p.do("RETR f", 150)
			nc, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if b, _ := io.ReadAll(nc); string(b) != "hello" {
				t.Errorf("%s: got %q", cmd, b)
			}
			p.expect(226)
		})
	}
}

func TestDataAddresses(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		for line, code := range map[string]proto.Code{
			"PORT 10,0,0,2,0,25":      504, // a service's port
			"PORT 10,0,0,3,200,1":     504, // somebody else
			"PORT 10, 0,0,2,200,1":    200,
			"PORT 10,0,0,2,200":       501,
			"PORT 10,0,0,2,200,256":   501,
			"PORT host":               501,
			"EPRT |1|10.0.0.2|40000|": 200,
			"EPRT |1|10.0.0.3|40000|": 504,
			"EPRT |2|::1|40000|":      504,
			"EPRT |3|10.0.0.2|40000|": 522,
			"EPRT |1|10.0.0.2|99999|": 501,
			"EPSV 1":                  229,
			"EPSV 2":                  522,
			"EPSV 3":                  522,
			"EPSV x":                  501,
			"PASV":                    227,
		} {
			p.do(line, code)
		}
		p.do("EPSV ALL", 200)
		p.do("PASV", 503)
		p.do("PORT 10,0,0,2,200,1", 503)
		p.do("EPRT |1|10.0.0.2|40000|", 503)
		p.do("EPSV", 229)
	})
}

func TestRestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, arg := range []string{"-1", "x", "9223372036854775808", "1 2", "1e9", "+5"} {
			p.do("REST "+arg, 501)
		}
		p.do("REST 7", 350)
		if got := p.fetch("RETR f"); got != "789" {
			t.Errorf("RETR at an offset: %q", got)
		}
		p.do("REST 11", 350)
		p.do("RETR f", 554)
		p.do("REST 9223372036854775807", 350)
		p.do("STOR new", 554)
		p.do("REST 4", 350)
		p.store("STOR f", "XX")
		if got := w.get("/f"); got != "0123XX6789" {
			t.Errorf("STOR at an offset: %q", got)
		}
		p.do("TYPE A", 200)
		p.do("REST 4", 350)
		p.do("RETR f", 504) // bytes of TYPE A are not bytes of the file
	})
}

func TestStou(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, line := range []string{"STOU", "STOU report.txt", "STOU report.txt"} {
			name, ok := strings.CutPrefix(p.store(line, line).Text(), "FILE: ")
			if !ok || w.get(name) != line {
				t.Errorf("%s: told %q", line, name)
			}
			if line != "STOU" && (!strings.HasPrefix(name, "/report-") || !strings.HasSuffix(name, ".txt")) {
				t.Errorf("%s: told %q", line, name)
			}
		}
	})
}

func TestOverwritePolicy(t *testing.T) {
	deny := func(c *Config) { c.Files.Overwrite = OverwriteDeny }
	report := func(c *Config) { c.Replies = Report }
	for _, c := range []struct {
		edit func(*Config)
		code proto.Code
	}{{deny, 553}, {report, 550}} {
		inWorld(t, func(w *world) {
			w.put("/f", "old")
			w.put("/g", "other")
			p := w.login("anna")
			p.do("TYPE I", 200)
			p.do("STOR f", c.code)
			p.do("APPE f", c.code)
			p.do("REST 1", 350)
			p.do("STOR f", c.code)
			p.do("RNFR g", 350)
			p.do("RNTO f", c.code)
			p.store("STOR h", "new")
			if w.get("/f") != "old" || w.get("/h") != "new" {
				t.Errorf("f is %q, h is %q", w.get("/f"), w.get("/h"))
			}
		}, c.edit)
	}
}

func TestPermissions(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/docs/f", "text")
		p := w.login("reader")
		p.do("TYPE I", 200)
		if got := p.do("PWD", 257).Text(); !strings.HasPrefix(got, `"/docs"`) {
			t.Errorf("home: %s", got)
		}
		if got := p.fetch("RETR f"); got != "text" {
			t.Errorf("got %q", got)
		}
		for _, line := range []string{"STOR x", "STOU", "APPE f", "DELE f", "RNFR f", "RNTO g", "MKD d", "RMD d",
			"SITE CHMOD 600 f", "MFMT 20200101000000 f"} {
			p.do(line, 550)
		}
		if got := p.do("MLST f", 250).String(); !strings.Contains(got, "perm=r;") {
			t.Errorf("MLST: %s", got)
		}
	})
}

// Append alone lets nobody make files, nor overwrite one.
func TestAppendOnly(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/log", "a")
		p := w.login("logger")
		p.do("TYPE I", 200)
		p.do("APPE new", 550)
		p.do("STOR log", 550)
		p.do("REST 0", 350)
		p.do("STOR log", 550)
		p.store("APPE log", "b")
		if got := w.get("/log"); got != "ab" {
			t.Errorf("log is %q", got)
		}
	})
}

func TestReadOnlyServer(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "text")
		p := w.login("anna")
		for _, line := range []string{"STOR x", "STOU", "APPE f", "DELE f", "MKD d", "RMD d"} {
			p.do(line, 550)
		}
		p.do("RNFR f", 350)
		p.do("RNTO g", 550)
	}, func(c *Config) { c.Files.ReadOnly = true })
}
