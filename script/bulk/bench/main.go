//go:build linux

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"

	"ferry/serve/bench/link"
	"ferry/serve/bench/peers"
)

func main() {
	only := flag.String("only", "", "run the scenarios whose names begin with one of these, separated by commas")
	rounds := flag.Int("rounds", 5, "how often each client has its turn")
	files := flag.Int("files", 1000, "files of a tree over the slow link")
	program := flag.String("ferry", "", "the ferry to measure (default: it is built)")
	clients := flag.String("clients", "", "only the clients whose names begin with one of these")
	readme := flag.Bool("readme", false, "print the table of README at the end")
	list := flag.Bool("list", false, "name the scenarios and stop")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *list {
		for _, s := range scenarios(*files) {
			fmt.Printf("%-16s %s\n", s.name, s.about)
		}
		return
	}
	all, err := run(ctx, *program, *only, *clients, *rounds, *files)
	if *readme {
		summary(os.Stdout, all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, only, clients string, rounds, files int) (all []outcome, err error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("network namespaces need root")
	}
	if program == "" {
		dir, err := os.MkdirTemp("", "ferry-bench")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if program, err = peers.Build(dir); err != nil {
			return nil, err
		}
	}
	fmt.Printf("%d CPUs, %s; congestion control of this machine: %s; medians of %d runs\n", runtime.NumCPU(), runtime.GOARCH, congestion(), rounds)
	for _, s := range scenarios(files) {
		if !peers.Chosen(s.name, only) {
			continue
		}
		s.clients = slices.DeleteFunc(s.clients, func(c client) bool { return !peers.Chosen(c.name, clients) })
		one, err := s.run(ctx, program, rounds)
		all = append(all, one...)
		if err != nil {
			return all, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return all, nil
}

// run plays a scenario in a world of its own and prints its table.
func (s scenario) run(ctx context.Context, program string, rounds int) (all []outcome, err error) {
	w, err := newWorld(program, s.over)
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
		reached, err := s.rounds(ctx, w, srv, want, rounds)
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
