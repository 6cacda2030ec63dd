package serve

import (
	"context"
	"maps"
	"slices"

	"ferry/proto"
	"ferry/serve/live"
	"ferry/serve/users"
)

// command is all that the server knows of a command but what it does. A row
// without run is a command that FTP knows and ferry does not serve: 502.
type command struct {
	run     handler
	arg     argKind
	when    when
	may     users.Perm // what the user must be allowed to do
	urgent  bool       // answered while a transfer runs
	between bool       // may stand between REST or ALLO and the transfer
	event   live.Kind  // what others are told that it does; "": nothing
	rfc     string
	feat    func(s *session) string // line in FEAT, "" for none now; nil: none ever
	help    string
}

// handler obeys a command. The reply is the only one, unless it began a
// transfer: then it is empty, and the transfer's end gives the reply.
type handler func(s *session, ctx context.Context, arg string) (proto.Reply, error)

type argKind int

const (
	argNone    argKind = iota
	argText            // must be there
	argOptText         // may be there
	argPath            // a path, handed over rooted and clean
	argOptPath         // the same; the current directory when it is missing
)

type when int

const (
	member when = iota // logged in
	anyone             // SECURITY: what a stranger may send
)

// table is the command set of a server, aliases included. SITE's own commands
// stand in it as "SITE CHMOD".
type table map[string]command

// newTable builds the command set.
func newTable(cfg Config) table {
	t := table{}
	for _, part := range []table{loginCommands(), paramCommands(), connCommands(), fileCommands(), hashCommands(),
		dirCommands(), listCommands(), infoCommands(), siteCommands(), tlsCommands(cfg.TLS), notYetServed()} {
		maps.Copy(t, part)
	}
	// RFC 1123 §4.1.3.1: the X forms, which 4.2 BSD spoke.
	for alias, name := range map[string]string{"XCWD": "CWD", "XCUP": "CDUP", "XPWD": "PWD", "XMKD": "MKD", "XRMD": "RMD"} {
		row := t[name]
		row.feat = nil
		t[alias] = row
	}
	return t
}

func loginCommands() table {
	return table{
		"USER": {run: (*session).userCmd, arg: argText, event: live.LoggedIn, when: anyone, rfc: "959 §4.1.1", help: "USER <name>"},
		"PASS": {run: (*session).pass, arg: argOptText, event: live.LoggedIn, when: anyone, rfc: "959 §4.1.1", help: "PASS <password>"},
		"ACCT": {run: (*session).acct, arg: argText, event: live.LoggedIn, when: anyone, rfc: "959 §4.1.1", help: "ACCT <account>"},
		"REIN": {run: (*session).rein, arg: argNone, when: anyone, rfc: "959 §4.1.1", help: "REIN (log out, start anew)"},
		"HOST": {run: (*session).hostCmd, arg: argText, when: anyone, rfc: "7151 §3", feat: feature("HOST"), help: "HOST <name>"},
		"SMNT": {run: (*session).smnt, arg: argText, may: users.List, rfc: "959 §4.1.1", help: "SMNT <name> (/ is your own files)"},
		"QUIT": {run: (*session).quit, arg: argNone, when: anyone, urgent: true, rfc: "959 §4.1.1", help: "QUIT"},
	}
}

func paramCommands() table {
	return table{
		"TYPE": {run: (*session).typeCmd, arg: argText, between: true, rfc: "959 §4.1.2", help: "TYPE A|E|I|L 8"},
		"STRU": {run: (*session).stru, arg: argText, between: true, rfc: "959 §4.1.2", help: "STRU F|R|P"},
		"MODE": {run: (*session).mode, arg: argText, between: true, rfc: "959 §4.1.2", feat: featModeZ, help: "MODE S|B|C|Z"},
		"REST": {run: (*session).rest, arg: argText, rfc: "3659 §5", feat: feature("REST STREAM"), help: "REST <position>"},
		"ALLO": {run: (*session).allo, arg: argText, between: true, rfc: "959 §4.1.3", help: "ALLO <bytes> [R <record size>]"},
		"OPTS": {run: (*session).opts, arg: argText, when: anyone, rfc: "2389 §4", feat: feature("UTF8"), help: "OPTS MLST [<fact>;…] | HASH [<algorithm>] | MODE Z [LEVEL <1 to 9>] | UTF8 ON"},
		"RANG": {run: (*session).rang, arg: argText, rfc: "draft-bryan-ftp-range", feat: featRange, help: "RANG <first byte> <last byte>"},
	}
}

func connCommands() table {
	return table{
		"PASV": {run: (*session).pasv, arg: argNone, between: true, rfc: "959 §4.1.2", help: "PASV"},
		"EPSV": {run: (*session).epsv, arg: argOptText, between: true, rfc: "2428 §3", feat: feature("EPSV"), help: "EPSV [1|2|ALL]"},
		"PORT": {run: (*session).port, arg: argText, between: true, rfc: "959 §4.1.2", help: "PORT <h1,h2,h3,h4,p1,p2>"},
		"EPRT": {run: (*session).eprt, arg: argText, between: true, rfc: "2428 §2", feat: feature("EPRT"), help: "EPRT |1|<address>|<port>|"},
		"PRET": {run: (*session).pret, arg: argText, between: true, rfc: "practice (distributed)", help: "PRET <transfer command>"},
		"CHAN": {run: (*session).chanCmd, arg: argNone, rfc: "practice (ferry)", feat: feature("CHAN SHA-256"), help: "CHAN (keep the data connection for many files, in MODE B)"},
		"ABOR": {run: (*session).abor, arg: argNone, urgent: true, rfc: "959 §4.1.3", help: "ABOR"},
	}
}

func fileCommands() table {
	return table{
		"RETR": {run: (*session).retr, arg: argPath, event: live.Download, may: users.Read, rfc: "959 §4.1.3", help: "RETR <path>"},
		"STOR": {run: (*session).stor, arg: argPath, event: live.Upload, may: users.Write, rfc: "959 §4.1.3", help: "STOR <path>"},
		"STOU": {run: (*session).stou, arg: argOptText, event: live.Upload, may: users.Write, rfc: "1123 §4.1.2.9", help: "STOU [<path>]"},
		"APPE": {run: (*session).appe, arg: argPath, event: live.Upload, may: users.Append, rfc: "959 §4.1.3", help: "APPE <path>"},
		"DELE": {run: (*session).dele, arg: argPath, event: live.Delete, may: users.Delete, rfc: "959 §4.1.3", help: "DELE <path>"},
		"RNFR": {run: (*session).rnfr, arg: argPath, may: users.Rename, rfc: "959 §4.1.3", help: "RNFR <old path>"},
		"RNTO": {run: (*session).rnto, arg: argPath, event: live.Rename, may: users.Rename, rfc: "959 §4.1.3", help: "RNTO <new path>"},
		"SIZE": {run: (*session).size, arg: argPath, may: users.List, rfc: "3659 §4", feat: feature("SIZE"), help: "SIZE <path>"},
		"MDTM": {run: (*session).mdtm, arg: argText, may: users.List, rfc: "3659 §3", feat: feature("MDTM"), help: "MDTM [<YYYYMMDDhhmmss>] <path>"},
		"MFMT": {run: (*session).mfmt, arg: argText, may: users.Chmod, rfc: "draft-somers-ftp-mfxx", feat: feature("MFMT"), help: "MFMT <YYYYMMDDhhmmss> <path>"},
		"MFCT": {run: (*session).mfct, arg: argText, may: users.Chmod, rfc: "draft-somers-ftp-mfxx", feat: featMFCT, help: "MFCT <YYYYMMDDhhmmss> <path>"},
		"MFF":  {run: (*session).mff, arg: argText, may: users.Chmod, rfc: "draft-somers-ftp-mfxx", feat: featMFF, help: "MFF <fact>=<value>;… <path>"},
		"COMB": {run: (*session).comb, arg: argText, event: live.Upload, may: users.Write, rfc: "practice (parts joined)", feat: feature("COMB"), help: "COMB <target> <part> …"},
	}
}

// hashCommands tell sums of files. They read, so they need what RETR needs.
func hashCommands() table {
	t := table{
		"HASH": {run: (*session).hashCmd, arg: argPath, may: users.Read, rfc: "draft-bryan-ftpext-hash", feat: featHash, help: "HASH <path>"},
		"MD5":  {run: (*session).md5, arg: argPath, may: users.Read, rfc: "draft-twine-ftpmd5", feat: feature("MD5"), help: "MD5 <path>"},
	}
	for verb, algorithm := range map[string]string{
		"XCRC": "CRC32", "XMD5": "MD5", "XSHA": "SHA-1", "XSHA1": "SHA-1", "XSHA256": "SHA-256", "XSHA512": "SHA-512",
	} {
		t[verb] = command{run: xhash(verb, algorithm), arg: argText, may: users.Read, rfc: "practice (checksums)", feat: feature(verb),
			help: verb + ` <path> | "<path>" [<start> [<end>]]`}
	}
	return t
}

func dirCommands() table {
	return table{
		"CWD":  {run: (*session).cwdCmd, arg: argPath, may: users.List, rfc: "959 §4.1.1", feat: feature("TVFS"), help: "CWD <directory>"},
		"CDUP": {run: (*session).cdup, arg: argNone, may: users.List, rfc: "959 §4.1.1", help: "CDUP"},
		"PWD":  {run: (*session).pwd, arg: argNone, rfc: "959 §4.1.3", help: "PWD"},
		"MKD":  {run: (*session).mkd, arg: argPath, event: live.Mkdir, may: users.Mkdir, rfc: "959 §4.1.3", help: "MKD <directory>"},
		"RMD":  {run: (*session).rmd, arg: argPath, event: live.Rmdir, may: users.Delete, rfc: "959 §4.1.3", help: "RMD <directory>"},
	}
}

func listCommands() table {
	return table{
		"LIST": {run: (*session).list, arg: argOptText, event: live.Listing, may: users.List, rfc: "959 §4.1.3", help: "LIST [-aR] [--] [<path or pattern>]"},
		"NLST": {run: (*session).nlst, arg: argOptText, event: live.Listing, may: users.List, rfc: "959 §4.1.3", help: "NLST [-l] [--] [<path or pattern>]"},
		"MLSD": {run: (*session).mlsd, arg: argOptPath, event: live.Listing, may: users.List, rfc: "3659 §7", help: "MLSD [<directory>]"},
		"MLST": {run: (*session).mlst, arg: argOptPath, may: users.List, rfc: "3659 §7", feat: featMLST, help: "MLST [<path>]"},
		"STAT": {run: (*session).stat, arg: argOptText, urgent: true, rfc: "959 §4.1.3", help: "STAT [<path or pattern>]"},
	}
}

func infoCommands() table {
	return table{
		"FEAT": {run: (*session).feat, arg: argNone, when: anyone, rfc: "2389 §3", help: "FEAT"},
		"HELP": {run: (*session).help, arg: argOptText, when: anyone, rfc: "959 §4.1.3", help: "HELP [<command>]"},
		"SYST": {run: (*session).syst, arg: argNone, when: anyone, rfc: "959 §4.1.3", help: "SYST"},
		"LANG": {run: (*session).lang, arg: argOptText, when: anyone, rfc: "2640 §4", feat: feature("LANG EN*"), help: "LANG [<language>]"},
		"CLNT": {run: (*session).clnt, arg: argText, when: anyone, rfc: "practice (client's name)", feat: feature("CLNT"), help: "CLNT <name of the client>"},
		"CSID": {run: (*session).csid, arg: argText, when: anyone, rfc: "draft-peterson-streamlined", feat: feature("CSID"), help: "CSID <name>=<value>;…"},
		"AVBL": {run: (*session).avbl, arg: argOptPath, may: users.List, rfc: "draft-peterson-streamlined", feat: feature("AVBL"), help: "AVBL [<directory>]"},
		"DSIZ": {run: (*session).dsiz, arg: argOptPath, may: users.List, rfc: "draft-peterson-streamlined", feat: feature("DSIZ"), help: "DSIZ [<directory>]"},
		"NOOP": {run: (*session).noop, arg: argNone, when: anyone, urgent: true, between: true, rfc: "959 §4.1.3", help: "NOOP"},
		"SITE": {run: (*session).site, arg: argText, rfc: "959 §4.1.3", help: "SITE <command>; SITE HELP lists them"},
	}
}

// siteCommands are those of ProFTPD's mod_site_misc and mod_copy, and old ones.
func siteCommands() table {
	return table{
		"SITE CHMOD":   {run: (*session).siteChmod, arg: argText, may: users.Chmod, help: "SITE CHMOD <octal mode> <path>"},
		"SITE COPY":    {run: (*session).siteCopy, arg: argText, event: live.Copy, may: users.Read | users.Write, feat: feature("SITE COPY"), help: "SITE COPY <from> <to>"},
		"SITE HELP":    {run: (*session).siteHelp, arg: argOptText, help: "SITE HELP"},
		"SITE IDLE":    {run: (*session).siteIdle, arg: argOptText, help: "SITE IDLE [<seconds>]"},
		"SITE MKDIR":   {run: (*session).siteMkdir, arg: argPath, event: live.Mkdir, may: users.Mkdir, feat: feature("SITE MKDIR"), help: "SITE MKDIR <directory> (with those above it)"},
		"SITE RMDIR":   {run: (*session).siteRmdir, arg: argPath, event: live.Rmdir, may: users.Delete, feat: feature("SITE RMDIR"), help: "SITE RMDIR <directory> (with all that is in it)"},
		"SITE SYMLINK": {run: (*session).siteSymlink, arg: argText, may: users.Write | users.Site, feat: featSymlink, help: "SITE SYMLINK <target> <link>"},
		"SITE UMASK":   {run: (*session).siteUmask, arg: argOptText, may: users.Chmod, help: "SITE UMASK [<octal mask>]"},
		"SITE UTIME":   {run: (*session).siteUtime, arg: argText, may: users.Chmod, feat: feature("SITE UTIME"), help: "SITE UTIME <YYYYMMDDhhmm[ss]> <path>"},
		"SITE WHO":     {run: (*session).siteWho, arg: argNone, may: users.Site, help: "SITE WHO"},
	}
}

// notYetServed are commands that FTP knows and this server does not obey:
// they get 502, where what nobody knows gets 500.
func notYetServed() table {
	rows := map[string][]string{
		"1639":                           {"LPRT", "LPSV"},
		"2228":                           {"ADAT", "MIC", "CONF", "ENC"},
		"draft-twine-ftpmd5":             {"MMD5"},
		"draft-peterson-streamlined":     {"RMDA", "THMB"},
		"practice (distributed)":         {"ESTA", "ESTP"},
		"765 (mail, before RFC 959)":     {"MAIL", "MLFL", "MSND", "MSOM", "MSAM", "MRSQ", "MRCP"},
		"743 (mail variants of RFC 959)": {"XSEM", "XSEN", "XRSQ", "XRCP"},
	}
	t := table{}
	for rfc, verbs := range rows {
		for _, v := range verbs {
			t[v] = command{when: anyone, rfc: rfc}
		}
	}
	return t
}

// source names the document that a command comes from.
func (c command) source() string {
	if c.rfc != "" && c.rfc[0] >= '0' && c.rfc[0] <= '9' {
		return "RFC " + c.rfc
	}
	return c.rfc
}

// verbs are the table's keys in alphabetical order.
func (t table) verbs() []string { return slices.Sorted(maps.Keys(t)) }

// feature is a FEAT line that is always there.
func feature(line string) func(*session) string {
	return func(*session) string { return line }
}
