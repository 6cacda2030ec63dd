package client

import (
	"slices"

	"ferry/proto"
)

// outOfStep reports a reply that can only belong to another command: many
// codes tell what they answer. A client that went on would take every reply
// for that of the command before; it breaks instead.
func outOfStep(cmd proto.Command, r proto.Reply) bool {
	if !ours(cmd.Verb) {
		return false // sent by a person, who may know the server better
	}
	var of []string // the only commands that are answered so
	switch r.Code {
	case proto.OpeningData, proto.DataAlreadyOpen:
		return !needsData(cmd.Verb)
	case proto.DataOpenIdle, proto.TransferDone, proto.TransferAborted:
		return strict(cmd.Verb)
	case proto.SystemStatus:
		of = []string{"FEAT"}
	case proto.FileStatus:
		of = []string{"SIZE", "LIST", "NLST", "MLSD"}
	case proto.PassiveMode:
		of = []string{"PASV", "EPSV"}
	case proto.ExtendedPassive:
		of = []string{"EPSV"}
	case proto.LoggedIn, proto.NeedPassword, proto.NeedAccount:
		of = []string{"USER", "PASS", "ACCT"}
	case proto.PathCreated:
		of = []string{"PWD", "MKD", "RMD", "CWD", "CDUP"}
	case proto.NeedMore:
		of = []string{"REST", "RNFR"}
	case proto.SystemType, proto.Ready, proto.Closing:
	default:
		return false
	}
	return !slices.Contains(of, cmd.Verb)
}

// ours are the commands of which all good answers are known.
func ours(verb string) bool {
	switch verb {
	case "NOOP", "CWD", "CDUP", "MKD", "RMD", "DELE", "RNFR", "RNTO":
		return true
	}
	return strict(verb) || needsData(verb)
}

// strict are those that transfers stand on. To the others there are servers
// that say 226 where 250 is meant.
func strict(verb string) bool {
	switch verb {
	case "USER", "PASS", "ACCT", "FEAT", "TYPE", "STRU", "MODE", "EPSV", "PASV", "PORT", "EPRT", "REST", "SIZE", "PWD":
		return true
	}
	return false
}
