package script

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"syscall"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/proxy"
	"ferry/script/bulk"
)

// hint is the one next step that follows from what failed, "" when there is
// no obvious one.
func hint(err error) string {
	var (
		syntax  *SyntaxError
		call    *CallError
		unknown *UnknownError
		command *cliError
		state   *StateError
		trust   *TrustError
		told    interface{ Hint() string } // the server's own errors
	)
	switch {
	case errors.As(err, &command):
		return command.hint
	case errors.As(err, &told):
		return told.Hint()
	case errors.As(err, &syntax):
		return syntax.Hint
	case errors.As(err, &call):
		if call.Hint == "" && call.Verb != nil {
			return "usage: " + call.Verb.Usage()
		}
		return call.Hint
	case errors.As(err, &unknown):
		return unknown.Hint
	case errors.As(err, &state):
		return state.Hint
	case errors.As(err, &trust):
		return trust.Hint
	}
	return hintOfPeer(err)
}

// timedOut reports a wait that was too long.
func timedOut(err error) bool {
	var slow net.Error
	return errors.As(err, &slow) && slow.Timeout()
}

func hintOfPeer(err error) string {
	var (
		dns     *net.DNSError
		connect *client.ConnectError
		login   *client.LoginError
		lost    *client.LostError
		data    *client.DataError
		cert    *client.CertificateError
		reply   *proto.ReplyError
		file    *FileError
		place   *client.PlaceError
		space   *bulk.SpaceError
		down    *bulk.DownError
	)
	switch {
	case errors.As(err, &down):
		return "what came is kept: once " + down.Host + " is there again, the same with -c goes on"
	case errors.As(err, &dns):
		return "is the name spelled right? Does this machine reach its name server?"
	case errors.As(err, &connect) && errors.Is(err, syscall.ECONNREFUSED):
		return "nothing answers at that port: FTP's is 21, and 2121 where `ferry serve` may not have that"
	case errors.As(err, &connect) && (errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH)):
		return "no way leads to that host: is this machine's network up, the address right?"
	case errors.As(err, &connect) && connect.Step == client.Connect && timedOut(err):
		return "nobody answers there: is the host up, the address right, a firewall between? `set connect-timeout` waits longer"
	case errors.As(err, &connect) && errors.Is(err, syscall.ECONNRESET):
		return "it hung up before it said a word: is it being started or ended, or does it refuse this address?"
	case errors.Is(err, bulk.ErrNoHash):
		return "`verify auto` compares checksums where a server has them, and sizes everywhere"
	case errors.Is(err, client.ErrNoTLS):
		return "`set tls off` goes on in clear, where everybody in between can read the password"
	case errors.As(err, &connect) && connect.Step == client.Handshake:
		return "ftps:// is TLS from the first byte (port 990), ftpes:// begins in clear (port 21): is it the other one?"
	case errors.As(err, &connect) && connect.Step == client.Greeting:
		return "something answers there, but not an FTP server: is the port right?"
	case errors.As(err, &login) && errors.Is(err, client.ErrNeedAccount):
		return "user NAME PASSWORD ACCOUNT gives the account as well"
	case errors.As(err, &login):
		return "the password comes from the line, FERRY_PASSWORD, password-file, password-command, or ~/.netrc, in this order"
	case errors.As(err, &lost):
		return "`reopen` connects again; downloads and uploads can be resumed with -c"
	case errors.Is(err, proxy.ErrListen):
		return "`passive` lets this end connect"
	case errors.As(err, &place) && errors.Is(err, errors.ErrUnsupported):
		return "get and put carry it through this machine, encrypted on both ways"
	case errors.As(err, &place) && errors.As(err, &reply) && meets(reply):
		return "both servers must allow data connections with each other: `help fxp`"
	case errors.As(err, &data) && errors.As(err, &cert):
		return "somebody else than the server answers at its data port"
	case errors.As(err, &data):
		return "a firewall may stand between: try `passive` or `active`"
	case client.Full(err):
		return "the server has no room left for this user: what has its name is whole, and once there is room the same with -c goes on"
	case errors.As(err, &reply):
		return hintOfReply(reply)
	case errors.Is(err, bulk.ErrIsDir):
		return "-r takes directories with all that is in them"
	case errors.Is(err, client.ErrTruncated):
		return "the file is not whole; what came is kept apart, and `get -c` goes on from there"
	case errors.As(err, &space):
		return "nothing was fetched: make room, or `lcd` to a disk that has some"
	case errors.Is(err, syscall.ENOSPC):
		return "the local disk is full"
	case errors.As(err, &file) && file.Target && local(err) && errors.Is(err, fs.ErrNotExist):
		return "is the local directory there? `lmkdir` makes one"
	case local(err) && errors.Is(err, fs.ErrNotExist):
		return "`lpwd` and `lls` show where you are on this machine"
	case errors.As(err, new(*TimeoutError)):
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return "`set reply-timeout 2m` waits longer"
	}
	return ""
}

// meets reports a refusal of what brings a data connection about.
func meets(e *proto.ReplyError) bool {
	switch e.Command.Verb {
	case "PASV", "EPSV", "PORT", "EPRT":
		return true
	}
	return e.Reply.Code == proto.CantOpenData
}

func hintOfReply(e *proto.ReplyError) string {
	switch e.Reply.Code {
	case proto.NotLoggedIn:
		return "user NAME PASSWORD logs in"
	case proto.NotImplemented, proto.Unrecognised:
		return "the server does not know this; `features` shows what it knows"
	case proto.Refused:
		switch e.Command.Verb {
		case "RETR", "CWD", "DELE", "SIZE", "MDTM", "RNFR", "MLST", "MLSD", "LIST", "NLST":
			return "`ls` shows what is there"
		case "STOR", "APPE", "MKD":
			return "may this user write there? Is there a directory of that name?"
		case "RMD":
			return "a directory must be empty; `rm -r` removes what is in it too"
		}
	}
	if client.Transient(e) {
		return "the server calls this temporary: it may work later"
	}
	return ""
}

// StateError is a verb that needs what is not there: a connection, a login, a
// person to ask.
type StateError struct {
	What, Hint string
	code       int // of the process; 0: a command failed
}

func (e *StateError) Error() string { return e.What }
