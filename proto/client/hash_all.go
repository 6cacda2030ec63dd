package client

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"ferry/proto"
)

// Hashed is the checksum of one file of HashAll, or why there is none.
type Hashed struct {
	Sum Sum
	Err error
}

// HashAll asks for the checksums of whole files, all in as few writes as the
// server stands. Each has its own error; the error is that of the connection,
// or ctx's, and the files behind the last one in the result have no answer.
func (c *Client) HashAll(ctx context.Context, paths []string, algo HashAlgo) ([]Hashed, error) {
	all := make([]Hashed, 0, len(paths))
	d := dialectOf(algo)
	if !c.together(d, paths) {
		return c.hashEach(ctx, all, paths, algo)
	}
	if err := c.binary(ctx); err != nil {
		return all, err
	}
	verb, cmds := c.hashVerb(d), []proto.Command(nil)
	if c.hashes(algo) {
		if verb = "HASH"; c.in.hash != string(algo) {
			cmds = append(cmds, proto.Cmd("OPTS", "HASH", string(algo)))
		}
	}
	for _, path := range paths {
		cmds = append(cmds, proto.Cmd(verb, name(path)))
	}
	answers, err := c.DoAll(ctx, cmds)
	var unchosen error // it promised what it refuses
	if len(cmds) > len(paths) && len(answers) > 0 {
		if unchosen = answers[0].Err; unchosen == nil {
			c.in.hash = string(algo)
		}
		answers = answers[1:]
	}
	for i, a := range answers {
		h := Hashed{Err: cmp.Or(unchosen, a.Err)}
		if h.Err == nil {
			h.Sum, h.Err = sum(a.Reply, paths[i], d)
		}
		all = append(all, h)
	}
	return all, err
}

// together reports whether files may be asked about without seeing each answer
// first: the X commands want a blank in quotes at some servers, and without
// them at others.
func (c *Client) together(d dialect, paths []string) bool {
	blank := func(path string) bool { return strings.Contains(path, " ") }
	return c.hashes(d.algo) || c.hashVerb(d) != "" && !slices.ContainsFunc(paths, blank)
}

// hashEach is HashAll, one by one.
func (c *Client) hashEach(ctx context.Context, all []Hashed, paths []string, algo HashAlgo) ([]Hashed, error) {
	for _, path := range paths {
		s, err := c.Hash(ctx, path, algo, 0, 0)
		if lost := c.over(ctx); lost != nil {
			return all, lost
		}
		all = append(all, Hashed{s, err})
	}
	return all, nil
}

// HashSlow is Hash of a whole file that may take the server longer than a reply
// otherwise may.
func (c *Client) HashSlow(ctx context.Context, path string, algo HashAlgo, wait time.Duration) (Sum, error) {
	c.patience = wait
	defer func() { c.patience = 0 }()
	return c.Hash(ctx, path, algo, 0, 0)
}
