package script

import "strings"

// foreign is what a setting of lftp means here. name is "" when it means
// nothing that ferry does not do in any case; then it is passed over. ok is
// false for one that ferry has no way to say, and for what it refuses.
func foreign(setting, value string) (name, to string, ok bool) {
	setting, _, _ = strings.Cut(strings.ToLower(setting), "/") // of one host only
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
	case "ftp:ssl-force", "ftp:ssl-protect-data":
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
	case "mirror:parallel-transfer-count", "net:connection-limit":
		return "parallel", value, true
	}
	area, _, _ := strings.Cut(setting, ":")
	switch area {
	case "ftp", "net", "cmd", "xfer", "mirror", "pget", "dns", "ssl", "log", "color", "file", "bmk":
		return "", "", !strings.HasPrefix(setting, "ftp:proxy") && area != "ssl"
	}
	return "", "", false
}

// foreignSetting is the hint for one that ferry has no way to say.
func foreignSetting(setting string) string {
	setting, _, _ = strings.Cut(setting, "/")
	if setting == "ssl:verify-certificate" {
		return "there is no switching it off: `set pin sha256:…` trusts one certificate, `set ca FILE` an authority"
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
	case verb == "glob" || verb == "cls":
		return "ls lists, and get, put and rm read patterns by themselves"
	case len(name) > 3 && name[1] != '-' && strings.Trim(name[1:], "abcdefghijklmnopqrstuvwxyz") == "":
		return "it is WinSCP's: `ferry run --from winscp FILE` writes the script as ferry says it"
	}
	return ""
}
