package script

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/proto/data"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// Codes that the process ends with. Scripts depend on them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitConnect     = 3
	exitTrust       = 4
	exitLogin       = 5
	exitLocal       = 6
	exitRemoteFull  = 7
	exitTimeout     = 8
	exitVerify      = 9
	exitPartial     = 10
	exitPlan        = 11
	exitInterrupted = 130
	exitTerminated  = 143
)

// ExitCodes is the table as --help shows it.
func ExitCodes() string {
	rows := []struct {
		code int
		what string
	}{
		{exitDone, "done"},
		{exitFailed, "a command failed"},
		{exitUsage, "wrong usage, or a mistake in a script found before it ran"},
		{exitConnect, "no connection"},
		{exitTrust, "TLS failed or the server is not trusted"},
		{exitLogin, "login refused"},
		{exitLocal, "a local file, directory or disk failed"},
		{exitRemoteFull, "the server has no space left"},
		{exitTimeout, "a time limit passed"},
		{exitVerify, "a file is not what it should be after its transfer"},
		{exitPartial, "some lines failed and the run went on, as asked"},
		{exitPlan, "--plan found something to do"},
		{exitInterrupted, "interrupted (^C)"},
		{exitTerminated, "terminated"},
	}
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "   %3d  %s\n", r.code, r.what)
	}
	return b.String()
}

// ExitCode is what the process ends with after err: the only such mapping.
// The first kind that fits counts, from the most to the least telling.
func ExitCode(err error) int {
	var (
		exit    *Exit
		status  interface{ ExitStatus() int }
		partial *PartialError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return exit.Code
	case errors.As(err, &status):
		return status.ExitStatus()
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &partial):
		return exitPartial
	case usage(err):
		return exitUsage
	case verification(err):
		return exitVerify
	}
	return exitOfPeer(err)
}

func exitOfPeer(err error) int {
	var (
		connect *client.ConnectError
		login   *client.LoginError
		reply   *proto.ReplyError
		timeout net.Error
		state   *StateError
		lost    *client.LostError
		room    *bulk.RoomError
	)
	switch {
	case errors.As(err, &room), client.Full(err):
		return exitRemoteFull
	case errors.As(err, &state):
		return max(state.code, exitFailed)
	case trust(err):
		return exitTrust
	case errors.As(err, &connect):
		return exitConnect
	case errors.As(err, &login):
		return exitLogin
	case errors.As(err, &reply):
		return exitOfReply(reply.Reply.Code)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, data.ErrStalled), errors.As(err, &timeout) && timeout.Timeout():
		return exitTimeout
	case errors.As(err, &lost):
		return exitConnect
	case local(err):
		return exitLocal
	}
	return exitFailed
}

func exitOfReply(code proto.Code) int {
	if code == proto.NotLoggedIn || code == proto.NeedAccount {
		return exitLogin
	}
	return exitFailed
}

func usage(err error) bool {
	var (
		syntax  *SyntaxError
		call    *CallError
		unknown *UnknownError
		value   *ValueError
		command *cliError
		resume  *ResumeError
	)
	return errors.As(err, &resume) || errors.As(err, &syntax) || errors.As(err, &call) || errors.As(err, &unknown) ||
		errors.As(err, &value) || errors.As(err, &command)
}

func verification(err error) bool {
	var (
		verify *VerifyError
		size   *client.SizeError
		differ *bulk.MismatchError
	)
	return errors.As(err, &verify) || errors.As(err, &size) || errors.As(err, &differ) || errors.Is(err, client.ErrTruncated) || errors.Is(err, bulk.ErrChanged)
}

func trust(err error) bool {
	var (
		verify *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		issuer x509.UnknownAuthorityError
		host   x509.HostnameError
		cert   x509.CertificateInvalidError
	)
	if e := (*TrustError)(nil); errors.As(err, &e) {
		return true
	}
	if e := (*client.CertificateError)(nil); errors.As(err, &e) {
		return true
	}
	if connect := (*client.ConnectError)(nil); errors.As(err, &connect) && connect.Step == client.Handshake {
		return true
	}
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &issuer) || errors.As(err, &host) || errors.As(err, &cert)
}

// local reports whether the failure is on this side: a file, a disk, or a
// program that could not be started.
func local(err error) bool {
	var (
		file  *client.LocalError
		path  *fs.PathError
		link  *os.LinkError
		start *exec.Error
		space *bulk.SpaceError
		name  *list.UnsafeNameError
	)
	return errors.As(err, &space) || errors.As(err, &name) ||
		errors.As(err, &file) || errors.As(err, &path) || errors.As(err, &link) || errors.As(err, &start)
}
