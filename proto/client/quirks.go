package client

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"ferry/proto"
)

// Quirks is what was learned of one server. It is a value: keep it and give it
// to the next session's Config. The zero value knows nothing.
type Quirks struct {
	NoEPSV       bool   `json:",omitzero"` // EPSV is refused, or its port can't be reached where PASV's can
	NoMLSD       bool   `json:",omitzero"` // MLSD is refused, whatever FEAT says
	NoRange      bool   `json:",omitzero"` // RANG is refused, whatever FEAT says
	NoSize       bool   `json:",omitzero"` // SIZE is not known there
	NoModTime    bool   `json:",omitzero"` // MDTM is not known there
	NoChmod      bool   `json:",omitzero"` // SITE CHMOD is not known there
	ConnectFirst bool   `json:",omitzero"` // wants the data connection before RETR or STOR
	Reachable    bool   `json:",omitzero"` // a passive data connection stood once
	NoPipeline   bool   `json:",omitzero"` // takes one command at a time
	BatchDown    bool   `json:",omitzero"` // RETRs of several files in one write went well
	BatchUp      bool   `json:",omitzero"` // STORs, too
	NoChannel    bool   `json:",omitzero"` // CHAN is announced and can't be had
	NoBatch      bool   `json:",omitzero"` // they don't
	SetTime      string `json:",omitzero"` // the command that sets a file's time: MFMT, MDTM, UTIME; "-" none
	NoStatList   bool   `json:",omitzero"` // STAT lists no directory
	TextLists    bool   `json:",omitzero"` // listings must be asked for in TYPE A
	NoTLS13      bool   `json:",omitzero"` // doesn't know data connections as ours in TLS 1.3

	MaxSessions int           `json:",omitzero"` // sessions that it allowed, 0 not known; for the caller's use
	ListOffset  time.Duration `json:",omitzero"` // of LIST's times from UTC; for the caller's use
}

// and is what two sessions know together.
func (q Quirks) and(o Quirks) Quirks {
	for _, f := range []struct {
		mine   *bool
		theirs bool
	}{
		{&q.NoEPSV, o.NoEPSV}, {&q.NoMLSD, o.NoMLSD}, {&q.NoSize, o.NoSize}, {&q.NoModTime, o.NoModTime}, {&q.NoChmod, o.NoChmod},
		{&q.ConnectFirst, o.ConnectFirst}, {&q.Reachable, o.Reachable}, {&q.NoPipeline, o.NoPipeline},
		{&q.BatchDown, o.BatchDown}, {&q.BatchUp, o.BatchUp}, {&q.NoChannel, o.NoChannel}, {&q.NoBatch, o.NoBatch},
		{&q.NoStatList, o.NoStatList}, {&q.TextLists, o.TextLists}, {&q.NoTLS13, o.NoTLS13},
	} {
		*f.mine = *f.mine || f.theirs
	}
	q.SetTime = cmp.Or(q.SetTime, o.SetTime)
	q.MaxSessions = cmp.Or(q.MaxSessions, o.MaxSessions)
	q.ListOffset = cmp.Or(q.ListOffset, o.ListOffset)
	return q
}

// Inherit adds what other sessions with the same server have learned since
// this one was made, and returns all that is known now.
func (c *Client) Inherit(q Quirks) Quirks {
	c.learn(func(own *Quirks) { *own = own.and(q) })
	return c.Quirks()
}

// Transient reports a refusal that may pass by itself: 4xx, and 5xx of servers
// whose text knows better (field reports: too many users, a broken pipe).
func Transient(err error) bool {
	var re *proto.ReplyError
	switch {
	case !errors.As(err, &re):
		return false
	case re.Temporary():
		return true
	case re.Reply.Code.Class() != proto.Fail:
		return false
	}
	return says(re.Reply, "too many", "maximum number", "timed out", "broken pipe", "try again", "connection reset")
}

// Full reports a server that has no room for what it was to keep. RFC 959 §4.2:
// 452, 552. Others have words for it: vsftpd one 451 for whatever can't be
// written, Pure-FTPd one at first, pyftpdlib and IIS the system's.
func Full(err error) bool {
	var re *proto.ReplyError
	if !errors.As(err, &re) {
		return false
	}
	switch code := re.Reply.Code; {
	case code == proto.NoSpace, code == proto.QuotaExceeded:
		return true
	case code.Class() != proto.Retry && code.Class() != proto.Fail:
		return false
	}
	switch re.Command.Verb {
	case "STOR", "APPE", "STOU", "ALLO", "MKD", "RNTO":
		return says(re.Reply, "no space left", "not enough space", "insufficient disk", "disk full", "quota exceeded", "over quota",
			"failure writing to local file", "error during write to file")
	}
	return false
}

// says reports whether a reply has one of these words, in whatever case.
func says(r proto.Reply, words ...string) bool {
	text := strings.ToLower(strings.Join(r.Lines, "\n"))
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// recognise notes what the greeting alone tells. Field reports: IIS, MadGoat
// and MikroTik lose commands that come in one packet; the listings of hosts
// that speak EBCDIC, or keep records, are only text in TYPE A. RFC 854 has IAC
// doubled, which only some servers undo (ProFTPD does): to these a name with two
// of them is another name (seen with vsftpd 3.0.3, Pure-FTPd 1.0.50, pyftpdlib 1.5.7).
func (c *Client) recognise() {
	one := []string{"Microsoft FTP Service", "MadGoat", "MikroTik"}
	if slices.ContainsFunc([]string{"vsFTPd", "Pure-FTPd", "pyftpdlib"}, c.greets) {
		c.conn.SendBare()
	}
	text := []string{"IBM FTP", "MVS", "z/OS", "OS/400", "AS/400", "Tandem", "VMS"}
	c.learn(func(q *Quirks) {
		q.NoPipeline = q.NoPipeline || slices.ContainsFunc(one, c.greets)
		// A second EPSV takes the listener of the first away (seen with 1.5.7).
		q.NoBatch = q.NoBatch || c.greets("pyftpdlib")
		q.TextLists = q.TextLists || slices.ContainsFunc(text, c.greets)
	})
}

// wantsPRET reports whether the server must be told what will be transferred
// before EPSV or PASV (drftpd does). Pure-FTPd offers PRET and has no use for
// it: it would cost a round trip a file.
func (c *Client) wantsPRET() bool {
	return c.in.features.Has("PRET") && !c.greets("Pure-FTPd")
}
