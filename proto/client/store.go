package client

import (
	"context"
	"io"
	"strings"
	"sync/atomic"

	"ferry/proto"
	"ferry/proto/data"
)

// Check says whether sizes are compared after a transfer.
type Check byte

const (
	CheckSize      Check = iota // with what the 150 reply announced, else with SIZE
	CheckAnnounced              // with what the 150 reply announced
)

// Transfer says how one file is transferred. The zero value is the whole file
// under the Client's parameters.
type Transfer struct {
	Offset int64         // where to begin, in bytes (REST); for Append what is there already, 0 not known
	Marker string        // in place of Offset: a restart marker that the server gave (MODE B and C)
	Size   int64         // bytes of the whole file, where the caller knows; 0 not known
	Max    int64         // Retrieve: most bytes accepted; 0 no bound
	Check  Check         // what is the size compared with?
	Params *proto.Params // nil: the Client's
	Moved  *atomic.Int64 // counts the bytes while they move; nil: nobody asks
	Last   *proto.Reply  // becomes the server's last reply to the transfer; nil: nobody asks
	Probe  *Probe        // RetrieveSpan: tells meanwhile how the packets come; nil: nobody asks

	// Layers are the options of the rarer types, structures and modes: code
	// page, records, level, restart markers. Params, Stall, Moved, Max and
	// Offset in it are set from the fields above.
	Layers data.Options
	// OnMark hears the restart markers that the server acknowledges during an
	// upload (110 MARK ours = theirs); theirs is what Marker takes later. It
	// is called from another goroutine.
	OnMark func(ours, theirs string)
}

// Retrieve writes the remote file to dst and returns how many bytes it wrote.
// When bytes travel as they are and dst is an *os.File, the kernel moves them.
// A Write of dst, or Read of a src, that blocks is not woken when ctx ends.
// Errors: *proto.ReplyError, *DataError, *SizeError, *LocalError, *LostError,
// *proto.ParamError, ErrNoRestart, ctx's.
func (c *Client) Retrieve(ctx context.Context, path string, dst io.Writer, t Transfer) (int64, error) {
	j := c.job("RETR", path, t)
	o := c.layers(t, j.params)
	j.refusal, j.held = o.Supported(), true
	j.move = func(ctx context.Context, dc *data.Conn) (int64, error) {
		return data.Receive(ctx, dst, dc, o)
	}
	run, err := c.run(ctx, j)
	t.heard(run)
	if err == nil {
		err = c.checkDown(ctx, path, t, run)
	}
	return run.n, err
}

// Store writes src to the remote file. With an Offset, src must stand there
// already. Errors as Retrieve.
func (c *Client) Store(ctx context.Context, path string, src io.Reader, t Transfer) (int64, error) {
	run, err := c.run(ctx, c.upload("STOR", path, src, t))
	t.heard(run)
	if err == nil {
		err = c.checkUp(ctx, path, t, run)
	}
	return run.n, err
}

// Append adds src to the end of the remote file. With an Offset the size of
// the whole is checked.
func (c *Client) Append(ctx context.Context, path string, src io.Reader, t Transfer) (int64, error) {
	j := c.upload("APPE", path, src, t)
	j.restart = restart{}
	run, err := c.run(ctx, j)
	t.heard(run)
	if err == nil && t.Offset > 0 {
		err = c.checkUp(ctx, path, t, run)
	}
	return run.n, err
}

// StoreUnique writes src under a name that the server chooses, and returns
// it, "" when the server doesn't tell. path is a proposal and may be "".
func (c *Client) StoreUnique(ctx context.Context, path string, src io.Reader, t Transfer) (name string, n int64, err error) {
	run, err := c.run(ctx, c.upload("STOU", path, src, t))
	t.heard(run)
	name = uniqueName(run.mark)
	if name == "" && run.final != nil {
		name = uniqueName(run.final.reply)
	}
	if err == nil && name != "" {
		err = c.checkUp(ctx, name, t, run)
	}
	return name, run.n, err
}

// heard hands the last reply over to who asked for it.
func (t Transfer) heard(run *transfer) {
	if t.Last != nil {
		*t.Last = run.last()
	}
}

// last is the last reply to a transfer; its zero value when none came.
func (t *transfer) last() proto.Reply {
	if t.final == nil {
		return proto.Reply{}
	}
	return t.final.reply
}

// job is a transfer of one file, without what moves its bytes.
func (c *Client) job(verb, path string, t Transfer) job {
	j := job{
		cmd:     proto.Cmd(verb, name(path)),
		params:  c.params,
		restart: restart{offset: t.Offset, marker: t.Marker},
		probe:   t.Probe,
	}
	if t.Params != nil {
		j.params = whole(*t.Params)
	}
	if t.OnMark != nil {
		j.onMark = func(r proto.Reply) {
			if ours, theirs, ok := parseMark(r.Text()); ok {
				t.OnMark(ours, theirs)
			}
		}
	}
	return j
}

func (c *Client) upload(verb, path string, src io.Reader, t Transfer) job {
	j := c.job(verb, path, t)
	o := c.layers(t, j.params)
	j.refusal = o.Supported()
	j.toServer, j.size, j.held = true, t.Size, true
	j.move = func(ctx context.Context, dc *data.Conn) (int64, error) {
		return data.Send(ctx, dc, src, o)
	}
	j.rewind = rewinder(src, t.Moved)
	return j
}

// rewinder brings a source back to where it stands now; nil: it can't.
func rewinder(src io.Reader, moved *atomic.Int64) func(int64) error {
	s, ok := src.(io.Seeker)
	if !ok {
		return nil
	}
	start, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	return func(n int64) error {
		if moved != nil {
			moved.Add(-n)
		}
		_, err := s.Seek(start, io.SeekStart)
		return err
	}
}

func (c *Client) layers(t Transfer, p proto.Params) data.Options {
	o := t.Layers
	o.Params, o.Moved, o.Max, o.Offset = p, t.Moved, t.Max, t.Offset
	o.Stall = c.cfg.Timeouts.Stall
	return o
}

// name is a path as an argument. A name that begins with a blank gets a
// directory in front: many servers drop blanks behind the verb.
func name(path string) string {
	if strings.HasPrefix(path, " ") {
		return "./" + path
	}
	return path
}

// newName is name for one that is to be made. Pure-FTPd 1.0.50 drops "./" and makes
// an underline of the blank behind it, but not of one behind a slash.
func (c *Client) newName(path string) string {
	if strings.HasPrefix(path, " ") && c.in.cwd != "" && c.greets("Pure-FTPd") {
		return strings.TrimSuffix(c.in.cwd, "/") + "/" + path
	}
	return name(path)
}

// uniqueName reads the name that STOU made. RFC 1123 §4.1.2.9: "150 FILE:
// name"; wu-ftpd and its heirs say "(unique file name:name)" behind it.
func uniqueName(r proto.Reply) string {
	for _, line := range r.Lines {
		if _, after, ok := strings.Cut(line, "FILE: "); ok {
			return strings.TrimRight(after, " ")
		}
		const words = "unique file name:"
		for i := 0; i+len(words) <= len(line); i++ {
			if strings.EqualFold(line[i:i+len(words)], words) {
				return strings.Trim(strings.TrimRight(line[i+len(words):], "."), " )")
			}
		}
	}
	return ""
}

// parseMark reads "MARK yyyy = mmmm". RFC 959 §4.2.1: yyyy is the sender's
// marker, mmmm the receiver's.
func parseMark(text string) (ours, theirs string, ok bool) {
	if len(text) < 5 || !strings.EqualFold(text[:5], "MARK ") {
		return "", "", false
	}
	ours, theirs, ok = strings.Cut(text[5:], "=")
	ours, theirs = strings.TrimSpace(ours), strings.TrimSpace(theirs)
	return ours, theirs, ok && ours != "" && theirs != "" && !strings.ContainsAny(theirs, " ")
}
