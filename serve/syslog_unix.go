//go:build unix

package serve

import (
	"io"
	"log/syslog"
)

// dialSyslog writes to the syslog of this machine, or to the one at a UDP
// address: RFC 3164, facility ftp.
func dialSyslog(at string) (io.WriteCloser, error) {
	network := ""
	if at != "" {
		network = "udp"
	}
	w, err := syslog.Dial(network, at, syslog.LOG_FTP|syslog.LOG_INFO, "ferry")
	if err != nil {
		return nil, err
	}
	return leveled{w}, nil
}

// leveled gives each line the priority of its level.
type leveled struct{ *syslog.Writer }

func (l leveled) Write(line []byte) (int, error) {
	send := l.Writer.Debug
	switch priority(string(line)) {
	case 3:
		send = l.Writer.Err
	case 4:
		send = l.Writer.Warning
	case 6:
		send = l.Writer.Info
	}
	if err := send(string(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}
