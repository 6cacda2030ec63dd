package bookmark

import (
	"net/url"
	"strings"

	"ferry/proto"
)

// winSCP reads WinSCP.ini: a section for each session.
func winSCP(text string) []entry {
	var all []entry
	name, values := "", map[string]string{}
	end := func() {
		if name != "" && values["HostName"] != "" && len(all) < MaxBookmarks {
			all = append(all, winSCPSession(name, values))
		}
		name, values = "", map[string]string{}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if section, ok := strings.CutPrefix(line, "["); ok {
			end()
			section, ok = strings.CutPrefix(strings.TrimSuffix(section, "]"), `Sessions\`)
			if ok && section != "Default%20Settings" {
				name = section
			}
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && len(values) < 1000 {
			values[key] = unescaped(value)
		}
	}
	end()
	return all
}

// winSCPSession makes an entry of a section's values. FSProtocol 5 is FTP, and
// without it a session is of SFTP; Ftps tells about TLS.
func winSCPSession(name string, v map[string]string) entry {
	folder, last, has := strings.Cut(unescaped(name), "/")
	if !has {
		folder, last = "", folder
	}
	e := entry{folder: folder, Bookmark: Bookmark{
		Name: last, Host: v["HostName"], Port: v["PortNumber"], User: v["UserName"], Dir: v["RemoteDirectory"],
	}}
	e.other = v["FSProtocol"] != "5"
	switch v["Ftps"] {
	case "", "0":
		e.Scheme = "ftp"
	case "1":
		e.Scheme = "ftps"
	default: // explicit: 2 is SSL, 3 TLS
		e.Scheme = "ftpes"
	}
	if v["Password"] != "" && v["UsesMasterPassword"] != "1" {
		pass, ok := unveil(v["Password"], v["UserName"]+v["HostName"])
		e.Pass, e.sealed = proto.Secret(pass), !ok
	}
	return e
}

// unescaped reads WinSCP's %XX.
func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return strings.TrimPrefix(u, "\ufeff")
	}
	return s
}

// The constants of WinSCP's veil, which is no encryption: its key is the same
// everywhere.
const (
	veilMagic = 0xA3
	veilFlag  = 0xFF
)

// unveil reads a password as WinSCP writes it: hexadecimal, a flag, a length,
// some dummies, and the key in front of the password.
func unveil(text, key string) (string, bool) {
	next := func() (byte, bool) {
		if len(text) < 2 {
			return 0, false
		}
		const digits = "0123456789ABCDEF"
		hi, lo := strings.IndexByte(digits, text[0]), strings.IndexByte(digits, text[1])
		text = text[2:]
		return ^(byte(hi<<4|lo) ^ veilMagic), hi >= 0 && lo >= 0
	}
	length, ok := next()
	flagged := length == veilFlag
	if flagged {
		_, _ = next() // version
		length, ok = next()
	}
	dummies, ok2 := next()
	if !ok || !ok2 || len(text) < 2*int(dummies) {
		return "", false
	}
	text = text[2*int(dummies):]
	var b strings.Builder
	for range length {
		c, ok := next()
		if !ok {
			return "", false
		}
		b.WriteByte(c)
	}
	if !flagged {
		return b.String(), true
	}
	return strings.CutPrefix(b.String(), key)
}
