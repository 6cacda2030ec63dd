package script

import (
	"fmt"
	"path/filepath"
	"strings"
)

// unit is what a systemd service and its timer need to know.
type unit struct {
	name     string // of both, without a suffix
	program  string // absolute
	script   string // absolute
	flags    []string
	args     []string
	calendar string // OnCalendar=
}

// text is the service and the timer, each under the name of its file. The
// password is a credential, which systemd keeps out of environment and
// arguments.
func (u unit) text() (string, error) {
	for _, word := range append(append([]string{u.program, u.script, u.calendar}, u.flags...), u.args...) {
		if strings.ContainsAny(word, "\x00\r\n") {
			return "", flagError("systemd", &SyntaxError{What: "a unit can't hold a line end in a word"})
		}
		// SECURITY: everybody may read units, and the list of processes.
		if strings.Contains(word, "://") && ShownURL(word) != word {
			return "", flagError("systemd", &SyntaxError{What: "a password stands in " + ShownURL(word) + ": everybody can read units; leave it out"})
		}
	}
	words := append([]string{u.program, "run", "--password-file", "%d/password"}, escapeSpecifiers(u.flags)...)
	words = append(append(words, escapeSpecifiers([]string{u.script})...), escapeSpecifiers(u.args)...)
	return fmt.Sprintf(`# /etc/systemd/system/%[1]s.service
[Unit]
Description=ferry run %[2]s
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=%[3]s
# the first line of this file is the password (chmod 600)
LoadCredential=password:/etc/ferry/%[1]s.password
StateDirectory=ferry-%[1]s
Environment=XDG_STATE_HOME=%%S/ferry-%[1]s
# a second signal ends it at once; by then it has had its time
TimeoutStopSec=60
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX

# /etc/systemd/system/%[1]s.timer
[Unit]
Description=when to run %[2]s

[Timer]
OnCalendar=%[4]s
RandomizedDelaySec=1min
Persistent=yes

[Install]
WantedBy=timers.target
`, u.name, strings.ReplaceAll(filepath.Base(u.script), "%", "%%"), joinUnitWords(words), strings.ReplaceAll(u.calendar, "%", "%%")), nil
}

// escapeSpecifiers doubles what systemd would put values in for. systemd.service(5):
// % begins a specifier, $ a variable.
func escapeSpecifiers(words []string) []string {
	escaped := make([]string, len(words))
	for i, w := range words {
		escaped[i] = strings.NewReplacer("%", "%%", "$", "$$").Replace(w)
	}
	return escaped
}

// joinUnitWords quotes words as systemd.syntax(7) reads them.
func joinUnitWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\"'\\;") {
			w = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(w) + `"`
		}
		quoted[i] = w
	}
	return strings.Join(quoted, " ")
}

// unitName refuses what is no name of a unit, or would lead elsewhere.
func unitName(name string) error {
	if name == "" || len(name) > 200 || strings.ContainsFunc(name, func(r rune) bool {
		return r > 127 || !alnum(byte(r)) && !strings.ContainsRune("-_.:", r)
	}) {
		return flagError("systemd", &ValueError{Name: "the unit's name", Value: name, Want: "a word of letters, digits, - _ . and :"})
	}
	return nil
}
