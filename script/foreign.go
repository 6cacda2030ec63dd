package script

import (
	"slices"
	"strings"
	"time"
)

// foreign is what a setting of lftp means here. name is "" when it means
// nothing that ferry does not do in any case; then it is passed over. ok is
// false for one that ferry has no way to say, and for what it refuses.
func foreign(setting, value string) (name, to string, ok bool) {
	setting, _, _ = strings.Cut(strings.ToLower(setting), "/") // of one host only
	if own := likeOurs()[setting]; own != "" {
		to, ok := likeOurValue(own, value)
		return own, to, ok
	}
	if setting == "ftp:proxy" {
		return foreignProxy(value)
	}
	if row := findSetting(setting); row != nil {
		return row.Name, value, true
	}
	on, is := parseSwitch(value)
	switch setting {
	case "ftp:ssl-allow":
		if is && !on {
			return "tls", "off", true
		}
		return "", "", true
	case "ftp:ssl-force":
		if on {
			return "tls", "on", true
		}
		return "", "", true
	case "cmd:fail-exit":
		if is && !on {
			return "on-error", "continue", true
		}
		return "on-error", "stop", true
	case "xfer:clobber":
		if is && !on {
			return "existing", "skip", true
		}
		return "existing", "overwrite", true
	case "xfer:use-temp-file":
		return "atomic", onOff(on), true
	case "ftp:prefer-epsv", "ftp:use-hidden", "bmk:save-passwords", "ssl:verify-certificate":
		return "", "", setting != "ssl:verify-certificate" || on
	}
	if slices.Contains(unlikeAny(), setting) {
		return "", "", value == "" || is && !on
	}
	area, _, _ := strings.Cut(setting, ":")
	switch area {
	case "ftp", "net", "cmd", "xfer", "mirror", "pget", "dns", "ssl", "log", "color", "file", "bmk":
		return "", "", !strings.HasPrefix(setting, "ftp:proxy") && area != "ssl"
	}
	return "", "", false
}

// likeOurs are settings of lftp's that ferry has under another name.
func likeOurs() map[string]string {
	return map[string]string{
		"mirror:parallel-transfer-count": "parallel", "net:connection-limit": "parallel", "xfer:parallel": "parallel",
		"pget:default-n": "segments", "mirror:use-pget-n": "segments",
		"net:timeout": "reply-timeout", "xfer:timeout": "stall-timeout",
		"net:max-retries": "retries", "net:limit-rate": "rate", "net:limit-total-rate": "total-rate",
		"ftp:passive-mode": "passive", "ftp:port-range": "active-ports", "ftp:port-ipv4": "active-address",
		"ftp:charset": "charset", "ftp:list-options": "hidden",
		"ssl:ca-file": "ca", "ssl:cert-file": "cert", "ssl:key-file": "key",
	}
}

// likeOurValue is the value of one of likeOurs as ferry says it.
func likeOurValue(own, value string) (string, bool) {
	switch own {
	case "parallel", "segments":
		if value == "0" {
			return "auto", true
		}
	case "reply-timeout", "stall-timeout":
		if value != "" && strings.Trim(value, "0123456789") == "" {
			value += "s"
		}
		d, err := time.ParseDuration(value)
		return value, err == nil && d > 0
	case "retries":
		return value, value != "0" // without end, to lftp
	case "rate", "total-rate":
		if value == "0" {
			return "none", true
		}
		return strings.ToUpper(value), !strings.Contains(value, ":") // of one direction
	case "hidden":
		return "on", value == "-a"
	}
	return value, true
}

// foreignProxy: one that speaks FTP, or one for any connection.
func foreignProxy(value string) (name, to string, ok bool) {
	if scheme, rest, has := strings.Cut(value, "://"); has && scheme != "ftp" {
		return "proxy", value, true
	} else if has {
		value = strings.TrimSuffix(rest, "/")
	}
	if value == "" {
		value = "none"
	}
	return "ftp-proxy", value, true
}

// unlikeAny are settings of lftp's that change what is done and that nothing
// here is like: they are passed over only when they are off.
func unlikeAny() []string {
	return words(`cmd:at-exit cmd:at-exit-bg cmd:at-exit-fg cmd:at-finish cmd:at-queue-finish cmd:at-background
		file:charset ftp:acct ftp:anon-user ftp:anon-pass ftp:home ftp:site ftp:site-group ftp:device-prefix ftp:web-mode
		mirror:exclude-regex mirror:include-regex mirror:dereference mirror:no-empty-dirs
		net:socket-bind-ipv4 net:socket-bind-ipv6
		xfer:auto-rename xfer:keep-backup xfer:destination-directory xfer:verify xfer:verify-command`)
}

// foreignSetting is the hint for one that ferry has no way to say.
func foreignSetting(setting string) string {
	setting, _, _ = strings.Cut(setting, "/")
	if setting == "ssl:verify-certificate" {
		return "there is no switching it off: `set pin sha256:…` trusts one certificate, `set ca FILE` an authority"
	}
	area, name, _ := strings.Cut(setting, ":")
	switch {
	case area == "cmd" && strings.HasPrefix(name, "at-"):
		return "`at-end … end` runs at the end of every run"
	case area == "mirror" && strings.HasSuffix(name, "-regex"):
		return "mirror -x PATTERN, -i PATTERN"
	case setting == "mirror:dereference":
		return "mirror --links all"
	case setting == "ftp:acct":
		return "`account NAME` behind open"
	case setting == "ftp:site":
		return "`site COMMAND` behind open"
	case setting == "net:limit-rate" || setting == "net:limit-total-rate":
		return "`set rate 500K` is for both directions; --rate is for one line"
	case setting == "xfer:verify" || setting == "xfer:verify-command":
		return "`set verify hash` compares checksums"
	}
	return "it is lftp's; `set` lists ferry's own"
}

// foreignFlag is the hint for a flag that another client's verb has.
func foreignFlag(verb, word string) string {
	name, _, _ := strings.Cut(word, "=")
	switch {
	case name == "-E" || name == "-delete":
		return "`for f in remote:PATTERN; get ${f}; rm ${f}; end` removes what has arrived"
	case verb == "mirror" && (name == "--only-newer" || name == "--verbose" || name == "--continue" || name == "-v" || name == "-c" || name == "-p" || name == "-vvv"):
		return "leave it out: -n is for newer files, the rest is how ferry is"
	case verb == "find" && (name == "-name" || name == "-iname"):
		return "the pattern is its second word, such as: find . *.csv"
	case verb == "find" && name == "-type":
		return "-t f is for files, -t d for directories"
	case verb == "glob" || verb == "cls":
		return "ls lists, and get, put and rm read patterns by themselves"
	case len(name) > 3 && name[1] != '-' && strings.Trim(name[1:], "abcdefghijklmnopqrstuvwxyz") == "":
		return "it is WinSCP's: `ferry run --from winscp FILE` writes the script as ferry says it"
	}
	return ""
}
