//go:build linux

package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ferry/serve/bench/link"
	"ferry/serve/bench/peers"
)

// target is a server that runs, the floor included.
type target struct {
	name, address, user, password string
	group                         *group
	dir                           string // what it serves
	mlsd                          bool
	rest                          int64  // its memory while nobody is there, bytes
	inside                        string // the generator's namespace; "": where it was started
}

// beside is the name of another ferry, which is set beside the one to measure.
const beside = "beside"

func ours(name string) bool { return name == "ferry" || name == beside }

// sample is one turn of one server.
type sample struct {
	value float64       // in the scenario's unit
	cpu   time.Duration // of the server, during the turn
	work  float64       // what the CPU time is divided by: GiB, operations, logins
	notes []float64     // further columns
}

// scenario is one row of the goals.
type scenario struct {
	name    string
	about   string
	unit    string // of value
	per     string // what CPU time is told for, "" for not at all
	more    []string
	less    bool // smaller values are better
	over    security
	line    *link.Conditions // nil: loopback
	rate    int64            // bytes a second that a user may download; 0: any
	grows   bool             // what counts is memory, over that of the server at rest
	servers []string         // nil: all that there are
	prepare func(dir string) error
	measure func(t target, v security) (sample, error)
}

const (
	mib         = 1 << 20
	gib         = 1 << 30
	bigSize     = gib
	smallSize   = 4096
	smallCount  = 2000
	loginCount  = 400
	idleForking = 500 // sessions held, where each is a process or more
	idleMany    = 10_000
	idleSealed  = 500
	crowdCount  = 200
	crowdSize   = 12 * mib
	lossySize   = 16 * mib
	entries     = 100_000
	million     = 1_000_000
	tls12       = security(tls.VersionTLS12)
	tls13       = security(tls.VersionTLS13)
)

func scenarios() []scenario {
	many := []string{"ferry", "pyftpdlib", "floor"}
	enter := append(peers.Names(), "goftp", "floor")
	real := []string{"ferry", "vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"}
	return []scenario{
		{name: "down", about: "one file of 1 GiB down", unit: "MiB/s", per: "s/GiB", prepare: bigFile, measure: down},
		{name: "rest", about: "its second half, by REST", unit: "MiB/s", per: "s/GiB", servers: real, prepare: bigFile, measure: downHalf},
		{name: "rated", about: "1 GiB down at a rate of 512 MiB/s", unit: "MiB/s", per: "s/GiB", rate: gib / 2, servers: []string{"ferry", "vsftpd", "proftpd", "pure-ftpd"}, prepare: bigFile, measure: down},
		{name: "up", about: "one file of 1 GiB up, committed", unit: "MiB/s", per: "s/GiB", prepare: bigFile, measure: upload},
		{name: "tls13-down", about: "down over TLS 1.3", unit: "MiB/s", per: "s/GiB", over: tls13, prepare: bigFile, measure: down},
		{name: "tls13-up", about: "up over TLS 1.3", unit: "MiB/s", per: "s/GiB", over: tls13, prepare: bigFile, measure: upload},
		{name: "tls12-down", about: "down over TLS 1.2", unit: "MiB/s", per: "s/GiB", over: tls12, prepare: bigFile, measure: down},
		{name: "tls12-up", about: "up over TLS 1.2", unit: "MiB/s", per: "s/GiB", over: tls12, prepare: bigFile, measure: upload},
		{name: "small-down", about: "2,000 × 4 KiB on one session: EPSV + RETR", unit: "files/s", per: "µs/file", prepare: small, measure: manyDown(smallCount)},
		{name: "small-up", about: "2,000 × 4 KiB on one session: EPSV + STOR", unit: "files/s", per: "µs/file", prepare: small, measure: manyUp(smallCount)},
		{name: "small-tls-down", about: "500 × 4 KiB down over TLS 1.3 with resumption", unit: "files/s", per: "µs/file", over: tls13, prepare: small, measure: manyDown(500)},
		{name: "small-tls-up", about: "500 × 4 KiB up over TLS 1.3 with resumption", unit: "files/s", per: "µs/file", over: tls13, prepare: small, measure: manyUp(500)},
		{name: "kept-down", about: "2,000 × 4 KiB down: ferry and floor over one connection (MODE B), the others EPSV + RETR", unit: "files/s", per: "µs/file", prepare: small, measure: keptDown(smallCount)},
		{name: "kept-up", about: "2,000 × 4 KiB up: ferry and floor over one connection (MODE B), the others EPSV + STOR", unit: "files/s", per: "µs/file", prepare: small, measure: keptUp(smallCount)},
		{name: "lossy", about: "16 MiB down, 50 ms there and back, one packet in 200 lost", unit: "MiB/s", servers: []string{"ferry", "vsftpd"}, line: lossyLine(), prepare: lossyFile, measure: downLossy},
		{name: "logins", about: "400 logins, 8 at a time", unit: "logins/s", per: "µs/login", servers: enter, measure: logins},
		{name: "logins-tls", about: "400 logins over TLS 1.3, ECDSA, 8 at a time", unit: "logins/s", per: "µs/login", over: tls13, servers: enter, measure: logins},
		{name: "idle", about: "memory of idle sessions", unit: "KiB each", more: idleNotes(), less: true, grows: true, servers: real, measure: idle(idleForking)},
		{name: "idle-many", about: "10,000 idle sessions", unit: "KiB each", more: idleNotes(), less: true, grows: true, servers: many, measure: idle(idleMany)},
		{name: "idle-tls", about: "idle sessions with TLS 1.3", unit: "KiB each", more: idleNotes(), less: true, grows: true, over: tls13, measure: idle(idleSealed)},
		{name: "crowd", about: "200 clients × 12 MiB at once", unit: "MiB/s", per: "s/GiB", more: []string{"slowest/median"}, prepare: crowdFile, measure: crowd(crowdCount)},
		{name: "list", about: "LIST of 100,000 entries", unit: "s", less: true, more: []string{"first byte, ms", "memory growth, MiB"}, servers: real, prepare: directory(entries), measure: listing("LIST", entries)},
		{name: "mlsd", about: "MLSD of 100,000 entries", unit: "s", less: true, more: []string{"first byte, ms", "memory growth, MiB"}, servers: real, prepare: directory(entries), measure: listing("MLSD", entries)},
		{name: "million", about: "LIST of 1,000,000 entries", unit: "s", less: true, more: []string{"first byte, ms", "memory growth, MiB"}, servers: []string{"ferry", "vsftpd"}, prepare: directory(million), measure: listing("LIST", million)},
		{name: "abort", about: "ABOR in a LIST of 1,000,000 entries, until it is answered", unit: "ms", less: true, servers: []string{"ferry"}, prepare: directory(million), measure: abort(million)},
	}
}

// lossyLine is 50 ms there and back at a gigabit, with half a percent lost.
func lossyLine() *link.Conditions {
	return &link.Conditions{Delay: 25 * time.Millisecond, Rate: 1e9, Loss: 0.005, Queue: 8 * mib}
}

func lossyFile(dir string) error { return fill(filepath.Join(dir, "lossy.bin"), lossySize) }

// bigFile has one large file, whose bytes repeat only after a while.
func bigFile(dir string) error { return fill(filepath.Join(dir, "big.bin"), bigSize) }

func crowdFile(dir string) error { return fill(filepath.Join(dir, "crowd.bin"), crowdSize) }

func small(dir string) error { return fill(filepath.Join(dir, "small.bin"), smallSize) }

// fill makes a file; for those that exist with that size there is nothing to do.
func fill(path string, size int64) error {
	if info, err := os.Stat(path); err == nil && info.Size() == size {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	block := make([]byte, min(size, mib))
	for i := range block {
		block[i] = byte(i*7 + i>>8)
	}
	for done := int64(0); done < size; done += int64(len(block)) {
		if _, err := f.Write(block); err != nil {
			f.Close()
			return err
		}
	}
	return f.Close()
}

// directory makes a large one, of empty files.
func directory(n int) func(dir string) error {
	return func(dir string) error {
		at := filepath.Join(dir, fmt.Sprintf("n%d", n))
		if _, err := os.Stat(at); err == nil {
			return nil
		}
		if err := os.Mkdir(at, 0o755); err != nil {
			return err
		}
		for i := range n {
			f, err := os.Create(filepath.Join(at, fmt.Sprintf("file-%07d.dat", i)))
			if err != nil {
				return err
			}
			if err := f.Close(); err != nil {
				return err
			}
		}
		return nil
	}
}
