package serve

import (
	"context"
	"fmt"
	"strings"

	"ferry/proto"
	"ferry/serve/store"
)

// LANG: RFC 2640 §4.1. Replies are in English, and so is the default.
func (s *session) lang(_ context.Context, tag string) (proto.Reply, error) {
	tag = strings.Trim(tag, " ")
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	switch {
	case strings.Trim(strings.ToLower(tag), "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return proto.Reply{}, refuse(badArgument, "Syntax: LANG [<language tag>]")
	case tag != "" && primary != "en":
		return proto.Reply{}, refuse(badParameter, "Replies come in English only.")
	}
	return proto.Replyf(proto.OK, "Replies come in English."), nil
}

// CLNT is what some clients say about themselves. Nothing depends on it.
func (s *session) clnt(context.Context, string) (proto.Reply, error) {
	return proto.Replyf(proto.OK, "Noted."), nil
}

// CSID: draft-peterson-streamlined-ftp-command-extensions: both ends say who
// they are.
//
// SECURITY: neither version nor system are told to strangers.
func (s *session) csid(context.Context, string) (proto.Reply, error) {
	return proto.Replyf(proto.OK, "Name=ferry; CaseSensitive=1; DirSep=/;"), nil
}

// AVBL: draft-peterson-streamlined-ftp-command-extensions: the bytes that may
// still be stored in a directory.
func (s *session) avbl(ctx context.Context, dir string) (proto.Reply, error) {
	if _, err := s.store.Stat(ctx, dir); err != nil {
		return proto.Reply{}, err
	}
	free, err := s.store.Free(ctx)
	if err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.FileStatus, "%d", free), nil
}

// PRET is how distributed servers learn what the next transfer will be, before
// PASV. Here it changes nothing, but tells at once what can't succeed. It is
// not in FEAT: clients that find it there (lftp) send it before each file.
func (s *session) pret(ctx context.Context, arg string) (proto.Reply, error) {
	verb, rest, _ := strings.Cut(arg, " ")
	verb = strings.ToUpper(verb)
	row := s.srv.table[verb]
	switch verb {
	case "RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD":
	default:
		return proto.Reply{}, refuse(badParameter, "PRET is for transfers and listings.")
	}
	if err := permitted(s, &call{row: row}); err != nil {
		return proto.Reply{}, err
	}
	if verb == "RETR" {
		name, err := resolve(s.cwd, rest)
		if err == nil {
			_, err = s.sizeOf(ctx, name)
		}
		if err != nil {
			return proto.Reply{}, err
		}
	}
	return proto.Replyf(proto.OK, "Send PASV or EPSV, then %s.", verb), nil
}

// siteWho lists the sessions of the same user.
//
// SECURITY: nobody learns of others.
func (s *session) siteWho(context.Context, string) (proto.Reply, error) {
	lines := []string{"Your sessions:"}
	for _, i := range s.srv.Sessions() {
		if i.User != s.user.Name {
			continue
		}
		line := fmt.Sprintf(" %d from %s since %s UTC: %s", i.ID, i.Peer, i.Since.UTC().Format("2006-01-02 15:04:05"), i.Command)
		if t := i.Transfer; t != nil {
			line += fmt.Sprintf(", %s %s, %d bytes", t.Verb, t.Path, t.Bytes)
		}
		if i.ID == s.id {
			line += " (this one)"
		}
		lines = append(lines, line)
	}
	return proto.Reply{Code: proto.OK, Lines: append(lines, "End")}, nil
}

// siteSymlink makes a symbolic link.
func (s *session) siteSymlink(ctx context.Context, arg string) (proto.Reply, error) {
	names, err := words(arg)
	if err != nil {
		return proto.Reply{}, err
	}
	if len(names) != 2 {
		return proto.Reply{}, refuse(badArgument, "Syntax: SITE SYMLINK <target> <link>; names with blanks stand in double quotes")
	}
	name, err := resolve(s.cwd, names[1])
	if err != nil {
		return proto.Reply{}, err
	}
	target := names[0]
	if strings.HasPrefix(target, "/") { // rooted as the client sees it: links must be relative to stay inside
		target = relative(name, target)
	}
	if err := s.store.Symlink(ctx, target, name); err != nil {
		return proto.Reply{}, err
	}
	return proto.Replyf(proto.OK, "%s is a link now.", proto.Quote(name)), nil
}

func featSymlink(s *session) string {
	if s.in() && s.store.Can(store.Links) {
		return "SITE SYMLINK"
	}
	return ""
}

// relative is the way from the directory of a link to a rooted path.
func relative(link, target string) string {
	return strings.Repeat("../", strings.Count(link, "/")-1) + strings.TrimPrefix(target, "/")
}
