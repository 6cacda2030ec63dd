package serve

import (
	"bytes"
	"context"
	"path"
	"strings"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/proto/list"
	"ferry/serve/store"
	"ferry/serve/users"
)

// LIST: RFC 959 §4.1.3, in the form of ls -l.
func (s *session) list(ctx context.Context, arg string) (proto.Reply, error) {
	return s.sendListing(ctx, "LIST", s.longListing(parseListArg(arg)))
}

// NLST: RFC 959 §4.1.3. RFC 1123 §4.1.2.7: names that the client can use as
// they are, so those in another directory come with the way there.
func (s *session) nlst(ctx context.Context, arg string) (proto.Reply, error) {
	a := parseListArg(arg)
	if a.long {
		return s.sendListing(ctx, "NLST", s.longListing(a))
	}
	return s.sendListing(ctx, "NLST", s.newListing(a, nameLine))
}

// longListing shows plain names in a directory, and the way there for what a
// pattern found.
func (s *session) longListing(a listArg) *listing {
	base := path.Base
	if hasMeta(a.path) {
		base = func(shown string) string { return shown }
	}
	return s.newListing(a, unixLine(base))
}

// MLSD: RFC 3659 §7. 501 for what is not a directory (§7.2.1).
func (s *session) mlsd(ctx context.Context, dir string) (proto.Reply, error) {
	defer s.forgetMeeting()
	e, err := s.store.Stat(ctx, dir)
	switch {
	case err != nil:
		return proto.Reply{}, err
	case e.Kind != proto.Directory:
		return proto.Reply{}, refuse(badArgument, "Not a directory, use MLST.")
	}
	show := factLine(ctx, s.store, *s.user, s.chosenFacts(), dir)
	return s.sendListing(ctx, "MLSD", s.newListing(listArg{path: dir}, show))
}

// factLine writes entries of one directory as facts. A symbolic link is shown
// as what it leads to: few clients know links in MLSD, and those that follow
// CWD or RETR get there.
func factLine(ctx context.Context, st store.Store, who users.Record, facts []proto.Fact, dir string) func([]byte, string, proto.Entry) []byte {
	perm := permFacts(who, dir)
	return func(b []byte, _ string, e proto.Entry) []byte {
		if e.Kind == proto.Symlink {
			if to, err := st.Stat(ctx, path.Join(dir, e.Name)); err == nil {
				to.Name, e = e.Name, to
			}
		}
		e.Perm = perm(e)
		return list.AppendFacts(b, e, facts)
	}
}

// sendListing checks that there is something to list, and begins its transfer.
func (s *session) sendListing(ctx context.Context, verb string, l *listing) (proto.Reply, error) {
	defer s.forgetMeeting()
	name, err := resolve(s.cwd, l.arg.path)
	if err == nil {
		if _, err = s.store.Stat(ctx, name); err != nil && hasMeta(l.arg.path) {
			err = nil // a pattern may find nothing, which is no error
		}
	}
	if err != nil {
		return proto.Reply{}, err
	}
	l.eol = "\r\n"
	if listingParams(s.params).Type.Text() {
		l.eol = "\n" // TYPE A and E make of it what they want
	}
	return proto.Reply{}, s.begin(ctx, job{
		verb: verb,
		path: name,
		mark: proto.Replyf(proto.OpeningData, "Here comes the listing."),
		move: func(ctx context.Context, c *data.Conn, o data.Options) error { return l.send(ctx, c, o) },
		end: func(_ context.Context, err error) error {
			if err == nil {
				err = l.cut
			}
			return err
		},
	})
}

// listingParams are those that a listing is sent under. RFC 959 §4.1.3 (LIST):
// it is text, whatever the type; so its records are lines, and it has no pages.
func listingParams(p proto.Params) proto.Params {
	switch {
	case p.Stru == proto.Page:
		p.Stru = proto.File
	case p.Stru == proto.Record && !p.Type.Text():
		p.Type = proto.TypeA
	}
	return p
}

// send writes the listing to a data connection.
func (l *listing) send(ctx context.Context, c *data.Conn, o data.Options) error {
	o.Params = listingParams(o.Params)
	w, err := data.NewWriter(ctx, c, o)
	if err != nil {
		return err
	}
	l.out = wire{w}
	if err := l.run(ctx); err != nil {
		w.Abandon()
		return err
	}
	return moved(w.Close())
}

// wire marks the errors of a data connection as such: a listing may fail at
// either end.
type wire struct{ w *data.Writer }

func (w wire) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	return n, moved(err)
}

func (w wire) Flush() error { return moved(w.w.Flush()) }

// chosenFacts are those of OPTS MLST, or all.
func (s *session) chosenFacts() []proto.Fact {
	if s.facts == nil {
		return proto.Facts()
	}
	return s.facts
}

// featMLST is the line in FEAT: RFC 3659 §7.8, a star at what is chosen.
func featMLST(s *session) string {
	var b strings.Builder
	b.WriteString("MLST ")
	for _, f := range proto.Facts() {
		b.WriteString(string(f))
		for _, chosen := range s.chosenFacts() {
			if chosen == f {
				b.WriteByte('*')
			}
		}
		b.WriteByte(';')
	}
	return b.String()
}

// MLST: RFC 3659 §7: the facts of one path, over the control connection.
func (s *session) mlst(ctx context.Context, name string) (proto.Reply, error) {
	e, err := s.store.Stat(ctx, name)
	if err != nil {
		return proto.Reply{}, err
	}
	e.Name, e.Perm = name, permFact(s.user.PermAt(name), e.Kind)
	return proto.Reply{Code: proto.ActionOK, Lines: []string{
		"Listing " + name,
		" " + string(proto.AppendFacts(nil, e, s.chosenFacts())),
		"End",
	}}, nil
}

// permFacts is permFact for the entries of one directory. Where the user may the
// same everywhere, there are two answers.
func permFacts(who users.Record, dir string) func(proto.Entry) string {
	if len(who.Dirs) > 0 {
		return func(e proto.Entry) string { return permFact(who.PermAt(path.Join(dir, e.Name)), e.Kind) }
	}
	file, below := permFact(who.Perm, proto.RegularFile), permFact(who.Perm, proto.Directory)
	return func(e proto.Entry) string {
		if e.Kind == proto.Directory {
			return below
		}
		return file
	}
}

// permFact is what the user may do with an entry. RFC 3659 §7.5.5.
func permFact(may users.Perm, k proto.Kind) string {
	var b strings.Builder
	add := func(p users.Perm, letter byte) {
		if may.Has(p) {
			b.WriteByte(letter)
		}
	}
	if k == proto.Directory {
		add(users.Write, 'c')
		add(users.Delete, 'd')
		add(users.List, 'e')
		add(users.Rename, 'f')
		add(users.List, 'l')
		add(users.Mkdir, 'm')
		add(users.Delete, 'p')
		return b.String()
	}
	add(users.Append, 'a')
	add(users.Delete, 'd')
	add(users.Rename, 'f')
	add(users.Read, 'r')
	add(users.Overwrite, 'w')
	return b.String()
}

// statPath is STAT with an argument: LIST over the control connection.
// RFC 959 §4.1.3; 213 for a file, 212 for a directory.
func (s *session) statPath(ctx context.Context, arg string) (proto.Reply, error) {
	if !s.may(users.List) {
		return proto.Reply{}, refuse(noPermission, "Permission denied.")
	}
	l := s.longListing(parseListArg(arg))
	name, err := resolve(s.cwd, l.arg.path)
	if err != nil {
		return proto.Reply{}, err
	}
	code := proto.DirectoryStatus
	if e, err := s.store.Stat(ctx, name); err == nil && e.Kind != proto.Directory {
		code = proto.FileStatus
	}
	out := &capped{}
	l.out, l.eol = out, "\n"
	if err := l.run(ctx); err != nil {
		return proto.Reply{}, err
	}
	if l.cut != nil {
		return proto.Reply{}, l.cut
	}
	r := proto.Reply{Code: code, Lines: []string{"Status of " + name + ":"}}
	for line := range strings.Lines(out.b.String()) {
		r.Lines = append(r.Lines, strings.TrimSuffix(line, "\n"))
	}
	r.Lines = append(r.Lines, "End")
	return r, nil
}

// capped is memory with a bound: a reply is built as a whole.
type capped struct{ b bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if c.b.Len()+len(p) > maxStatus {
		return 0, refuse(tooMuch, "Too long for STAT, use LIST or MLSD.")
	}
	return c.b.Write(p)
}

func (c *capped) Flush() error { return nil }
