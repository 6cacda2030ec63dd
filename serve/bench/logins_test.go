package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ferry/serve"
	"ferry/serve/certs"
	"ferry/serve/users"
)

// roleVar says what a process of this test is: "" the test, "ferry" or "bare"
// a server.
const roleVar = "FERRY_BENCH_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVar); role != "" {
		if err := child(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child serves until its input ends. It prints its address, and its CPU time so
// far for each line that it reads.
func child(role string) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	set, err := certs.Made([]string{"127.0.0.1"})
	if err != nil {
		return err
	}
	switch role {
	case "bare":
		go bare(ln, set)
	default:
		srv, err := ferry(set)
		if err != nil {
			return err
		}
		go srv.Serve(context.Background(), ln)
	}
	fmt.Println(ln.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println(cpuTime().Nanoseconds())
	}
	return nil
}

// bare is the least that a TLS server can do.
func bare(ln net.Listener, set *certs.Set) {
	cfg := &tls.Config{GetCertificate: set.Get, MinVersion: tls.VersionTLS13}
	for {
		nc, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			defer nc.Close()
			tc := tls.Server(nc, cfg)
			if tc.Handshake() == nil {
				_, _ = tc.Read(make([]byte, 1)) // the client's end
			}
		}()
	}
}

// ferry has one user of a file, whose password is an argon2id hash.
func ferry(set *certs.Set) (*serve.Server, error) {
	dir, err := os.MkdirTemp("", "ferry-bench")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "users.json")
	if err := users.Create(path); err != nil {
		return nil, err
	}
	f, err := users.Open(path, users.Options{})
	if err != nil {
		return nil, err
	}
	if err := f.Add(users.Record{Name: "ann", Home: "/", Perm: users.All}, "secret"); err != nil {
		return nil, err
	}
	return serve.New(serve.Config{
		Users: f, Open: serve.Roots(dir), TLS: serve.TLS{Certificate: set.Get},
		Logger: serve.NewLogger(io.Discard, serve.LogText, slog.LevelInfo),
	})
}

// server is a child.
type server struct {
	addr string
	ask  io.WriteCloser
	say  *bufio.Scanner
}

func start(tb testing.TB, role string) *server {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVar+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	s := &server{ask: in, say: bufio.NewScanner(out)}
	if !s.say.Scan() {
		tb.Fatalf("%s does not start", role)
	}
	s.addr = s.say.Text()
	return s
}

// cpu is the CPU time of the child so far.
func (s *server) cpu(tb testing.TB) time.Duration {
	tb.Helper()
	fmt.Fprintln(s.ask)
	if !s.say.Scan() {
		tb.Fatal("the server is gone")
	}
	n, err := strconv.ParseInt(s.say.Text(), 10, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return time.Duration(n)
}

// clientTLS resumes nothing: each login has a handshake of its own.
func clientTLS() *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}
}

// shake is one visit to the bare server.
func shake(addr string) error {
	tc, err := tls.Dial("tcp", addr, clientTLS())
	if err != nil {
		return err
	}
	return tc.Close()
}

// login is one visit to ferry.
func login(addr string) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	r := bufio.NewReaderSize(nc, 256)
	say := func(w io.Writer, line, want string) error {
		if line != "" {
			if _, err := io.WriteString(w, line+"\r\n"); err != nil {
				return err
			}
		}
		got, err := r.ReadString('\n')
		if err == nil && !strings.HasPrefix(got, want) {
			err = fmt.Errorf("%s: %s", line, got)
		}
		return err
	}
	if err := say(nc, "", "220"); err != nil {
		return err
	}
	if err := say(nc, "AUTH TLS", "234"); err != nil {
		return err
	}
	tc := tls.Client(nc, clientTLS())
	r = bufio.NewReaderSize(tc, 256)
	if err := say(tc, "USER ann", "331"); err != nil {
		return err
	}
	if err := say(tc, "PASS secret", "230"); err != nil {
		return err
	}
	return tc.Close()
}

// visits makes n of them, eight at a time, and returns how long that took.
func visits(tb testing.TB, n int, visit func(addr string) error, addr string) time.Duration {
	tb.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	start := time.Now()
	for range 8 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := visit(addr); err != nil {
					tb.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// BenchmarkLogins takes turns, so that what else the machine does meets both.
func BenchmarkLogins(b *testing.B) {
	floor, ours := start(b, "bare"), start(b, "ferry")
	visits(b, 16, shake, floor.addr)
	visits(b, 16, login, ours.addr) // the password is verified once
	const rounds = 11
	var ratios []float64
	var shaking, loggingIn, bareCPU, cpu time.Duration
	for b.Loop() {
	}
	n := max(b.N, 8)
	for range rounds {
		before := floor.cpu(b)
		s := visits(b, n, shake, floor.addr)
		bareCPU += floor.cpu(b) - before
		before = ours.cpu(b)
		l := visits(b, n, login, ours.addr)
		cpu += ours.cpu(b) - before
		shaking, loggingIn = shaking+s, loggingIn+l
		ratios = append(ratios, float64(l)/float64(s))
	}
	slices.Sort(ratios)
	each := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(rounds*n) }
	b.ReportMetric(each(shaking), "bare-ms")
	b.ReportMetric(each(loggingIn), "ferry-ms")
	b.ReportMetric(ratios[rounds/2], "x-bare")
	b.ReportMetric(each(bareCPU), "bare-cpu-ms")
	b.ReportMetric(each(cpu), "ferry-cpu-ms")
	b.ReportMetric(0, "ns/op")
}
