package proto

import (
	"errors"
	"strings"
)

// Congestion names how a sender answers loss: a congestion control of the
// kernel, BestCongestion, or SystemCongestion.
//
// On lines that lose packets it decides everything: with half a percent lost
// at 50 ms, bbr was seen to send thirty times as fast as cubic.
type Congestion string

const (
	BestCongestion   Congestion = ""       // bbr, where the kernel lets us
	SystemCongestion Congestion = "system" // as the system has it
)

// ParseCongestion reads auto, system, or the name of a congestion control.
func ParseCongestion(word string) (Congestion, error) {
	switch {
	case word == "auto" || word == "":
		return BestCongestion, nil
	case len(word) > maxCongestion || strings.ContainsFunc(word, func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	}):
		return "", errors.New("auto, system, or a name from /proc/sys/net/ipv4/tcp_available_congestion_control")
	}
	return Congestion(word), nil
}

// String is what ParseCongestion reads.
func (c Congestion) String() string {
	if c == BestCongestion {
		return "auto"
	}
	return string(c)
}

// maxCongestion is the kernel's own bound on the name (TCP_CA_NAME_MAX).
const maxCongestion = 15

// name is what to ask the kernel for; "" nothing.
func (c Congestion) name() string {
	switch c {
	case BestCongestion:
		return "bbr"
	case SystemCongestion:
		return ""
	}
	return string(c)
}

// Apply sets it on a TCP socket, or on a listener for all that it accepts, and
// returns what is in force by it: "" where the kernel says no (it does not have
// it, or keeps it for the privileged), or the connection is none of TCP's. That
// is no error: bytes flow all the same.
func (c Congestion) Apply(conn any) string {
	if c.name() == "" || setCongestion(conn, c.name()) != nil {
		return ""
	}
	return c.name()
}
