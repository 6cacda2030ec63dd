package serve

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/serve/store"
)

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
