//go:build linux

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"ferry/serve/bench/link"
	"ferry/serve/bench/peers"
)

// choice is what the command line asks for.
type choice struct {
	only, clients string // beginnings of names
	rounds, files int
	program       string // the ferry to measure
	beside        string // another, which takes its turns beside it; "": none
	dir           string // where files live
}

func main() {
	var o choice
	flag.StringVar(&o.only, "only", "", "run the scenarios whose names begin with one of these, separated by commas")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each client has its turn")
	flag.IntVar(&o.files, "files", 1000, "files of a tree over the slow link")
	flag.StringVar(&o.program, "ferry", "", "the ferry to measure (default: it is built)")
	flag.StringVar(&o.beside, "beside", "", "another ferry, to be set beside it")
	flag.StringVar(&o.clients, "clients", "", "only the clients whose names begin with one of these")
	flag.StringVar(&o.dir, "dir", "/dev/shm", "where files live; a disk would be what is measured")
	readme := flag.Bool("readme", false, "print the table of README at the end")
	errand := flag.String("floor", "", "be the floor, for this program's own use: down or up, and what")
	list := flag.Bool("list", false, "name the scenarios and stop")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if *errand != "" {
		if err := floor(way(*errand), flag.Args()); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if *list {
		for _, s := range scenarios(o.files) {
			fmt.Printf("%-16s %s\n", s.name, s.about)
		}
		return
	}
	all, err := o.run(ctx)
	if *readme {
		summary(os.Stdout, all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o choice) run(ctx context.Context) (all []outcome, err error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("network namespaces need root")
	}
	if o.program == "" {
		dir, err := os.MkdirTemp("", "ferry-bench")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if o.program, err = peers.Build(dir); err != nil {
			return nil, err
		}
	}
	fmt.Printf("%d CPUs, %s; congestion control of this machine: %s; medians of %d runs\n", runtime.NumCPU(), runtime.GOARCH, congestion(), o.rounds)
	for _, s := range scenarios(o.files) {
		if !peers.Chosen(s.name, o.only) {
			continue
		}
		s.clients = o.pick(s.clients)
		one, err := s.run(ctx, o)
		all = append(all, one...)
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return all, nil
}

// pick are the clients that were asked for, and the other ferry beside each of ours.
func (o choice) pick(of []client) (all []client) {
	for _, c := range of {
		if !peers.Chosen(c.name, o.clients) {
			continue
		}
		all = append(all, c)
		if o.beside != "" && ours(c) {
			all = append(all, client{name: c.name + ", the other", args: func(t task) ([]string, error) {
				w := *t.w
				w.options.Ferry = o.beside
				t.w = &w
				return c.args(t)
			}})
		}
	}
	return all
}

// run plays a scenario in a world of its own and prints its table.
func (s scenario) run(ctx context.Context, o choice) (all []outcome, err error) {
	w, err := newWorld(o, s.over)
	if err != nil {
		return nil, err
	}
	defer w.close()
	want, err := s.place(w)
	if err != nil {
		return nil, err
	}
	s.heading()
	for _, name := range s.servers {
		srv, err := w.start(name, s.host())
		if err != nil {
			return all, err
		}
		if srv == nil {
			fmt.Printf("| %s | | not installed |\n", name)
			continue
		}
		reached, err := s.rounds(ctx, w, srv, want, o.rounds)
		srv.Stop()
		if err != nil {
			return all, err
		}
		all = append(all, outcome{s, srv, name, reached, len(want)})
	}
	return all, nil
}

// host is where the server is reached: over the link, or without it.
func (s scenario) host() string {
	if s.loopback() {
		return "127.0.0.1"
	}
	return link.ServerAddress
}

func (s scenario) loopback() bool { return s.over == link.Conditions{} }

// rounds lets the clients take turns, and prints a line for each.
func (s scenario) rounds(ctx context.Context, w *world, srv *peers.Server, want map[string][32]byte, n int) ([]figures, error) {
	figures := make([]figures, len(s.clients))
	for range n {
		for i, c := range s.clients {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			figures[i].add(s.once(ctx, w, srv, c, want))
		}
	}
	for i, c := range s.clients {
		fmt.Println(s.line(srv, c, figures[i], len(want)))
	}
	return figures, nil
}
