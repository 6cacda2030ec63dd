package serve

import (
	"context"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"ferry/proto"
	"ferry/serve/store"
)

// MFCT: draft-somers-ftp-mfxx §4. Only where the files have a time of creation
// that can be set; else it is not served, and not in FEAT.
func (s *session) mfct(ctx context.Context, arg string) (proto.Reply, error) {
	if !s.store.Can(store.CreateTimes) {
		return proto.Reply{}, refuse(notServed, "Times of creation can't be set here.")
	}
	when, rest, ok := timeFirst(arg)
	if !ok {
		return proto.Reply{}, refuse(badArgument, "Syntax: MFCT <YYYYMMDDhhmmss> <path>")
	}
	name, err := resolve(s.cwd, rest)
	if err == nil {
		err = s.store.SetCreateTime(ctx, name, when)
	}
	if err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.FileStatus, "Create=%s; %s", proto.FormatTime(when), name), nil
}

func featMFCT(s *session) string {
	if s.in() && s.store.Can(store.CreateTimes) {
		return "MFCT"
	}
	return ""
}

// MFF: draft-somers-ftp-mfxx §5: several facts of one file. All are checked
// before one is set.
func (s *session) mff(ctx context.Context, arg string) (proto.Reply, error) {
	facts, rest, _ := strings.Cut(arg, " ")
	if rest == "" || !strings.HasSuffix(facts, ";") {
		return proto.Reply{}, refuse(badArgument, "Syntax: MFF <fact>=<value>;… <path>")
	}
	name, err := resolve(s.cwd, rest)
	if err != nil {
		return proto.Reply{}, err
	}
	var set []func() error
	told := ""
	for fact := range strings.SplitSeq(strings.TrimSuffix(facts, ";"), ";") {
		key, value, ok := strings.Cut(fact, "=")
		if !ok {
			return proto.Reply{}, refuse(badArgument, "A fact has the form <name>=<value>.")
		}
		change, text, err := s.changeOf(ctx, name, key, value)
		if err != nil {
			return proto.Reply{}, err
		}
		set = append(set, change)
		told += text + ";"
	}
	for _, change := range set {
		if err := change(); err != nil {
			return proto.Reply{}, err
		}
	}
	return proto.Replyf(proto.FileStatus, "%s %s", told, name), nil
}

// changeOf is what sets one fact, and the words of the reply for it.
func (s *session) changeOf(ctx context.Context, name, key, value string) (change func() error, text string, err error) {
	switch fact := strings.ToLower(key); {
	case fact == "unix.mode":
		mode, err := strconv.ParseUint(value, 8, 32)
		if err != nil || mode > 0o777 {
			return nil, "", refuse(badArgument, "A mode is 000 to 777.")
		}
		return func() error { return s.store.SetMode(ctx, name, fs.FileMode(mode)) }, "UNIX.mode=0" + strconv.FormatUint(mode, 8), nil
	case fact == "modify":
		return timeChange(value, "Modify=", func(t time.Time) error { return s.store.SetModTime(ctx, name, t) })
	case fact == "create" && s.store.Can(store.CreateTimes):
		return timeChange(value, "Create=", func(t time.Time) error { return s.store.SetCreateTime(ctx, name, t) })
	}
	return nil, "", refuse(badParameter, "That fact can't be set, these can: %s", featMFF(s)[len("MFF "):])
}

func timeChange(value, label string, set func(time.Time) error) (func() error, string, error) {
	t, _, err := proto.ParseTime(value)
	if err != nil {
		return nil, "", err
	}
	return func() error { return set(t) }, label + proto.FormatTime(t), nil
}

func featMFF(s *session) string {
	if featMFCT(s) != "" {
		return "MFF Create;Modify;UNIX.mode;"
	}
	return "MFF Modify;UNIX.mode;"
}

// siteUtime sets the time of last change, in the two forms that clients send:
//
//	SITE UTIME <YYYYMMDDhhmm[ss]> <path>               (ProFTPD)
//	SITE UTIME <path> <atime> <mtime> <ctime> UTC      (Pure-FTPd, lftp, ncftp)
//
// Times of last access are not kept, nor are those of creation.
func (s *session) siteUtime(ctx context.Context, arg string) (proto.Reply, error) {
	when, rest, ok := utime(arg)
	if !ok {
		return proto.Reply{}, refuse(badArgument, "Syntax: SITE UTIME <YYYYMMDDhhmm[ss]> <path>")
	}
	name, err := resolve(s.cwd, rest)
	if err == nil {
		err = s.store.SetModTime(ctx, name, when)
	}
	if err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.OK, "Time is %s.", proto.FormatTime(when)), nil
}

func utime(arg string) (when time.Time, name string, ok bool) {
	if end := len(arg) - len(" UTC"); end > 0 && strings.EqualFold(arg[end:], " UTC") {
		if when, name, ok = threeTimes(arg[:end]); ok {
			return when, name, true
		}
	}
	word, name, _ := strings.Cut(arg, " ")
	when, ok = shortTime(word)
	return when, name, ok && name != ""
}

// threeTimes reads a name with times of access, change and creation behind it.
func threeTimes(arg string) (when time.Time, name string, ok bool) {
	for i := range 3 {
		at := strings.LastIndexByte(arg, ' ')
		if at <= 0 {
			return when, "", false
		}
		t, good := shortTime(arg[at+1:])
		if !good {
			return when, "", false
		}
		if i == 1 {
			when = t
		}
		arg = arg[:at]
	}
	return when, arg, true
}

// shortTime is a time-val that may lack its seconds.
func shortTime(word string) (time.Time, bool) {
	if len(word) == len("YYYYMMDDhhmm") {
		word += "00"
	}
	t, _, err := proto.ParseTime(word)
	return t, err == nil
}
