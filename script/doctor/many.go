package doctor

import (
	"context"
	"fmt"
	"io"

	"ferry/proto"
	"ferry/proto/client"
)

// pipelining sends commands together whose answers can be told apart.
func pipelining(ctx context.Context, x *exam) Finding {
	cmds := []proto.Command{proto.Cmd("NOOP"), proto.Cmd("PWD"), proto.Cmd("NOOP"), proto.Cmd("SYST"), proto.Cmd("PWD"), proto.Cmd("NOOP")}
	answers, err := x.client.DoAll(ctx, cmds)
	if err != nil {
		return Finding{Result: Fails, Found: "the server lost its place: " + err.Error(), Fix: "clients must send one command at a time; ferry finds out by itself"}
	}
	for i, a := range answers {
		if want := proto.PathCreated; cmds[i].Verb == "PWD" && a.Reply.Code != want {
			return Finding{Result: Fails, Found: fmt.Sprintf("the answer to PWD was %d", a.Reply.Code), Fix: "clients must send one command at a time; ferry finds out by itself"}
		}
	}
	if x.client.Quirks().NoPipeline {
		return Finding{Result: Absent, Found: "this kind of server loses commands that come together: ferry sends one at a time"}
	}
	return works("%d answers, in order", len(answers))
}

// batches gets one file several times with all commands on their way together.
func batches(ctx context.Context, x *exam) Finding {
	var pulls []client.Pull
	for range 4 {
		pulls = append(pulls, client.Pull{Path: x.file, Open: func() (io.Writer, error) { return io.Discard, nil }})
	}
	var bad error
	done, err := x.client.RetrieveBatch(ctx, pulls, func(_ int, v client.Verdict) {
		if v.Err != nil && bad == nil {
			bad = v.Err
		}
	})
	q := x.client.Quirks()
	switch {
	case q.NoBatch || q.NoPipeline:
		return Finding{Result: Absent, Found: "one file at a time: small files cost more round trips; ferry takes more sessions instead"}
	case err != nil:
		return fails(err, "ferry goes on one file at a time")
	case bad != nil:
		return fails(bad, "ferry goes on one file at a time")
	}
	return works("%d transfers under way together", done)
}
