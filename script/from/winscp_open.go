package from

import (
	"maps"
	"slices"
	"strings"
)

// settings takes off a line what -rawsettings and -rawtransfersettings have
// behind them: NAME=VALUE, any number of them.
func (s *winscp) settings(verb string, args []word) []word {
	for i, a := range args {
		name := strings.ToLower(a.text)
		if name != "-rawsettings" && name != "-rawtransfersettings" {
			continue
		}
		end := i + 1
		for end < len(args) && strings.Contains(args[end].text, "=") && !args[end].flag() {
			own, _, _ := strings.Cut(args[end].text, "=")
			s.cannot(verb+" "+name+" "+own, rawHint(own))
			end++
		}
		return append(slices.Clone(args[:i]), s.settings(verb, args[end:])...)
	}
	return args
}

// rawHint is the way to say what a raw setting has said.
func rawHint(name string) string {
	for _, h := range [][2]string{
		{"proxy", "`set proxy socks5://HOST:PORT`, or ftp-proxy"},
		{"ftppasvmode", "`passive off`"},
		{"ftpforcepasvip", "an address in PASV that can't be meant is passed over by itself"},
		{"ftpping", "`set keep-alive 1m`"},
		{"mintls", "TLS 1.2 is the least in any case"},
		{"maxtls", "the newest that both know is taken"},
		{"utf", "`set charset NAME`, if names are not in UTF-8"},
		{"ftpuselistall", "`set hidden on`"},
		{"ftpusemlsd", "`set listing NAME`"},
		{"postlogin", "`quote COMMAND` behind open"},
		{"ftpaccount", "`account NAME` behind open"},
		{"excludefilemask", "mirror -x PATTERN"},
		{"includefilemask", "mirror -i PATTERN -x PATTERN"},
		{"filemask", "mirror -i PATTERN -x PATTERN"},
		{"cpslimit", "`set rate 100K`"},
		{"newerlonly", "--existing newer"},
		{"preservetime", "times are kept where the server can"},
	} {
		if strings.HasPrefix(strings.ToLower(name), h[0]) {
			return h[1]
		}
	}
	return "`set` lists the settings"
}

// openLine: open URL with -explicit, -implicit, -passive, -certificate and so on.
func (s *winscp) openLine(opts map[string]word, rest []word) {
	if len(rest) == 0 {
		s.cannot("open without a host", "open ftp://USER@HOST")
		return
	}
	p := cutPlace(rest[0].text)
	if p.scheme == "ftps" && p.port == "21" {
		p.scheme = "ftpes"
	}
	if user := opts["-username"].text; user != "" {
		p.user = user
	}
	if opts["-password"].text != "" {
		p.pass = "*"
	}
	if len(rest) > 1 {
		p.user = rest[1].text
	}
	if len(rest) > 2 {
		p.pass = "*"
	}
	known := []string{"-passive", "-explicit", "-explicittls", "-explicitssl", "-implicit", "-certificate", "-clientcert", "-timeout"}
	for _, name := range known {
		value, has := opts[name]
		if !has {
			continue
		}
		switch {
		case name == "-passive":
			s.line("passive", onOff(value.text != "off" && value.text != "0"))
		case name == "-clientcert":
			s.line("set cert", value.literal())
		case strings.HasPrefix(name, "-explicit"):
			p.scheme = "ftpes"
		case name == "-implicit":
			p.scheme = "ftps"
		case name == "-timeout":
			s.line("set reply-timeout", value.text+"s")
		default:
			s.pin(value.text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(opts)) {
		if !slices.Contains(known, name) && name != "-username" && name != "-password" {
			s.cannot("open "+name+" has no counterpart", openHint(name))
		}
	}
	if p.scheme == "" && p.user == "" && p.port == "" && !strings.ContainsAny(p.host, ".:[") {
		s.line("# a site of WinSCP's is a bookmark here: bookmark import winscp brings them")
		s.line("open", bareWord(p.host).literal())
		return
	}
	if p.scheme == "" {
		p.scheme = "ftp"
	}
	s.open(p)
}

// openHint is the way to say what a switch of open has said.
func openHint(name string) string {
	switch name {
	case "-privatekey", "-hostkey":
		return "it is for SFTP; ferry speaks FTP: `set cert FILE` and `set pin sha256:…` are for TLS"
	case "-passphrase":
		return "the key of a certificate has none here: `set key FILE`"
	case "-newpassword":
		return "`site PSWD OLD NEW`, where a server has it"
	}
	return "`set` lists the settings"
}

// pin: ferry knows fingerprints of SHA-256.
func (s *winscp) pin(value string) {
	if value == "*" {
		s.cannot("-certificate=*, which trusts anybody", "set pin sha256:…; ferry tells it when it first sees the certificate")
		return
	}
	hex := strings.ToLower(strings.ReplaceAll(value, ":", ""))
	if len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == "" {
		s.line("set pin sha256:" + hex)
		return
	}
	s.cannot("this form of -certificate", "set pin sha256:…; ferry tells it when it first sees the certificate")
}
