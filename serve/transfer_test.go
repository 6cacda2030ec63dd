package serve

import (
	"context"
	"io"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto"
	"ferry/serve/store"
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

func TestNobodyComes(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "hello")
		p := w.login("anna")
		p.do("EPSV", 229)
		start := time.Now()
		p.do("RETR f", 150)
		p.expect(425)
		if took := time.Since(start); took != w.srv.cfg.Limits.Meet {
			t.Errorf("gave up after %v", took)
		}
		p.do("NOOP", 200)
		p.do("RETR f", 150) // nobody listens where the control connection comes from
		p.expect(425)
	})
}

// The longest any command may be out of touch with an abort.
func TestAbort(t *testing.T) {
	big := strings.Repeat("x", 1<<20) // more than the buffers between hold
	for name, prepare := range map[string]func(w *world, p *peer){
		"stalled download": func(w *world, p *peer) {
			w.put("/f", big)
			p.passive()
			p.do("RETR f", 150)
		},
		"stalled upload": func(w *world, p *peer) {
			nc := p.passive()
			p.do("STOR up", 150)
			_, _ = io.WriteString(nc, "some")
		},
		"nobody came": func(w *world, p *peer) {
			w.put("/f", "hello")
			p.do("EPSV", 229)
			p.do("RETR f", 150)
		},
		"listing": func(w *world, p *peer) {
			for i := range 3000 {
				_ = w.files.Mkdir(w.t.Context(), "/"+strings.Repeat("d", 50)+time.Duration(i).String())
			}
			p.passive()
			p.do("LIST", 150)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				p := w.login("anna")
				p.do("TYPE I", 200)
				prepare(w, p)
				synctest.Wait()
				start := time.Now()
				p.raw("\xff\xf4\xff\xf2ABOR\r\n")
				p.expect(426)
				p.expect(226)
				if took := time.Since(start); took > 0 {
					t.Errorf("took %v", took)
				}
				p.do("NOOP", 200)
				p.do("ABOR", 226)
				if got := w.get("/up"); got != "(none)" {
					t.Errorf("an aborted upload is there: %q", got)
				}
			})
		})
	}
}

// What is answered during a transfer, and what waits for its end.
func TestDuringTransfer(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR up", 150)
		_, _ = io.WriteString(nc, strings.Repeat("x", 5000))
		time.Sleep(10 * time.Second)
		p.do("NOOP", 200)
		if got := p.do("STAT", 211).String(); !strings.Contains(got, "STOR /up: 5000 bytes in 10.0 s, 500 bytes/s") {
			t.Errorf("STAT: %s", got)
		}
		if i := w.srv.Sessions()[0]; i.Transfer == nil || i.Transfer.Bytes != 5000 || i.Transfer.Verb != "STOR" {
			t.Errorf("info: %+v", i.Transfer)
		}
		// PWD waits, and what comes behind it waits, too.
		p.send("PWD", "NOOP", "STAT", "SYST")
		p.silent()
		nc.Close()
		for _, code := range []proto.Code{226, 257, 200, 211, 215} {
			p.expect(code)
		}
		if got := w.get("/up"); len(got) != 5000 {
			t.Errorf("%d bytes stored", len(got))
		}
	})
}

// Random commands during a transfer, against a model of three lines: what
// stands before the first that must wait is answered at once, all else after
// the transfer, in order.
func TestQueueModel(t *testing.T) {
	codes := map[string]proto.Code{"NOOP": 200, "STAT": 211, "PWD": 257, "TYPE I": 200, "STAT /": 212, "SIZE none": 550,
		"XYZZY": 500, "CWD /": 250, "HELP": 214, "RNTO x": 503, "": 500}
	urgent := map[string]bool{"NOOP": true, "STAT": true}
	verbs := slices.Sorted(maps.Keys(codes))
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		var lines []string
		for range 1 + rnd.IntN(12) {
			lines = append(lines, verbs[rnd.IntN(len(verbs))])
		}
		cut := slices.IndexFunc(lines, func(l string) bool { return !urgent[l] })
		if cut < 0 {
			cut = len(lines)
		}
		inWorld(t, func(w *world) {
			p := w.login("anna")
			nc := p.passive()
			p.do("STOR f", 150)
			p.send(lines...)
			for _, l := range lines[:cut] {
				p.expect(codes[l])
			}
			p.silent()
			nc.Close()
			p.expect(226)
			for _, l := range lines[cut:] {
				p.expect(codes[l])
			}
		})
	}
}

// STAT with a path is a listing like any other: it waits.
func TestStatPathWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		nc := p.passive()
		p.do("STOR up", 150)
		p.send("STAT /", "NOOP")
		p.silent()
		nc.Close()
		p.expect(226)
		p.expect(212)
		p.expect(200)
	})
}

func TestQuitDuringTransfer(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR up", 150)
		p.send("QUIT", "DELE up")
		p.expect(221)
		time.Sleep(time.Second)
		_, _ = io.WriteString(nc, "all of it")
		nc.Close()
		p.expect(226)
		p.closed()
		if got := w.get("/up"); got != "all of it" {
			t.Errorf("stored %q", got)
		}
	})
}

// An upload that breaks leaves the old file as it was, and a part that the
// same user can resume.
func TestBrokenUpload(t *testing.T) {
	type cut func(p *peer, nc io.Closer)
	reset := func(c any) { c.(interface{ Reset() error }).Reset() }
	for name, how := range map[string]cut{
		"data connection reset": func(p *peer, nc io.Closer) {
			reset(nc)
			p.expect(426)
		},
		"control connection closed": func(p *peer, nc io.Closer) { p.nc.Close() },
		"control connection reset":  func(p *peer, nc io.Closer) { reset(p.nc) },
		"client died": func(p *peer, nc io.Closer) {
			p.nc.Close()
			synctest.Wait()
			nc.Close()
		},
		"abort": func(p *peer, nc io.Closer) {
			p.send("ABOR")
			p.expect(426)
			p.expect(226)
		},
		"stall": func(p *peer, nc io.Closer) {
			p.expect(426)
		},
		"server shut down": func(p *peer, nc io.Closer) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = p.w.srv.Shutdown(ctx)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.put("/f", "the old file")
				p := w.login("anna")
				p.do("TYPE I", 200)
				nc := p.passive()
				p.do("STOR f", 150)
				_, _ = io.WriteString(nc, "first half, ")
				synctest.Wait()
				how(p, nc)
				synctest.Wait()
				if got := w.get("/f"); got != "the old file" {
					t.Fatalf("old file: %q", got)
				}
				if name == "server shut down" {
					return
				}
				_ = w.files.Remove(t.Context(), "/f")
				q := w.login("bert")
				q.do("TYPE I", 200)
				q.do("SIZE f", 550) // somebody else's
				q = w.login("anna")
				q.do("TYPE I", 200)
				if got := q.do("SIZE f", 213).Text(); got != "12" {
					t.Fatalf("part of %s bytes", got)
				}
				q.do("RETR f", 550)
				q.do("REST 12", 350)
				q.store("STOR f", "second half")
				if got := w.get("/f"); got != "first half, second half" {
					t.Errorf("resumed: %q", got)
				}
			})
		})
	}
}

func TestAppendToPart(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR f", 150)
		_, _ = io.WriteString(nc, "first, ")
		synctest.Wait()
		nc.(interface{ Reset() error }).Reset()
		p.expect(426)
		p.do("REST 3", 350)
		p.do("APPE f", 554)
		p.store("APPE f", "second")
		if got := w.get("/f"); got != "first, second" {
			t.Errorf("got %q", got)
		}
	})
}

// A download that breaks must not look like a whole file: the client sees a
// reset, not an end.
func TestBrokenDownloadIsReset(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", strings.Repeat("x", 1<<20))
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("RETR f", 150)
		synctest.Wait()
		p.send("ABOR")
		p.expect(426)
		p.expect(226)
		if _, err := io.ReadAll(nc); !isReset(err) {
			t.Errorf("the data connection ended with %v", err)
		}
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

// REST, RNFR and ALLO count for the very next command, or never.
func TestOneShots(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "0123456789")
		p := w.login("anna")
		p.do("TYPE I", 200)
		for _, c := range []struct {
			between string
			code    proto.Code
			want    string
		}{
			{"", 0, "3456789"},
			{"NOOP", 200, "3456789"},
			{"TYPE I", 200, "3456789"},
			{"PASV", 227, "3456789"},
			{"ALLO 1", 200, "3456789"},
			{"PWD", 257, "0123456789"},
			{"SIZE f", 213, "0123456789"},
			{"RETR none", 550, "0123456789"},
			{"XYZZY", 500, "0123456789"},
			{"THMB /", 502, "0123456789"},
			{"RETR", 501, "0123456789"},
			{"SITE HELP", 214, "0123456789"},
		} {
			p.do("REST 3", 350)
			if c.between != "" {
				p.do(c.between, c.code)
			}
			if got := p.fetch("RETR f"); got != c.want {
				t.Errorf("REST 3, %s, RETR: %q, want %q", c.between, got, c.want)
			}
			if got := p.fetch("RETR f"); got != "0123456789" {
				t.Errorf("the second RETR after REST 3, %s: %q", c.between, got)
			}
		}
		p.do("REST 3", 350)
		p.do("REST 3", 350)
		if got := p.fetch("RETR f"); got != "3456789" {
			t.Errorf("REST twice: %q", got)
		}
		for _, between := range []string{"NOOP", "PWD", "TYPE I", "REST 0", "XYZZY", "RNFR none"} {
			p.do("RNFR f", 350)
			p.send(between)
			if _, err := p.ReadReply(); err != nil {
				t.Fatal(err)
			}
			p.do("RNTO g", 503)
		}
		p.do("RNFR f", 350)
		p.do("RNTO g", 250)
		p.do("RNTO h", 503)
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

// A data connection that was agreed on is for the next transfer command,
// whatever comes of it.
func TestMeetingIsForOneCommand(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", "x")
		p := w.login("anna")
		for _, line := range []string{"RETR none", "STOR /none/x", "APPE /none/x", "LIST none", "NLST none", "MLSD none", "MLSD f"} {
			nc := p.passive()
			p.send(line)
			if r, err := p.ReadReply(); err != nil || r.Code.Class() != proto.Fail {
				t.Fatalf("%s: %s, %v", line, r, err)
			}
			if n, err := nc.Read(make([]byte, 1)); err == nil {
				t.Errorf("after %s the data connection gave %d bytes", line, n)
			}
			p.do("RETR f", 150)
			p.expect(425)
		}
		nc := p.passive()
		p.do("ABOR", 226)
		if _, err := nc.Read(make([]byte, 1)); err == nil || timeout(err) {
			t.Errorf("after ABOR the data connection is open: %v", err)
		}
		p.do("EPSV ALL", 200)
		p.do("RETR f", 425) // not even tried
	})
}

// Markers of the peer are answered while the transfer goes on.
func TestMarkersAreAnsweredAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("MODE B", 200)
		nc := p.passive()
		p.do("STOR f", 150)
		_, _ = io.WriteString(nc, "\x00\x00\x03abc\x10\x00\x02m1")
		if got := p.expect(110).Text(); got != "MARK m1 = 3" {
			t.Errorf("110 says %q", got)
		}
		p.send("PWD") // held: the owner no longer reads, but still answers
		p.silent()
		_, _ = io.WriteString(nc, "\x10\x00\x02m2")
		if got := p.expect(110).Text(); got != "MARK m2 = 3" {
			t.Errorf("110 says %q", got)
		}
		_, _ = io.WriteString(nc, "\x40\x00\x00")
		p.expect(226)
		p.expect(257)
		if got := w.get("/f"); got != "abc" {
			t.Errorf("stored %q", got)
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

func TestFileInUse(t *testing.T) {
	inWorld(t, func(w *world) {
		w.put("/f", strings.Repeat("x", 1<<20))
		p, q := w.login("anna"), w.login("bert")
		p.do("TYPE I", 200)
		p.passive()
		p.do("RETR f", 150)
		synctest.Wait()
		q.do("DELE f", 450)
		p.send("ABOR")
		p.expect(426)
		p.expect(226)
		q.do("DELE f", 250)
	})
}

func TestNoSpace(t *testing.T) {
	inWorld(t, func(w *world) {
		w.files = store.NewMemSized(1000)
		w.put("/f", "old")
		p := w.login("anna")
		p.do("TYPE I", 200)
		p.do("ALLO 2000", 452)
		p.do("ALLO 100 R 10", 200)
		p.do("ALLO 100 R", 501)
		p.do("ALLO x", 501)
		nc := p.passive()
		p.do("STOR f", 150)
		_, _ = io.WriteString(nc, strings.Repeat("x", 2000))
		p.expect(452)
		if got := w.get("/f"); got != "old" {
			t.Errorf("old file: %.20q", got)
		}
	})
}

// The clock of an idle session stands still while something moves.
func TestLongTransferIsNotIdle(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR f", 150)
		for range 10 {
			_, _ = io.WriteString(nc, "x")
			time.Sleep(4 * time.Minute)
		}
		nc.Close()
		p.expect(226)
		time.Sleep(14 * time.Minute)
		p.do("NOOP", 200)
	})
}

func TestDrainLetsTransfersFinish(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		p.do("TYPE I", 200)
		nc := p.passive()
		p.do("STOR f", 150)
		done := make(chan error, 1)
		go func() { done <- w.srv.Shutdown(context.Background()) }()
		time.Sleep(10 * time.Second)
		_, _ = io.WriteString(nc, "whole")
		nc.Close()
		p.expect(226)
		p.expect(421)
		p.closed()
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if got := w.get("/f"); got != "whole" {
			t.Errorf("stored %q", got)
		}
	})
}
