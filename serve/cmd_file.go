package serve

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/live"
	"ferry/serve/store"
	"ferry/serve/users"
)

// RETR: RFC 959 §4.1.3.
func (s *session) retr(ctx context.Context, name string) (proto.Reply, error) {
	defer s.forgetMeeting() // nothing is left of it if the file can't be had
	if err := s.restartable(); err != nil {
		return proto.Reply{}, err
	}
	f, err := s.store.Open(ctx, name)
	if err != nil {
		return proto.Reply{}, err
	}
	from, to, err := spanOf(f, s.left)
	if err == nil && from > 0 {
		_, err = f.Seek(from, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return proto.Reply{}, err
	}
	sent := s.newSentSum(from, s.left)
	src := sent.through(ranged(source(f), s.left, from, to))
	return proto.Reply{}, s.begin(ctx, job{
		verb:   "RETR",
		path:   name,
		total:  to - from,
		brief:  s.brief(src, to-from),
		direct: systemFile(source(f)),
		mark:   openingText(name, to-from, s.params),
		sum:    &sent.text,
		move: func(ctx context.Context, c *data.Conn, o data.Options) error {
			_, err := data.Send(ctx, c, src, o)
			return moved(err)
		},
		end: func(_ context.Context, err error) error { f.Close(); sent.ends(err, to); return err },
	})
}

// source is the file that the kernel can send, where there is one.
func source(f store.File) io.Reader {
	if os := f.OSFile(); os != nil {
		return os
	}
	return f
}

// target is the file that the kernel can write, where there is one.
func target(u store.Upload) io.Writer {
	if os := u.OSFile(); os != nil {
		return os
	}
	return u
}

// systemFile reports whether the kernel can read or write what target or source gave.
func systemFile(v any) bool {
	_, ok := v.(*os.File)
	return ok
}

// openingText is the mark of a file. Clients take the size from its
// parentheses, so it is told only where it counts bytes on the wire.
func openingText(name string, size int64, p proto.Params) proto.Reply {
	if !p.Identity() {
		return proto.Replyf(proto.OpeningData, "Opening data connection for %s.", name)
	}
	return proto.Replyf(proto.OpeningData, "Opening data connection for %s (%d bytes).", name, size)
}

// STOR: RFC 959 §4.1.3, and REST with it.
func (s *session) stor(ctx context.Context, name string) (proto.Reply, error) {
	defer s.forgetMeeting()
	if err := s.restartable(); err != nil {
		return proto.Reply{}, err
	}
	return proto.Reply{}, s.receive(ctx, "STOR", name, s.place())
}

// place is where in the file STOR begins. RANG leaves all bytes outside of its
// range as they are, so even one from the first byte on is written in place.
func (s *session) place() store.CreateOptions {
	return store.CreateOptions{Offset: s.left.offset, InPlace: s.left.until > 0, Until: s.left.until}
}

// APPE: RFC 959 §4.1.3. An offset by REST must be the end, which is where
// APPE writes. With RANG it is STOR (draft-bryan-ftp-range §4.3).
func (s *session) appe(ctx context.Context, name string) (proto.Reply, error) {
	defer s.forgetMeeting()
	if err := s.restartable(); err != nil {
		return proto.Reply{}, err
	}
	if s.left.until > 0 {
		return proto.Reply{}, s.receive(ctx, "APPE", name, s.place())
	}
	if s.left.offset > 0 {
		if size, err := s.sizeOf(ctx, name); err != nil || size != s.left.offset {
			return proto.Reply{}, errors.Join(err, store.ErrOffset)
		}
	}
	return proto.Reply{}, s.receive(ctx, "APPE", name, store.CreateOptions{Append: true})
}

// STOU: RFC 959 §4.1.3; the name is told in the mark, RFC 1123 §4.1.2.9.
func (s *session) stou(ctx context.Context, arg string) (proto.Reply, error) {
	defer s.forgetMeeting()
	if arg == "" {
		arg = "file"
	}
	base, err := resolve(s.cwd, arg)
	if err != nil {
		return proto.Reply{}, err
	}
	for range uniqueTries {
		name := uniqueName(base)
		if _, err := s.store.Stat(ctx, name); err != nil { // not there, or Create says what is wrong
			return proto.Reply{}, s.receive(ctx, "STOU", name, store.CreateOptions{Overwrite: store.Deny})
		}
	}
	return proto.Reply{}, refuse(localFailure, "No name was free, try again.")
}

// uniqueName puts a random word before the extension: two sessions that ask
// at the same moment don't get the same name.
func uniqueName(base string) string {
	ext := path.Ext(base)
	return strings.TrimSuffix(base, ext) + "-" + strings.ToLower(rand.Text()[:10]) + ext
}

// toldSize is what ALLO, or RANG, has said about the next upload.
//
// SECURITY: in clear, or after CCC, anybody could have said it.
func (s *session) toldSize() int64 {
	if s.tls == nil {
		return 0
	}
	return s.left.bytes()
}

// receive begins an upload.
func (s *session) receive(ctx context.Context, verb, name string, o store.CreateOptions) error {
	if err := s.mayStore(ctx, name, &o); err != nil {
		return err
	}
	after := new(afterwards)
	o.Owner, o.Size, o.Later = s.user.Name, s.left.size, after.add
	most, err := s.mostBytes(ctx)
	if err != nil {
		return err
	}
	part := s.left
	spread, err := s.spreads(ctx, name)
	if err != nil {
		return err
	}
	o.Whole = o.Whole || spread // what has a hole is not kept as a beginning
	u, err := s.create(ctx, name, o)
	if err != nil {
		return err
	}
	if err := s.examinable(u); err != nil {
		return errors.Join(err, u.Discard(ctx))
	}
	began := time.Now()
	mark := proto.Replyf(proto.OpeningData, "Opening data connection for %s.", name)
	if verb == "STOU" {
		mark = proto.Replyf(proto.OpeningData, "FILE: %s", name)
	}
	counted := s.newUploadSum(o, spread)
	sink := counted.beside(target(u))
	var n int64
	var ended end
	var sum string
	return s.begin(ctx, job{
		verb:   verb,
		path:   name,
		mark:   mark,
		marks:  true,
		size:   s.toldSize(),
		total:  s.left.bytes(),
		ranged: part.until > 0,
		ended:  &ended,
		sum:    &sum,
		after:  after,
		into:   s.taker(sink, &n, most),
		direct: systemFile(sink),
		move: func(ctx context.Context, c *data.Conn, opt data.Options) error {
			began = time.Now()
			opt.Max = most
			more, err := data.Receive(ctx, sink, c, opt)
			n += more
			return part.tooLarge(moved(err))
		},
		end: func(ctx context.Context, err error) error {
			if err == nil {
				err = part.whole(n)
			}
			if err == nil && ended != endSealed && (n == 0 || n != part.bytes()) {
				err = cmp.Or(s.stillThere(ctx, time.Since(began)), s.allCame(part, verb, n))
			}
			if err == nil && spread {
				err = extend(u, part.size)
			}
			if err == nil {
				err = s.examine(ctx, u, live.Transfer{Verb: verb, Path: name, Bytes: n})
			}
			if err == nil {
				if err = u.Commit(ctx); err == nil && part.until == 0 {
					sum = s.fingerprint(ctx, counted, name)
				}
				return err
			}
			// ctx may have ended, but what arrived must be put away.
			return errors.Join(err, u.Discard(context.WithoutCancel(ctx)))
		},
	})
}

// mayStore asks for the permissions that depend on what is there, and for the
// overwrite policy.
func (s *session) mayStore(ctx context.Context, name string, o *store.CreateOptions) error {
	if s.srv.overwrite() == OverwriteDeny {
		o.Overwrite = store.Deny
	} else if s.mayAt(users.Write, name) && s.mayAt(users.Append, name) && s.mayAt(users.Overwrite, name) {
		return nil // whatever is there
	}
	if _, err := s.store.Stat(ctx, name); err != nil {
		if !s.mayAt(users.Write, name) {
			return fs.ErrPermission // APPE that would make the file
		}
		return nil // Create says what is wrong, if anything is
	}
	switch inPlace := o.Append || o.InPlace || o.Offset > 0; {
	case o.Overwrite == store.Deny:
		return fs.ErrExist
	case inPlace && !s.mayAt(users.Append, name), !inPlace && !s.mayAt(users.Overwrite, name):
		return fs.ErrPermission
	}
	return nil
}

// DELE: RFC 959 §4.1.3.
func (s *session) dele(ctx context.Context, name string) (proto.Reply, error) {
	if err := s.store.Remove(ctx, name); err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.ActionOK, "Deleted."), nil
}

// RNFR: RFC 959 §4.1.3.
func (s *session) rnfr(ctx context.Context, name string) (proto.Reply, error) {
	if _, err := s.store.Lstat(ctx, name); err != nil {
		return proto.Reply{}, err
	}
	s.next.from = name
	return proto.Replyf(proto.NeedMore, "Send RNTO with the new name."), nil
}

// RNTO: RFC 959 §4.1.3. It must follow RNFR at once.
func (s *session) rnto(ctx context.Context, name string) (proto.Reply, error) {
	if s.left.from == "" {
		return proto.Reply{}, refuse(outOfOrder, "Send RNFR first.")
	}
	on := store.Replace
	if s.srv.overwrite() == OverwriteDeny || !s.mayAt(users.Overwrite, name) {
		on = store.Deny
	}
	if err := s.store.Rename(ctx, s.left.from, name, on); err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.ActionOK, "Renamed."), nil
}

// SIZE: RFC 3659 §4: the number of bytes that RETR would send now. What a
// broken upload has left counts while no file has its name.
func (s *session) size(ctx context.Context, name string) (proto.Reply, error) {
	if p := s.wireParams(); !p.Identity() {
		return s.countedSize(ctx, name, p)
	}
	n, err := s.sizeOf(ctx, name)
	if err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.FileStatus, "%d", n), nil
}

// sizeOf is the size of a file, or of the part that stands for it.
func (s *session) sizeOf(ctx context.Context, name string) (int64, error) {
	e, err := s.store.Stat(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if n, perr := s.store.Part(ctx, name, s.user.Name); perr == nil {
			return n, nil
		}
		return 0, err
	case err != nil:
		return 0, err
	case e.Kind == proto.Directory:
		return 0, store.ErrIsDir
	case e.Kind != proto.RegularFile:
		return 0, store.ErrNotRegular
	}
	return e.Size, nil
}

// wireParams are those that SIZE counts under: RFC 3659 §4: in the current
// TYPE and STRU. Its positions are those of MODE S.
func (s *session) wireParams() proto.Params {
	p := s.params
	p.Mode = proto.Stream
	return p
}

// countedSize sends a file to nowhere and counts: line ends and records make
// it larger on the wire than on the disk.
func (s *session) countedSize(ctx context.Context, name string, p proto.Params) (proto.Reply, error) {
	f, err := s.store.Open(ctx, name)
	if err != nil {
		return proto.Reply{}, err
	}
	defer f.Close()
	switch e, err := f.Stat(); {
	case err != nil:
		return proto.Reply{}, err
	case e.Size > maxCount:
		return proto.Reply{}, refuse(tooMuch, "Too large to be counted in this TYPE, use TYPE I.")
	}
	o := data.Options{Params: p, CodePage: s.srv.cfg.CodePage, Records: s.records()}
	n, err := data.WireSize(f, o)
	switch {
	case errors.Is(err, data.ErrPages), errors.Is(err, data.ErrRecord): // RFC 3659 §4: 550 for what can't be had so
		return proto.Reply{}, &fault{wrongKind, "The file can't be sent in this TYPE and STRU.", err}
	case err != nil:
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.FileStatus, "%d", n), nil
}

// MDTM: RFC 3659 §3. With a time in front, as many clients send it, it sets
// the time instead; a file whose name looks like that is found first.
func (s *session) mdtm(ctx context.Context, arg string) (proto.Reply, error) {
	name, err := resolve(s.cwd, arg)
	if err != nil {
		return proto.Reply{}, err
	}
	e, err := s.store.Stat(ctx, name)
	if err != nil {
		if when, rest, ok := timeFirst(arg); ok && s.may(users.Chmod) {
			return s.setTime(ctx, when, rest)
		}
		return proto.Reply{}, err
	}
	if e.Kind == proto.Directory {
		return proto.Reply{}, store.ErrIsDir
	}
	return proto.Replyf(proto.FileStatus, "%s", proto.FormatTime(e.Modify)), nil
}

// MFMT: draft-somers-ftp-mfxx.
func (s *session) mfmt(ctx context.Context, arg string) (proto.Reply, error) {
	when, rest, ok := timeFirst(arg)
	if !ok {
		return proto.Reply{}, refuse(badArgument, "Syntax: MFMT <YYYYMMDDhhmmss> <path>")
	}
	return s.setTime(ctx, when, rest)
}

func timeFirst(arg string) (t time.Time, rest string, ok bool) {
	word, rest, ok := strings.Cut(arg, " ")
	if !ok || rest == "" {
		return t, "", false
	}
	t, _, err := proto.ParseTime(word)
	return t, rest, err == nil
}

func (s *session) setTime(ctx context.Context, t time.Time, arg string) (proto.Reply, error) {
	name, err := resolve(s.cwd, arg)
	if err != nil {
		return proto.Reply{}, err
	}
	if err := s.store.SetModTime(ctx, name, t); err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.FileStatus, "Modify=%s; %s", proto.FormatTime(t), name), nil
}
