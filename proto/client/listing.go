package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/proto/list"
)

// errStop ends a listing whose reader has seen enough.
var errStop = errors.New("enough")

// List lists a directory, or a file, line by line as it comes: MLSD, else
// LIST, else STAT; see Lists. The path is taken literally, whatever characters it has; "" is the
// current directory. Errors come last, with an empty line; ErrIncomplete when
// the server says that it left something out. Until the loop has ended, the
// Client refuses all other calls with ErrBusy; leaving the loop early aborts
// the listing.
func (c *Client) List(ctx context.Context, path string) iter.Seq2[list.Line, error] {
	return func(yield func(list.Line, error) bool) {
		err := c.listPath(ctx, path, func(l list.Line) bool { return yield(l, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(list.Line{}, err)
		}
	}
}

// listPath goes into a directory whose name a server might misread, and lists
// it from within: Pure-FTPd takes brackets for a glob, WS_FTP takes no blanks
// behind MLSD, a dash begins a flag. What can't be gone into may be a file.
func (c *Client) listPath(ctx context.Context, path string, each func(list.Line) bool) error {
	if awkward(path) {
		entered := false
		err := c.inside(ctx, path, func() error {
			entered = true
			return c.listDir(ctx, "", each)
		})
		if entered || !isRefusal(err) || c.Broken() {
			return err
		}
	}
	return c.listDir(ctx, path, each)
}

// awkward reports a path with characters that mean something to some server's
// LIST.
func awkward(path string) bool {
	return strings.HasPrefix(path, "-") || strings.ContainsAny(path, "*?[]{}\\~\"'$` ")
}

// listByData is MLSD, else LIST.
func (c *Client) listByData(ctx context.Context, path string, each func(list.Line) bool) error {
	if c.hasMLSD() && c.cfg.Lists == ListsAuto {
		err := c.listing(ctx, proto.Cmd("MLSD", path), list.MLSx, each)
		switch {
		case !isRefusal(err) || c.Broken():
			return err
		case !notServed(err):
			return c.listFile(ctx, path, err, each)
		}
		c.learn(func(q *Quirks) { q.NoMLSD = true })
	}
	arg := name(path)
	if strings.HasPrefix(arg, "-") {
		arg = "./" + arg
	}
	if flags := c.listFlags(); flags != "" {
		arg = strings.TrimRight(flags+" "+arg, " ")
	}
	return c.listing(ctx, proto.Cmd("LIST", arg), list.Auto, func(l list.Line) bool {
		dots := l.Verdict == list.Understood && (l.Entry.Name == "." || l.Entry.Name == "..")
		return dots || each(l)
	})
}

// listFlags make LIST show hidden names where that is known to work; who does
// not want them leaves them out.
func (c *Client) listFlags() string {
	if c.cfg.ListFlags == "" && c.greets("vsFTPd") {
		return "-a"
	}
	return c.cfg.ListFlags
}

// hasMLSD: MLST in FEAT means MLSD too, RFC 3659 §7.8.
func (c *Client) hasMLSD() bool {
	f := c.in.features
	return (f.Has("MLST") || f.Has("MLSD")) && !c.Quirks().NoMLSD
}

// notServed reports a refusal of the command itself.
func notServed(err error) bool {
	var re *proto.ReplyError
	return errors.As(err, &re) && (unknownCommand(re.Reply) || re.Reply.Code == proto.BadParameter)
}

// listFile lists one file: MLSD only takes directories (RFC 3659 §7.2.1), and
// says so by refusing.
func (c *Client) listFile(ctx context.Context, path string, refusal error, each func(list.Line) bool) error {
	if path == "" || !c.in.features.Has("MLST") {
		return refusal
	}
	e, err := c.facts(ctx, path)
	if err != nil || e.Kind != proto.RegularFile && e.Kind != proto.Symlink {
		return errors.Join(refusal, c.usable())
	}
	e.Name = path[strings.LastIndexByte(path, '/')+1:]
	text := string(list.AppendFacts(nil, e, proto.Facts()))
	each(list.Line{Text: text, Entry: e, Verdict: list.Understood})
	return nil
}

// listing runs a listing command and hands its lines to each.
func (c *Client) listing(ctx context.Context, cmd proto.Command, f list.Format, each func(list.Line) bool) error {
	o := list.Options{Location: c.cfg.Location, System: c.in.system, Format: f, Now: time.Now()}
	return c.runListing(ctx, cmd, func(r io.Reader) error {
		for l, err := range list.Read(r, o) {
			if err != nil {
				return err
			}
			if !each(c.cfg.Charset.line(l)) {
				return errStop
			}
		}
		return nil
	})
}

// runListing runs a listing command; read gets its text.
func (c *Client) runListing(ctx context.Context, cmd proto.Command, read func(io.Reader) error) error {
	o := data.Options{Params: c.listParams(), Stall: c.cfg.Timeouts.Stall, Max: maxListing}
	j := job{cmd: cmd, params: o.Params}
	j.move = func(ctx context.Context, dc *data.Conn) (int64, error) {
		r, err := data.NewReader(ctx, dc, o)
		if err != nil {
			return 0, err
		}
		defer r.Close()
		counted := &tally{r: r}
		err = read(counted)
		return counted.n, err
	}
	t, err := c.run(ctx, j)
	switch {
	case nothingThere(t, err):
		return nil
	case err == nil && curtailed(t.final.reply):
		return fmt.Errorf("%w: %s", ErrIncomplete, t.final.reply.Text())
	case err == nil && t.cut:
		return fmt.Errorf("%w: the server did not announce its end under TLS", ErrIncomplete)
	}
	return err
}

// tally counts what was read.
type tally struct {
	r io.Reader
	n int64
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.n += int64(n)
	return n, err
}

// listParams are the parameters for a listing: those in force, as far as they
// can carry one, since each change costs a round trip. Listings are text, but
// nearly all servers send the same bytes in TYPE A and I.
func (c *Client) listParams() proto.Params {
	p := whole(c.in.params)
	p.Stru = proto.File
	if p.Type.Code == proto.EBCDIC || c.Quirks().TextLists {
		p.Type = proto.TypeA
	}
	return p
}

// nothingThere reports an empty listing that looks like a failure: ProFTPD
// says "450 No files found", or resets the data connection and says 226.
func nothingThere(t *transfer, err error) bool {
	var re *proto.ReplyError
	var de *DataError
	switch {
	case t.n > 0 || t.c == nil || t.c.Broken():
		return false
	case errors.As(err, &re):
		code := re.Reply.Code
		return (code == proto.FileBusy || code == proto.Refused) &&
			strings.Contains(strings.ToLower(re.Reply.Text()), "no files found")
	case errors.As(err, &de):
		return t.final != nil && t.final.reply.Code == proto.TransferDone && isReset(de.Err)
	}
	return false
}

// curtailed reports a good reply that says that not all was listed: Pure-FTPd
// stops at 10,000 entries with "226 Output truncated to 10000 matches".
func curtailed(r proto.Reply) bool {
	return strings.Contains(strings.ToLower(strings.Join(r.Lines, "\n")), "truncated")
}

// ListRaw runs a listing command as it is (LIST -R, MLSD, NLST *.txt) and
// copies the text to w, with LF line ends. ErrIncomplete as List.
func (c *Client) ListRaw(ctx context.Context, cmd proto.Command, w io.Writer) error {
	return c.runListing(ctx, cmd, func(r io.Reader) error {
		in := bufio.NewReaderSize(r, list.MaxLine)
		for {
			line, err := in.ReadSlice('\n')
			if n := len(line); n > 1 && line[n-1] == '\n' && line[n-2] == '\r' {
				line = append(line[:n-2], '\n')
			}
			if c.cfg.Charset != nil && err == nil {
				if text, exact := c.cfg.Charset.decode(string(line)); exact {
					line = []byte(text)
				}
			}
			if _, werr := w.Write(line); werr != nil {
				return &data.FileError{Err: werr}
			}
			switch {
			case err == io.EOF:
				return nil
			case err != nil && !errors.Is(err, bufio.ErrBufferFull):
				return err
			}
		}
	})
}

// Names lists names only (NLST), as the server sends them, with or without
// directories. It may take pattern for a glob; "" is the current directory.
func (c *Client) Names(ctx context.Context, pattern string) ([]string, error) {
	var names []string
	var unread error // a name that isn't in the charset; read on: an abort costs more
	size := 0
	err := c.runListing(ctx, proto.Cmd("NLST", name(pattern)), func(r io.Reader) error {
		for l, err := range list.Read(r, list.Options{Format: list.Names}) {
			size += len(l.Text)
			name, exact := c.cfg.Charset.decode(l.Text)
			switch {
			case err != nil:
				return err
			case len(names) == maxNames || size > maxNameBytes:
				return fmt.Errorf("%w: too many names", ErrIncomplete)
			case !exact:
				unread = &CharsetError{Charset: c.cfg.Charset.String(), Name: l.Text, Why: "can't be read in"}
			case name != "":
				names = append(names, name)
			}
		}
		return nil
	})
	return names, errors.Join(err, unread)
}
