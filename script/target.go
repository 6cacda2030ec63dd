package script

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
)

// target is where open goes, as a line or a URL says it.
type target struct {
	host string
	port string // "21" unless another is named
	user string // "" when not named
	pass proto.Secret
	has  secretGiven
	path string // of a URL, decoded; "" for none
	url  bool   // it was a URL: without a user it means anonymous (RFC 1738 §3.2.1)
	tls  client.TLSPolicy
}

type secretGiven bool

// parseTarget reads host, host:port, user@host, user:password@host, [::1]:21
// and ftp:// URLs.
//
// SECURITY: its errors never hold the text, which may have a password in it.
func parseTarget(text string) (target, error) {
	t := target{port: "21"}
	scheme, rest, has := strings.Cut(text, "://")
	if !has {
		return t, t.authority(text)
	}
	t.url = true
	switch strings.ToLower(scheme) {
	case "ftp":
	case "ftps":
		t.port, t.tls = "990", client.TLSImplicit
	case "ftpes", "ftp+tls":
		t.tls = client.TLSRequired
	default:
		return t, &CallError{What: scheme + ":// is not served here", Hint: "ftp://HOST/PATH is"}
	}
	authority, path, _ := strings.Cut(rest, "/")
	path, err := unescape(path)
	if err != nil {
		return t, err
	}
	t.path = path
	if err := t.authority(authority); err != nil {
		return t, err
	}
	if t.user, err = unescape(t.user); err != nil {
		return t, err
	}
	pass, err := unescape(t.pass.Reveal())
	t.pass = proto.Secret(pass)
	return t, err
}

// unescape reads %XX. RFC 1738 §5: the path of a URL is relative to the
// directory of the login; ftp://host/%2Fetc and ftp://host//etc begin at the root.
func unescape(s string) (string, error) {
	u, err := url.PathUnescape(s)
	if err != nil {
		return "", &CallError{What: "a % in a URL is followed by two hexadecimal digits", Hint: "%25 is a percent sign"}
	}
	return u, nil
}

// authority reads [user[:password]@]host[:port].
func (t *target) authority(text string) error {
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		user, pass, has := strings.Cut(text[:at], ":")
		t.user, t.pass, t.has = user, proto.Secret(pass), secretGiven(has)
		text = text[at+1:]
	}
	host, port, err := splitPort(text)
	if err != nil {
		return err
	}
	t.host = host
	if port != "" {
		if err := t.setPort(port); err != nil {
			return err
		}
	}
	if t.host == "" || strings.ContainsAny(t.host, " \t/\\") {
		return &CallError{What: "no host name", Hint: "open HOST, open HOST PORT, open USER@HOST or open ftp://HOST/DIR"}
	}
	return nil
}

// splitPort takes host:port apart; an IPv6 address wants brackets for a port.
func splitPort(text string) (host, port string, err error) {
	if rest, ok := strings.CutPrefix(text, "["); ok {
		host, port, ok = strings.Cut(rest, "]")
		if !ok || port != "" && port[0] != ':' {
			return "", "", &CallError{What: "an IPv6 address with a port looks otherwise", Hint: "[::1]:21"}
		}
		return host, strings.TrimPrefix(port, ":"), nil
	}
	if strings.Count(text, ":") == 1 {
		host, port, _ = strings.Cut(text, ":")
		return host, port, nil
	}
	return text, "", nil
}

func (t *target) setPort(port string) error {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return &CallError{
			What: "the port is no number from 1 to 65535",
			Hint: "21 is FTP's; in a URL's password / is written %2F, @ %40 and : %3A",
		}
	}
	t.port = strconv.FormatUint(n, 10)
	return nil
}

func (t *target) address() string { return net.JoinHostPort(t.host, t.port) }
