package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/serve/live"
)

func logged(t *testing.T, format LogFormat, level slog.Level, f func(*Server, *session)) string {
	t.Helper()
	var out bytes.Buffer
	srv := &Server{cfg: Config{Logger: NewLogger(&out, format, level)}.complete()}
	f(srv, &session{id: 7, peer: netip.MustParseAddrPort("192.0.2.7:4000")})
	return out.String()
}

// The canary: no event says what PASS and ACCT carried.
func TestLogKeepsSecrets(t *testing.T) {
	const canary = "c4nary-p4ss"
	for _, format := range []LogFormat{LogText, LogJSON} {
		got := logged(t, format, slog.LevelDebug, func(srv *Server, s *session) {
			for _, line := range []string{"PASS " + canary, "ACCT " + canary, "SITE PSWD old " + canary} {
				cmd, err := proto.ParseCommand(line)
				if err != nil {
					t.Fatal(err)
				}
				srv.logCommand(s, cmd, proto.Replyf(proto.NotLoggedIn, "no"), 0)
			}
			srv.cfg.Logger.Info("x", "pass", proto.Secret(canary))
		})
		if strings.Contains(got, canary) || strings.Count(got, "\n") != 4 {
			t.Errorf("log:\n%s", got)
		}
	}
}

// T16: a name can't forge a line, nor steer a terminal.
func TestLogEscapesNames(t *testing.T) {
	evil := "a\r\ntime=now level=INFO msg=login user=root\x1b[2J\x00"
	for _, format := range []LogFormat{LogText, LogJSON} {
		got := logged(t, format, slog.LevelInfo, func(srv *Server, s *session) {
			srv.logTransfer(s, transferEvent{Transfer: live.Transfer{Verb: "STOR", Path: evil}, Err: errors.New(evil)})
		})
		if strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\r\x1b\x00") {
			t.Errorf("log: %q", got)
		}
	}
}

func TestLogLevels(t *testing.T) {
	said := func(line string, code proto.Code) bool {
		return logged(t, LogText, slog.LevelInfo, func(srv *Server, s *session) {
			cmd, _ := proto.ParseCommand(line)
			srv.logCommand(s, cmd, proto.Replyf(code, ""), 0)
		}) != ""
	}
	for _, c := range []struct {
		line string
		code proto.Code
		want bool
	}{
		{"PASS x", proto.LoggedIn, true},
		{"PASS x", proto.NotLoggedIn, true},
		{"NOOP", proto.Unavailable, true},
		{"PWD", proto.NotLoggedIn, false},
		{"NOOP", proto.OK, false},
		{"RETR f", proto.TransferDone, false}, // the transfer event tells it
	} {
		if got := said(c.line, c.code); got != c.want {
			t.Errorf("%s, %d: in a log of level info: %v, want %v", c.line, c.code, got, c.want)
		}
	}
}

func TestLogTransferJSON(t *testing.T) {
	line := logged(t, LogJSON, slog.LevelInfo, func(srv *Server, s *session) {
		s.gauge.setUser("ann")
		srv.logTransfer(s, transferEvent{Transfer: live.Transfer{Verb: "RETR", Path: "/f", Bytes: 12}, Took: time.Second})
	})
	var got map[string]any
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"msg": "transfer", "level": "INFO", "sid": 7.0, "peer": "192.0.2.7:4000", "user": "ann",
		"verb": "RETR", "path": "/f", "bytes": 12.0, "took": 1e9,
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if when, _ := got["time"].(string); !strings.HasSuffix(when, "Z") {
		t.Errorf("time %q is not UTC", when)
	}
}

func TestTraceIsATranscript(t *testing.T) {
	var out bytes.Buffer
	trace := traceTo(&out)
	one, two := trace(1), trace(2)
	one(proto.FromServer, "220 ready")
	one(proto.FromClient, "USER ann\x1b[2J")
	two(proto.FromServer, "220 ready")
	one(proto.FromServer, "331 password")
	const want = "# session 1\nS: 220 ready\nC: USER ann?[2J\n# session 2\nS: 220 ready\n# session 1\nS: 331 password\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
