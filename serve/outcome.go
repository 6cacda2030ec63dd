package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/store"
	"ferry/serve/users"
)

// kind is what went wrong, in the terms of the protocol. Handlers choose
// kinds; only this file knows codes.
type kind int

const (
	localFailure     kind = iota // ours, or the disk's: nobody said why
	unknownCommand               // no standard has it
	notServed                    // known, not here
	badArgument                  // malformed
	badParameter                 // well-formed and known, not here
	unknownParameter             // TYPE, STRU, MODE … with a value that no standard has
	outOfOrder                   // needs another command before it
	notLoggedIn
	wrongLogin
	noPermission
	notThere
	wrongKind // a directory where a file was wanted, and so on
	nameTaken
	nameRefused
	inUse
	noSpace
	overQuota
	tooMuch // a bound of ours
	badRestart
	otherFamily // RFC 2428: an address family that this session can't use
	noDataConnection
	brokenOff // a transfer that ended before its end
	policyRefused
	expelled        // the session ends with it
	protUnsupported // TLS has no such PROT
	dataInClear     // a data connection that PROT leaves unprotected
	dataRefused     // a data connection whose TLS is not good enough
)

// code is the reply code of a kind, under both profiles of MISSION.md, C.
func (k kind) code(p Profile) proto.Code {
	codes := [...][2]proto.Code{
		localFailure:     {proto.LocalError, proto.LocalError},
		unknownCommand:   {proto.Unrecognised, proto.Superfluous},
		notServed:        {proto.NotImplemented, proto.Superfluous},
		badArgument:      {proto.BadArgument, proto.BadArgument},
		badParameter:     {proto.BadParameter, proto.BadParameter},
		unknownParameter: {proto.BadArgument, proto.BadArgument},
		outOfOrder:       {proto.BadSequence, proto.BadSequence},
		notLoggedIn:      {proto.NotLoggedIn, proto.NotLoggedIn},
		wrongLogin:       {proto.NotLoggedIn, proto.NotLoggedIn},
		noPermission:     {proto.Refused, proto.Refused},
		notThere:         {proto.Refused, proto.Refused},
		wrongKind:        {proto.Refused, proto.Refused},
		nameTaken:        {proto.NameRefused, proto.Refused},
		nameRefused:      {proto.NameRefused, proto.NameRefused},
		inUse:            {proto.FileBusy, proto.FileBusy},
		noSpace:          {proto.NoSpace, proto.NoSpace},
		overQuota:        {proto.QuotaExceeded, proto.QuotaExceeded},
		tooMuch:          {proto.Refused, proto.Refused},
		badRestart:       {proto.BadRestart, proto.BadRestart},
		otherFamily:      {proto.BadNetwork, proto.BadNetwork},
		noDataConnection: {proto.CantOpenData, proto.CantOpenData},
		brokenOff:        {proto.TransferAborted, proto.TransferAborted},
		policyRefused:    {proto.PolicyRefused, proto.PolicyRefused},
		expelled:         {proto.Unavailable, proto.Unavailable},
		protUnsupported:  {proto.ProtUnsupported, proto.ProtUnsupported},
		dataInClear:      {proto.DataInClear, proto.DataInClear},
		dataRefused:      {proto.BadNetwork, proto.BadNetwork},
	}
	return codes[k][p]
}

// codeFor is code but for the commands that have one of their own.
func codeFor(verb string, k kind, p Profile) proto.Code {
	switch {
	case verb == "MKD" && k == nameTaken:
		return proto.DirectoryExists // RFC 959 appendix II
	case verb == "DELE" && k == notThere && p == Report:
		return proto.FileBusy
	case verb == "TYPE" && k == unknownParameter && p == Report:
		return proto.Unrecognised
	}
	return k.code(p)
}

// fault is a refusal in the words of the handler.
type fault struct {
	kind kind
	text string // for the client: what, and what to do next
	err  error  // for the log, may be nil
}

func (f *fault) Error() string {
	if f.err == nil {
		return f.text
	}
	return fmt.Sprintf("%s: %v", strings.TrimSuffix(f.text, "."), f.err)
}

func (f *fault) Unwrap() error { return f.err }

func refuse(k kind, format string, args ...any) error {
	return &fault{kind: k, text: fmt.Sprintf(format, args...)}
}

// Why a transfer was broken off.
var (
	errAborted = &fault{kind: brokenOff, text: "Transfer aborted."}
	errGone    = &fault{kind: brokenOff, text: "Control connection lost, transfer aborted."}
)

// outcome turns an error into the reply that tells it. It is the only place
// that does.
//
// SECURITY: the text comes from this file or a handler, never from an error of
// the system: those tell paths of the host.
func (s *session) outcome(verb string, err error) proto.Reply {
	f := explain(err)
	return proto.Replyf(codeFor(verb, f.kind, s.srv.cfg.Replies), "%s", f.text)
}

// explain finds the kind of an error, and words for it.
func explain(err error) *fault {
	var f *fault
	var param *proto.ParamError
	var syntax *proto.SyntaxError
	var address *AddressError
	var wire *wireError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &param):
		return explainParam(param)
	case errors.As(err, &syntax):
		return &fault{badArgument, "Malformed argument.", err}
	case errors.As(err, &address): // RFC 2577 §3: 504
		return &fault{badParameter, "Data goes to your own address only, to ports from 1024 up.", err}
	}
	for _, known := range explanations() {
		if errors.Is(err, known.is) {
			return &fault{known.kind, known.text, err}
		}
	}
	if errors.As(err, &wire) {
		return &fault{brokenOff, "Data connection broken, transfer incomplete.", err}
	}
	return &fault{localFailure, "Local error, try again later.", err}
}

func explainParam(p *proto.ParamError) *fault {
	switch {
	case p.Unknown:
		return &fault{unknownParameter, fmt.Sprintf("Unknown %s.", p.Param), p}
	case p.Param == "EPRT":
		return &fault{otherFamily, "Network protocol not supported, use (1,2).", p}
	}
	return &fault{badParameter, fmt.Sprintf("%s %s is not served here.", p.Param, p.Value), p}
}

type explanation struct {
	is   error
	kind kind
	text string
}

// explanations are tried in order: the narrower error stands first.
func explanations() []explanation {
	return []explanation{
		{users.ErrDenied, wrongLogin, "Login incorrect."},
		{ErrRejected, noPermission, "Rejected after a look at what is in it; nothing was kept."},
		{errUnexamined, localFailure, "Could not be examined, and nothing is taken unseen; try again later."},
		{store.ErrBusy, inUse, "In use by a transfer, try again later."},
		{store.ErrNoSpace, noSpace, "Not enough space on the disk."},
		{store.ErrTooLarge, overQuota, "File larger than you may store."},
		{store.ErrQuota, overQuota, "Quota exceeded."},
		{store.ErrName, nameRefused, "Name not allowed."},
		{store.ErrIsDir, wrongKind, "Is a directory."},
		{store.ErrNotDir, wrongKind, "Not a directory."},
		{store.ErrNotEmpty, wrongKind, "Directory not empty."},
		{store.ErrOffset, badRestart, "Restart position is beyond the end of the file."},
		{store.ErrCrossDevice, noPermission, "Can't be moved to another file system; copy it instead."},
		{store.ErrNotRegular, wrongKind, "Not a regular file."},
		{store.ErrEscape, noPermission, "Leads out of your directory."},
		{fs.ErrNotExist, notThere, "No such file or directory."},
		{fs.ErrExist, nameTaken, "Name exists already."},
		{fs.ErrPermission, noPermission, "Permission denied."},
		{errors.ErrUnsupported, badParameter, "Not possible with this storage."},
		{syscall.ENOSPC, noSpace, "Not enough space on the disk."},
		{syscall.EDQUOT, overQuota, "Quota exceeded."},
		{data.ErrRecord, localFailure, "The records of this file can't be kept in this TYPE and STRU."},
		{data.ErrPages, localFailure, "Too large for page structure."},
		{data.ErrSuspect, localFailure, "The sender calls parts of the file suspect."},
		{data.ErrTooLarge, overQuota, "File too large."},
		{data.ErrSum, localFailure, "The checksum is not that of what was sent."},
		{ErrClosed, brokenOff, "Server is shutting down, transfer aborted."},
		{data.ErrStalled, brokenOff, "No data came or went for too long, transfer aborted."},
	}
}

// wireError is a failure of a data connection, or of the peer behind it.
type wireError struct{ err error }

func (e *wireError) Error() string { return e.err.Error() }
func (e *wireError) Unwrap() error { return e.err }

// moved sorts what data.Send and data.Receive return: what is not the file's
// is the wire's.
func moved(err error) error {
	var file *data.FileError
	if err == nil || errors.As(err, &file) {
		return err
	}
	return &wireError{err}
}
