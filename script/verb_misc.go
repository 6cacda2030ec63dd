package script

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/list"
	"ferry/script/bulk"
)

var errNotDir = syscall.ENOTDIR

// quote sends a line of FTP as it is and prints the answer.
func quote(ctx context.Context, st *State, a Args) error {
	return st.sendRaw(ctx, a, st.client.Quote)
}

func site(ctx context.Context, st *State, a Args) error {
	return st.sendRaw(ctx, a, st.client.Site)
}

func (st *State) sendRaw(ctx context.Context, a Args, send func(context.Context, string) (proto.Reply, error)) error {
	line, err := st.expandText(a.Rest)
	if err != nil {
		return err
	}
	if line == "" {
		return &CallError{Verb: a.Verb, What: "needs a command"}
	}
	return st.printReply(send(ctx, line))
}

func (st *State) printReply(r proto.Reply, err error) error {
	if err != nil {
		return err
	}
	for _, line := range r.Lines {
		if err := st.print(fmt.Sprintf("%d %s", r.Code, line)); err != nil {
			return err
		}
	}
	return nil
}

// features prints what FEAT said.
func features(_ context.Context, st *State, _ Args) error {
	for _, word := range slices.Sorted(maps.Keys(st.client.Features())) {
		if err := st.print(strings.TrimSpace(word + " " + st.client.Features()[word])); err != nil {
			return err
		}
	}
	return nil
}

func system(ctx context.Context, st *State, _ Args) error {
	text, err := st.client.System(ctx)
	if err != nil {
		return err
	}
	return st.print(text)
}

func rstatus(ctx context.Context, st *State, a Args) error {
	return st.printReply(st.client.Status(ctx, a.Text(0)))
}

func rhelp(ctx context.Context, st *State, a Args) error {
	return st.printReply(st.client.HelpRemote(ctx, a.Text(0)))
}

func noop(ctx context.Context, st *State, _ Args) error { return st.client.Noop(ctx) }

// siteWord makes the verbs that are one SITE command.
func siteWord(word string) func(context.Context, *State, Args) error {
	return func(ctx context.Context, st *State, a Args) error {
		return st.printReply(st.client.Site(ctx, strings.TrimSpace(word+" "+strings.Join(texts(a.Words), " "))))
	}
}

// df prints the free bytes that the server tells of a directory.
func df(ctx context.Context, st *State, a Args) error {
	cmd := proto.Cmd("AVBL", texts(a.Words)...)
	r, err := st.client.Do(ctx, cmd)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(r.Text()), 10, 64)
	if err != nil || n < 0 || r.Code != proto.FileStatus {
		return &proto.SyntaxError{What: "reply to AVBL", Text: r.String()}
	}
	if a.Flag("-h") {
		return st.print(list.HumanSize(n))
	}
	return st.print(strconv.FormatInt(n, 10))
}

// status tells how things stand at this end.
func status(_ context.Context, st *State, _ Args) error {
	where := "not connected"
	if st.client != nil {
		where = "connected to " + st.site.Host + ", not logged in"
		if st.LoggedIn() {
			where = fmt.Sprintf("connected to %s as %s", st.site.Host, st.site.User)
		}
		if st.client.Encrypted() {
			where += ", encrypted (" + st.cipher() + ")"
		}
	}
	data := "passive"
	if !st.Settings.Passive {
		data = "active"
	}
	data += " data connections"
	if st.client != nil && st.client.Congestion() != "" {
		data += ", congestion control " + st.client.Congestion()
	}
	for _, line := range []string{
		where, st.params.String(), data, "local directory " + st.dir,
	} {
		if err := st.print(line); err != nil {
			return err
		}
	}
	return nil
}

// cipher tells how the connection is encrypted.
func (st *State) cipher() string {
	state, ok := st.client.TLS()
	if !ok {
		return "not"
	}
	text := tls.VersionName(state.Version) + ", " + tls.CipherSuiteName(state.CipherSuite)
	if !st.client.DataEncrypted() {
		text += ", files in clear"
	}
	return text
}

// copyRemote copies at the server where it can, else by way of this machine.
func copyRemote(ctx context.Context, st *State, a Args) error {
	from, to := a.Text(0), a.Text(1)
	into, err := st.remoteIsDir(ctx, to)
	if err != nil {
		return err
	}
	if into {
		to = join(to, path.Base(from))
	}
	if st.client.Features().HasParam("SITE", "COPY") {
		if _, err := st.client.Site(ctx, "CPFR "+from); err == nil {
			_, err = st.client.Site(ctx, "CPTO "+to)
			return err
		}
	}
	return st.copyThrough(ctx, a, from, to)
}

func (st *State) copyThrough(ctx context.Context, a Args, from, to string) error {
	f, err := os.CreateTemp("", "ferry-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	p := proto.Binary()
	if _, err := st.client.Retrieve(ctx, from, f, client.Transfer{Params: &p}); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	o, err := st.bulkOptions(a)
	if err != nil {
		return err
	}
	o.Existing = bulk.Overwrite
	return st.stream(ctx, bulk.Item{Local: from, Remote: to}, f, o, &p)
}

func echo(_ context.Context, st *State, a Args) error {
	return st.print(strings.Join(texts(a.Words), " "))
}

func help(_ context.Context, st *State, a Args) error {
	if st.cfg.Show == nil || st.cfg.Width == nil {
		return st.table.Help(st.Out, a.Text(0))
	}
	var b strings.Builder
	if err := st.table.Help(&b, a.Text(0)); err != nil {
		return err
	}
	_, err := io.WriteString(st.Out, hung(b.String(), st.cfg.Width()))
	return err
}

func history(_ context.Context, st *State, _ Args) error {
	if st.cfg.History == nil {
		return &StateError{What: "a script has no history"}
	}
	for i, line := range st.cfg.History() {
		if err := st.print(fmt.Sprintf("%5d  %s", i+1, line)); err != nil {
			return err
		}
	}
	return nil
}

func clearScreen(_ context.Context, st *State, _ Args) error {
	if st.cfg.Show == nil {
		return nil
	}
	return st.cfg.Show.Clear()
}

// showText is where the content of a file goes: as it is, but at a terminal
// without what could drive it.
func (st *State) showText(from func(io.Writer) error) error {
	if st.cfg.Show == nil {
		return from(st.Out)
	}
	w := &plainWriter{to: st.Out}
	return errors.Join(from(w), w.end())
}

// plainWriter shows text line by line in printable form.
//
// SECURITY: a file shown by cat must not move the cursor or set the title.
type plainWriter struct {
	to   io.Writer
	line []byte
}

func (p *plainWriter) Write(b []byte) (int, error) {
	for _, c := range b {
		switch {
		case c == '\n':
			if _, err := fmt.Fprintln(p.to, printableLine(p.line)); err != nil {
				return 0, err
			}
			p.line = p.line[:0]
		default:
			p.line = append(p.line, c)
			if len(p.line) == MaxLine {
				if _, err := io.WriteString(p.to, printableLine(p.line)); err != nil {
					return 0, err
				}
				p.line = p.line[:0]
			}
		}
	}
	return len(b), nil
}

// end shows a last line that has no line end.
func (p *plainWriter) end() error {
	if len(p.line) == 0 {
		return nil
	}
	_, err := fmt.Fprintln(p.to, printableLine(p.line))
	return err
}

func printableLine(line []byte) string {
	parts := strings.Split(strings.TrimSuffix(string(line), "\r"), "\t")
	for i := range parts {
		parts[i] = list.Printable(parts[i])
	}
	return strings.Join(parts, "\t")
}

// short is a local path as seen from the local directory, when it is below it.
func (st *State) short(path string) string {
	rel, err := filepath.Rel(st.dir, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return rel
}
