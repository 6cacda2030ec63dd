package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/store"
	"ferry/serve/users"
)

// The whole mapping: MISSION.md, C, and what else can go wrong.
func TestOutcome(t *testing.T) {
	inFile := func(err error) error { return moved(&data.FileError{Err: err}) }
	onPath := func(err error) error { return &fs.PathError{Op: "open", Path: "/srv/ftp/secret", Err: err} }
	_, badType := proto.ParseType("Q")
	for _, c := range []struct {
		verb        string
		err         error
		rfc, report proto.Code
	}{
		{"XYZZY", refuse(unknownCommand, "x"), 500, 202},
		{"THMB", refuse(notServed, "x"), 502, 202},
		{"TYPE", badType, 501, 500},
		{"TYPE", &proto.ParamError{Param: "TYPE", Value: "L 36"}, 504, 504},
		{"STRU", &proto.ParamError{Param: "STRU", Value: "Q", Unknown: true}, 501, 501},
		{"EPRT", &proto.ParamError{Param: "EPRT", Value: "3"}, 522, 522},
		{"PORT", &proto.SyntaxError{What: "host and port"}, 501, 501},
		{"PORT", &AddressError{}, 504, 504},
		{"MKD", onPath(fs.ErrExist), 521, 521},
		{"MKD", refuse(nameTaken, "x"), 521, 521},
		{"DELE", onPath(fs.ErrNotExist), 550, 450},
		{"DELE", store.ErrBusy, 450, 450},
		{"DELE", store.ErrIsDir, 550, 550},
		{"STOR", onPath(fs.ErrExist), 553, 550},
		{"APPE", onPath(fs.ErrExist), 553, 550},
		{"RNTO", onPath(fs.ErrExist), 553, 550},
		{"RETR", onPath(fs.ErrNotExist), 550, 550},
		{"RETR", onPath(fs.ErrPermission), 550, 550},
		{"RETR", store.ErrEscape, 550, 550},
		{"RETR", store.ErrNotRegular, 550, 550},
		{"RETR", store.ErrOffset, 554, 554},
		{"CWD", store.ErrNotDir, 550, 550},
		{"RMD", store.ErrNotEmpty, 550, 550},
		{"RNTO", store.ErrCrossDevice, 550, 550},
		{"STOR", store.ErrName, 553, 553},
		{"STOR", store.ErrNoSpace, 452, 452},
		{"STOR", store.ErrQuota, 552, 552},
		{"STOR", inFile(syscall.ENOSPC), 452, 452},
		{"STOR", inFile(syscall.EDQUOT), 552, 552},
		{"STOR", inFile(onPath(syscall.EIO)), 451, 451},
		{"STOR", moved(data.ErrTooLarge), 552, 552},
		{"STOR", moved(data.ErrStalled), 426, 426},
		{"STOR", moved(io.ErrUnexpectedEOF), 426, 426},
		{"STOR", moved(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), 426, 426},
		{"RETR", moved(os.ErrDeadlineExceeded), 426, 426},
		{"RETR", errAborted, 426, 426},
		{"RETR", moved(errAborted), 426, 426},
		{"STOR", errors.Join(errGone, store.ErrNoSpace), 426, 426},
		{"RETR", ErrClosed, 426, 426},
		{"RETR", &fault{noDataConnection, "x", context.DeadlineExceeded}, 425, 425},
		{"SITE CHMOD", errors.ErrUnsupported, 504, 504},
		{"PASS", users.ErrDenied, 530, 530},
		{"PWD", refuse(notLoggedIn, "x"), 530, 530},
		{"RNTO", refuse(outOfOrder, "x"), 503, 503},
		{"PWD", errors.New("who knows"), 451, 451},
	} {
		for profile, want := range map[Profile]proto.Code{RFC: c.rfc, Report: c.report} {
			s := &session{srv: &Server{cfg: Config{Replies: profile}}}
			for _, err := range []error{c.err, fmt.Errorf("wrapped: %w", c.err)} {
				got := s.outcome(c.verb, err)
				if got.Code != want {
					t.Errorf("profile %d, %s, %v: %s, want %d", profile, c.verb, err, got, want)
				}
				if strings.Contains(got.Text(), "/srv") || strings.Contains(got.Text(), "wrapped") {
					t.Errorf("%s, %v: the reply tells internals: %s", c.verb, err, got)
				}
			}
		}
	}
}

// MISSION.md, C, seen from outside.
func TestProfiles(t *testing.T) {
	for profile, codes := range map[Profile]map[string]proto.Code{
		RFC: {"XYZZY": 500, "THMB x": 502, "TYPE Q": 501, "TYPE L 36": 504, "MKD /d": 521, "DELE none": 550},
		Report: {"XYZZY": 202, "THMB x": 202, "TYPE Q": 500, "TYPE L 36": 504, "MKD /d": 521, "DELE none": 450,
			"STOR /d/f": 550},
	} {
		inWorld(t, func(w *world) {
			w.put("/d/f", "")
			p := w.login("anna")
			for line, code := range codes {
				p.do(line, code)
			}
		}, func(c *Config) { c.Replies = profile })
	}
}
