package serve

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"io"
	"strings"
	"sync/atomic"

	"ferry/proto"
	"ferry/serve/store"
)

// digest is an algorithm of HASH by its IANA name.
type digest struct {
	name string
	make func() hash.Hash
}

// digests are in the order of FEAT; the first is the default: draft-bryan-
// ftpext-hash §5 wants SHA-1 served, and none weaker for a default.
func digests() []digest {
	return []digest{
		{"SHA-256", sha256.New},
		{"SHA-512", sha512.New},
		{"SHA-1", sha1.New},
		{"MD5", md5.New},
		{"CRC32", func() hash.Hash { return crc32.NewIEEE() }},
	}
}

func digestNamed(name string) (digest, bool) {
	for _, d := range digests() {
		if strings.EqualFold(d.name, name) {
			return d, true
		}
	}
	return digest{}, false
}

// featHash is the line in FEAT, with a star at what is chosen.
func featHash(s *session) string {
	line := "HASH "
	for _, d := range digests() {
		line += d.name
		if d.name == s.hash {
			line += "*"
		}
		line += ";"
	}
	return line
}

// HASH: draft-bryan-ftpext-hash §3, with RANG for a part. The sum is that of
// the file as TYPE I sends it, whatever the parameters are.
func (s *session) hashCmd(ctx context.Context, name string) (proto.Reply, error) {
	d, _ := digestNamed(s.hash)
	return proto.Reply{}, s.sum(ctx, "HASH", name, d, s.left, func(sum string, from, to int64) proto.Reply {
		return proto.Replyf(proto.FileStatus, "%s %d-%d %s %s", d.name, from, max(to-1, from), sum, name)
	})
}

// hashedName is the code of MD5 in draft-twine-ftpmd5.
const hashedName proto.Code = 251

// MD5: draft-twine-ftpmd5-00 §3.1.
func (s *session) md5(ctx context.Context, name string) (proto.Reply, error) {
	d, _ := digestNamed("MD5")
	return proto.Reply{}, s.sum(ctx, "MD5", name, d, oneShot{}, func(sum string, _, _ int64) proto.Reply {
		return proto.Replyf(hashedName, "%s %s", proto.Quote(name), strings.ToUpper(sum))
	})
}

// xhash is XCRC, XMD5, XSHA and their kin, as practice has them:
//
//	XCRC <path>    XCRC "<path>" <start> <end>
//
// The byte at end is not part of the sum (Serv-U, ProFTPD).
func xhash(verb, algorithm string) handler {
	return func(s *session, ctx context.Context, arg string) (proto.Reply, error) {
		d, _ := digestNamed(algorithm)
		name, part, err := s.nameAndRange(ctx, arg)
		if err != nil {
			return proto.Reply{}, err
		}
		return proto.Reply{}, s.sum(ctx, verb, name, d, part, func(sum string, _, _ int64) proto.Reply {
			return proto.Replyf(proto.ActionOK, "%s", strings.ToUpper(sum))
		})
	}
}

// nameAndRange reads a name, quoted or not, and up to two numbers. A file
// that has the whole argument for its name is found first.
func (s *session) nameAndRange(ctx context.Context, arg string) (string, oneShot, error) {
	name, err := resolve(s.cwd, arg)
	if err != nil {
		return "", oneShot{}, err
	}
	if _, err := s.store.Stat(ctx, name); err == nil {
		return name, oneShot{}, nil
	}
	named, numbers, err := cutRange(arg)
	if err != nil {
		return "", oneShot{}, err
	}
	part, err := parseRange(numbers)
	if err != nil {
		return "", oneShot{}, err
	}
	name, err = resolve(s.cwd, named)
	return name, part, err
}

// cutRange splits a name from the numbers behind it.
func cutRange(arg string) (name string, numbers []string, err error) {
	if strings.HasPrefix(arg, `"`) {
		name, rest, err := firstWord(arg)
		return name, strings.Fields(rest), err
	}
	name = strings.TrimRight(arg, " ")
	for range 2 {
		i := strings.LastIndexByte(name, ' ')
		if i <= 0 || strings.Trim(name[i+1:], "0123456789") != "" {
			break
		}
		numbers = append([]string{name[i+1:]}, numbers...)
		name = strings.TrimRight(name[:i], " ")
	}
	return name, numbers, nil
}

// parseRange reads none, a start, or a start and an end.
func parseRange(numbers []string) (oneShot, error) {
	var o oneShot
	var err error
	if len(numbers) > 2 {
		return o, refuse(badArgument, "At most a start and an end follow the name.")
	}
	if len(numbers) > 0 {
		o.offset, err = parseCount(numbers[0])
	}
	if len(numbers) > 1 && err == nil {
		o.until, err = parseCount(numbers[1])
		if err == nil && o.until <= o.offset {
			err = refuse(badArgument, "The end is not behind the start.")
		}
	}
	return o, err
}

// sum computes a hash of a file or of a part of it, as work beside the
// session: a big file takes minutes.
//
// SECURITY: only who may read a file may know its hash (the rows say so): it
// tells whether a guess of its content is right.
func (s *session) sum(ctx context.Context, verb, name string, d digest, part oneShot, tell func(sum string, from, to int64) proto.Reply) error {
	f, err := s.store.Open(ctx, name)
	if err != nil {
		return err
	}
	from, to, err := spanOf(f, part)
	if err == nil {
		_, err = f.Seek(from, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return err
	}
	e, err := f.Stat()
	kept := err == nil && d.name == "SHA-256" && s.srv.cfg.Fingerprints
	sums, key := &s.srv.gathered, s.gatheredKey(name)
	ranges := sums.gathers(key)
	s.toil(ctx, job{verb: verb, path: name, work: func(ctx context.Context, moved *atomic.Int64) (proto.Reply, error) {
		defer f.Close()
		h := d.make()
		whole, into := h, io.Writer(h)
		if kept && from > 0 {
			if whole = sums.goOn(key, from, ranges); whole != nil {
				into = io.MultiWriter(h, whole)
			}
		}
		n, err := carry(ctx, into, io.LimitReader(f, to-from), moved)
		if err == nil && n != to-from {
			err = refuse(localFailure, "The file became shorter meanwhile.")
		}
		sum := hex.EncodeToString(h.Sum(nil)) // before another session may go on with h
		if err == nil && kept && whole != nil {
			sums.summed(key, runningSum{h: whole, upTo: to, ranges: ranges}, e.Size)
		}
		return tell(sum, from, to), err
	}})
	return nil
}

func spanOf(f store.File, part oneShot) (from, to int64, err error) {
	e, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	return part.span(e.Size)
}

// carry copies until the end or until ctx ends.
func carry(ctx context.Context, to io.Writer, from io.Reader, moved *atomic.Int64) (total int64, err error) {
	b := make([]byte, workBuffer)
	for {
		if ctx.Err() != nil {
			return total, context.Cause(ctx)
		}
		n, rerr := from.Read(b)
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return total, err
			}
			total += int64(n)
			moved.Add(int64(n))
		}
		if rerr == io.EOF {
			return total, nil
		}
		if rerr != nil {
			return total, rerr
		}
	}
}
