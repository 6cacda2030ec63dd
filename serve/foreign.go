package serve

import (
	"slices"
	"strings"
)

// foreignVerb reports the first words of protocols that are not FTP.
//
// SECURITY: browsers and mailers can be made to connect to this port and send
// what an attacker chose. Such a connection is closed without a word, so that
// nothing of it comes back as an answer (ALPACA, CVE-2021-3618).
func foreignVerb(verb string) bool {
	return slices.Contains([]string{
		"GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "PATCH", "TRACE", "PRI", // HTTP
		"EHLO", "HELO", "LHLO", // SMTP, LMTP
	}, verb)
}

// foreignLine reports lines of other protocols that are no commands: a TLS
// handshake, the banner of SSH.
func foreignLine(text string) bool {
	return strings.HasPrefix(text, "\x16\x03") || strings.HasPrefix(text, "SSH-")
}
