package client

import "ferry/proto"

// session is what is known of the server's end: set by the replies it sends,
// so that it is right whoever sent the command.
type session struct {
	loggedIn  bool
	reached   bool       // the relay was told which server is meant
	user      string     // as USER named it last
	prot      proto.Prot // of data connections; 0: not asked for
	features  proto.Features
	statLists bool         // a listing had no data connection, and STAT did
	system    string       // SYST, "" not asked yet
	params    proto.Params // in force there; a zero field is not known
	cwd       string       // "" not known
	hash      string       // algorithm that OPTS HASH chose
	wholeHash bool         // HASH takes no notice of RANG
	opensTLS  bool         // SSCN: it begins TLS on data connections
	restart   bool         // REST was taken and no transfer has followed
	resumed   bool         // a transfer has used a REST
	ticket    bool         // the last encrypted data connection resumed the control connection's TLS session
}

// begin is the state of a fresh session, and after REIN. RFC 959 §5.1 has
// TYPE A then, but some servers begin with TYPE I: the type is not known.
func (s *session) begin() {
	*s = session{params: proto.Params{Stru: proto.File, Mode: proto.Stream}}
}

// observe learns from the reply to a command.
func (c *Client) observe(cmd proto.Command, r proto.Reply) {
	s, ok := &c.in, r.Code.Class() == proto.Done
	switch cmd.Verb {
	case "TYPE":
		s.params.Type = proto.Type{}
		// Pure-FTPd answers "504 TYPE is now ASCII" to TYPE E, and means it:
		// after a failure the type is not known.
		if t, err := proto.ParseType(cmd.Arg); ok && err == nil {
			s.params.Type = t
		}
	case "STRU":
		if v, err := proto.ParseStru(cmd.Arg); ok && err == nil {
			s.params.Stru = v
		}
	case "MODE":
		if v, err := proto.ParseMode(cmd.Arg); ok && err == nil {
			s.params.Mode = v
		}
	case "PWD", "XPWD":
		s.cwd = ""
		if path, found := proto.Unquote(r.Text()); ok && found {
			s.cwd = path
		}
	case "CWD", "XCWD", "CDUP", "XCUP", "SMNT":
		s.cwd = ""
	case "REST":
		s.restart = r.Code.Class() == proto.More && cmd.Arg != "0"
	case "RANG":
		s.restart = r.Code.Class() == proto.More && cmd.Arg != "1 0"
	case "PROT":
		if p, err := proto.ParseProt(cmd.Arg); ok && err == nil {
			s.prot = p
		}
	case "SSCN":
		if ok && cmd.Arg != "" {
			s.opensTLS = cmd.Arg == "ON"
		}
	case "REIN":
		if ok {
			s.begin()
		}
	case "USER":
		s.user, s.cwd = cmd.Arg, ""
	case "PASS", "ACCT":
		s.cwd = ""
	default:
		if transfers(cmd.Verb) {
			s.resumed = s.resumed || s.restart
			s.restart = false
		}
	}
}

// transfers reports a command that moves a file.
func transfers(verb string) bool {
	switch verb {
	case "RETR", "STOR", "STOU", "APPE":
		return true
	}
	return false
}

// needsData reports a command that needs a data connection.
func needsData(verb string) bool {
	switch verb {
	case "LIST", "NLST", "MLSD":
		return true
	}
	return transfers(verb)
}
