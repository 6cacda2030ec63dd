//go:build linux

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"ferry/serve/bench/link"
	"ferry/serve/bench/peers"
)

// settings are what the command line says.
type settings struct {
	only, servers, ferry, beside, dir, curve string

	rounds int
	readme bool // the table of README stands at the end
}

func main() {
	var s settings
	flag.StringVar(&s.only, "only", "", "run the scenarios whose names begin with one of these, separated by commas")
	flag.StringVar(&s.servers, "servers", "", "measure these servers only, separated by commas")
	flag.StringVar(&s.ferry, "ferry", "", "the ferry to measure (default: it is built)")
	flag.StringVar(&s.beside, "beside", "", "another ferry, which takes its turns beside it")
	flag.StringVar(&s.dir, "dir", "/dev/shm", "where files live; a disk would be what is measured")
	flag.IntVar(&s.rounds, "rounds", 5, "turns of each server")
	flag.StringVar(&s.curve, "curve", "", "how ferry's cost grows with sessions, entries, size or transfers")
	flag.BoolVar(&s.readme, "readme", false, "print the table of README at the end")
	list := flag.Bool("list", false, "name the scenarios and stop")
	bare := flag.String("floor", "", "be the floor: ADDRESS DIR [PEM file]")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case *bare != "":
		err = floor(*bare, flag.Arg(0), flag.Arg(1))
	case *list:
		for _, sc := range scenarios() {
			fmt.Printf("%-16s %s\n", sc.name, sc.about)
		}
	default:
		err = s.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (s settings) run(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("control groups and some servers need root")
	}
	base, err := os.MkdirTemp(s.dir, "ferry-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(base)
	if s.ferry == "" {
		if s.ferry, err = peers.Build(base); err != nil {
			return err
		}
	}
	cert := filepath.Join(base, "cert.pem")
	if err := certificate(cert); err != nil {
		return err
	}
	served := filepath.Join(base, "served")
	for _, err := range []error{
		os.Chmod(base, 0o755), os.MkdirAll(filepath.Join(served, "up"), 0o755),
		os.Chown(served, peers.Owner, peers.Owner), os.Chmod(filepath.Join(served, "up"), 0o777),
	} {
		if err != nil {
			return err
		}
	}
	rows := scenarios()
	if s.curve != "" {
		if rows, err = curve(s.curve); err != nil {
			return err
		}
	}
	var all []result
	for _, sc := range rows {
		if peers.Chosen(sc.name, s.only) {
			rows, err := s.play(ctx, sc, base, served, cert)
			if err != nil {
				return fmt.Errorf("%s: %w", sc.name, err)
			}
			all = append(all, result{sc, rows})
		}
	}
	switch {
	case s.curve != "":
		plot(os.Stdout, s.curve, all)
	case s.readme:
		summary(os.Stdout, all)
	}
	return nil
}

// result is what a scenario came to.
type result struct {
	scenario scenario
	rows     []row
}

// play starts the servers of a scenario, gives them their turns, and prints.
func (s settings) play(ctx context.Context, sc scenario, base, served, cert string) ([]row, error) {
	if err := small(served); err != nil {
		return nil, err
	}
	if sc.prepare != nil {
		if err := sc.prepare(served); err != nil {
			return nil, err
		}
	}
	if sc.over == 0 {
		cert = ""
	}
	names := sc.servers
	if names == nil {
		names = append(peers.Names(), "floor")
	}
	if s.beside != "" {
		names = append([]string{beside}, names...)
	}
	var world *link.World
	if sc.line != nil {
		var err error
		if world, err = link.New(*sc.line); err != nil {
			return nil, err
		}
		defer world.Close()
	}
	var (
		rows    []row
		targets []*target
	)
	for _, name := range names {
		if name != beside && !peers.Chosen(name, s.servers) {
			continue
		}
		t, stop, err := s.bring(name, sc, base, served, cert, world)
		if err != nil {
			return nil, err
		}
		defer stop()
		r := row{server: name}
		if t == nil {
			r.err = fmt.Errorf("not installed")
		} else if err := t.within(func() error { return same(*t, sc.over) }); err != nil {
			r.err = fmt.Errorf("before the first turn: %w", err)
		} else if t.rest, err = sc.atRest(*t); err != nil {
			return nil, err
		}
		rows, targets = append(rows, r), append(targets, t)
	}
	for range s.rounds {
		for i, t := range targets {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if rows[i].err != nil {
				continue
			}
			var one sample
			if err := t.within(func() (err error) { one, err = sc.measure(*t, sc.over); return err }); err != nil {
				rows[i].err = err
				continue
			}
			rows[i].samples = append(rows[i].samples, one)
		}
	}
	if s.curve == "" {
		sc.print(os.Stdout, rows)
	}
	return rows, nil
}

// bring starts one server in a group of its own and waits until it listens. A
// nil target is one that is not installed.
func (s settings) bring(name string, sc scenario, base, served, cert string, world *link.World) (_ *target, _ func(), err error) {
	g, err := newGroup(fmt.Sprintf("ferry-bench-%s-%d", name, os.Getpid()))
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			g.remove()
		}
	}()
	dir := filepath.Join(base, name+"-state")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	o := peers.Options{Dir: dir, Served: served, Host: "127.0.0.1", Ferry: s.ferry, Root: os.Getenv("FERRY_PEERS"), Cert: cert, Wrap: g.wrap, Rate: sc.rate}
	if o.Port, err = freePort(); err != nil {
		return nil, nil, err
	}
	t := &target{name: name, group: g, dir: served}
	if world != nil {
		o.Host, t.inside = link.ServerAddress, world.Client
		o.Wrap = func(args []string) []string { return g.wrap(link.Wrap(world.Server, args)) }
	}
	t.address = fmt.Sprintf("%s:%d", o.Host, o.Port)
	var stop func()
	if name == "floor" {
		stop, err = startFloor(t, o)
	} else {
		var srv *peers.Server
		if name == beside {
			name, o.Ferry = "ferry", s.beside
		}
		if srv, err = peers.Start(name, o); srv == nil && err == nil {
			return nil, g.remove, nil
		}
		if err == nil {
			t.user, t.password, t.mlsd, stop = srv.User, srv.Password, srv.MLSD, srv.Stop
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if err = t.within(func() error { return listens(t.address) }); err != nil {
		stop()
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, func() { stop(); g.remove() }, nil
}

func startFloor(t *target, o peers.Options) (func(), error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := o.Wrap([]string{self, "-floor", t.address, o.Served, o.Cert})
	cmd := exec.Command(args[0], args[1:]...)
	t.user, t.password = "demo", "secret"
	return func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }, cmd.Start()
}

// within does something where the generator belongs. What it does there must
// make its sockets itself, in no other goroutine.
func (t *target) within(f func() error) error {
	if t.inside == "" {
		return f()
	}
	return link.Within(t.inside, f)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func listens(address string) error {
	var err error
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var c net.Conn
		if c, err = net.Dial("tcp4", address); err == nil {
			return c.Close()
		}
	}
	return err
}

// certificate makes one for all servers: ECDSA P-256, self-signed.
func certificate(path string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	shape := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"bench"}, NotAfter: time.Now().Add(48 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, key.Public(), key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	return os.WriteFile(path, text, 0o600)
}
