package journal

import (
	"fmt"
	"io"
	"strings"

	"ferry/serve/live"
)

// Xferlog is the transfers in the form of xferlog(5) of wu-ftpd, which ProFTPD,
// vsftpd and Pure-FTPd write too:
//
//	current-time transfer-time remote-host file-size filename transfer-type
//	special-action-flag direction access-mode username service-name
//	authentication-method authenticated-user-id completion-status
func Xferlog(out io.Writer, failed func(error)) *Sink { return newSink(out, failed, asXfer) }

func asXfer(e live.Event) []byte {
	direction := map[live.Kind]string{live.Upload: "i", live.Download: "o", live.Delete: "d"}[e.Kind]
	if direction == "" || e.Outcome == live.Denied || e.Outcome == live.Unreachable {
		return nil // nothing was transferred
	}
	mode, status := "r", "i"
	if strings.EqualFold(e.User, "anonymous") || strings.EqualFold(e.User, "ftp") {
		mode = "a"
	}
	if e.OK() {
		status = "c"
	}
	return fmt.Appendf(nil, "%s %d %s %d %s b _ %s %s %s ftp 0 * %s\n",
		e.Time.Local().Format("Mon Jan _2 15:04:05 2006"), int64(e.Took.Seconds()+0.5), e.Peer.Addr(), e.Bytes,
		field(e.Path), direction, mode, field(e.User), status)
}

// field is a word of a line: xferlog parts them by blanks.
//
// SECURITY: what would end the word or the line becomes "_", as wu-ftpd has it.
func field(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x202e || r == 0xfffd {
			return '_'
		}
		return r
	}, s)
}
