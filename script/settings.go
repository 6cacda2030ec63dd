package script

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ferry/script/bulk"
)

// Settings are what "set" and the switches of ftp(1) change.
type Settings struct {
	// transfers
	Existing    bulk.Policy
	Verify      bulk.Verify
	Atomic      bulk.Atomic
	RenameLocal bool // ftp(1)'s runique: a download never replaces
	RenameThere bool // ftp(1)'s sunique: the server chooses the name (STOU)
	Hash        bool
	Progress    bool
	Bell        bool

	// names
	Glob   bool
	Hidden bool

	// questions; nobody asks in a script
	Prompt  bool // mget, mput and mdelete ask for each name
	Confirm bool // what deletes asks

	// what is shown
	Echo    bool
	Quiet   bool
	Verbose bool
	Debug   bool
	Color   When
	Keys    Keys

	// the connection
	Passive bool
	Connect time.Duration
	Reply   time.Duration
	Stall   time.Duration
	Alive   time.Duration // between signs of life while nothing is done; 0: a minute, less: none

	// trust
	TLS  TLSUse
	Pin  string // fingerprints, with commas between them
	CA   string // files, absolute
	Cert string
	Key  string

	// secrets
	PasswordFile    string // absolute
	PasswordCommand string

	Route
	Moving

	// the run
	OnError OnError
}

// When is the answer to "colours?".
type When string

const (
	Auto   When = "auto"
	Always When = "always"
	Never  When = "never"
)

// OnError says what a failed line means for those behind it.
type OnError int

const (
	StopRun OnError = iota // the run ends
	GoOn                   // they run
	GoToEnd                // the innermost block ends, and what follows it runs
)

// TLSUse says when connections are encrypted.
type TLSUse string

const (
	TLSAuto   TLSUse = "auto" // where the server offers it; never on this machine
	TLSAlways TLSUse = "on"
	TLSNever  TLSUse = "off"
)

// Keys says how lines are edited in the shell.
type Keys string

const (
	Emacs Keys = "emacs"
	Vi    Keys = "vi"
)

// A SettingRow is one setting: its name, values, meaning. The table of them is
// what set lists, checks and completes.
type SettingRow struct {
	Name    string
	Aliases []string
	Values  []string // "" for one of its own kind, such as a duration
	Brief   string
	Get     func(*Settings) string
	Set     func(*Settings, string) error
}

// SettingRows are all settings, in the order in which they are listed.
func SettingRows() []SettingRow {
	return slices.Concat([]SettingRow{
		choice("existing", "what to do when the target's name exists", policies(),
			func(s *Settings) *bulk.Policy { return &s.Existing }, "overwrite", "clobber"),
		choice("verify", "how a transfer is checked before it counts; auto: by size, and by checksum where the server offers one", verifies(),
			func(s *Settings) *bulk.Verify { return &s.Verify }),
		choice("atomic", "whether an upload gets its final name only when it is whole", atomics(),
			func(s *Settings) *bulk.Atomic { return &s.Atomic }),
		toggle("runique", "a download never replaces a file but gets a free name", func(s *Settings) *bool { return &s.RenameLocal }),
		toggle("sunique", "the server chooses the names of uploads", func(s *Settings) *bool { return &s.RenameThere }),
		toggle("hash", "print # while bytes move", func(s *Settings) *bool { return &s.Hash }),
		toggle("progress", "show how far transfers are", func(s *Settings) *bool { return &s.Progress }),
		toggle("bell", "ring when a transfer is done", func(s *Settings) *bool { return &s.Bell }),
		toggle("glob", "*, ?, [ and { in names are patterns", func(s *Settings) *bool { return &s.Glob }),
		toggle("hidden", "names that begin with a dot are listed and matched", func(s *Settings) *bool { return &s.Hidden }),
		toggle("prompt", "mget, mput and mdelete ask for each name (in the shell)", func(s *Settings) *bool { return &s.Prompt }),
		toggle("confirm", "what deletes asks first (in the shell)", func(s *Settings) *bool { return &s.Confirm }),
		toggle("echo", "lines of a script are shown before they run", func(s *Settings) *bool { return &s.Echo }),
		toggle("quiet", "nothing is told but what was asked for and what failed", func(s *Settings) *bool { return &s.Quiet }),
		toggle("verbose", "the server's replies are shown", func(s *Settings) *bool { return &s.Verbose }),
		toggle("debug", "the whole dialogue is shown", func(s *Settings) *bool { return &s.Debug }, "trace"),
		choice("color", "colours in the shell", whens(), func(s *Settings) *When { return &s.Color }, "colour"),
		choice("keys", "how lines are edited in the shell", []value[Keys]{{"emacs", Emacs}, {"vi", Vi}}, func(s *Settings) *Keys { return &s.Keys }),
		toggle("passive", "the client opens data connections", func(s *Settings) *bool { return &s.Passive }, "ftp:passive-mode"),
		duration("connect-timeout", "longest wait for a connection", func(s *Settings) *time.Duration { return &s.Connect }),
		duration("reply-timeout", "longest wait for a reply", func(s *Settings) *time.Duration { return &s.Reply }, "net:timeout"),
		duration("stall-timeout", "longest time in which no byte moves", func(s *Settings) *time.Duration { return &s.Stall }),
		keepAlive(),
		choice("tls", "encryption: auto where the server offers it, on or no connection", tlsUses(), func(s *Settings) *TLSUse { return &s.TLS }),
		text("pin", "the only certificate that is trusted: its SHA-256", pinned, func(s *Settings) *string { return &s.Pin }),
		text("ca", "file of the authorities that are trusted, in place of the system's", anything, func(s *Settings) *string { return &s.CA }, "ssl:ca-file"),
		text("cert", "file of the certificate for servers that ask for one", anything, func(s *Settings) *string { return &s.Cert }, "ssl:cert-file"),
		text("key", "file of its key, if not the same", anything, func(s *Settings) *string { return &s.Key }, "ssl:key-file"),
	}, routeSettings(), movingSettings(), []SettingRow{
		text("password-file", "file whose first line is the password", anything, func(s *Settings) *string { return &s.PasswordFile }),
		text("password-command", "command that prints the password; it finds FERRY_HOST and FERRY_USER", anything, func(s *Settings) *string { return &s.PasswordCommand }),
		choice("on-error", "what a failed line means for those behind it", onErrors(),
			func(s *Settings) *OnError { return &s.OnError }),
	})
}

// DefaultSettings are those of a script.
func DefaultSettings() Settings {
	return Settings{Glob: true, Prompt: true, Confirm: true, Echo: true, Passive: true, Progress: true, Color: Auto, Keys: Emacs, TLS: TLSAuto, Moving: Moving{Retries: defaultRetries}}
}

type value[T comparable] struct {
	name string
	v    T
}

func policies() []value[bulk.Policy] {
	return []value[bulk.Policy]{
		{"overwrite", bulk.Overwrite}, {"ask", bulk.Ask}, {"skip", bulk.Skip},
		{"rename", bulk.Rename}, {"resume", bulk.Resume}, {"newer", bulk.Newer},
		{"newer-or-size", bulk.NewerOrSize}, {"checksum", bulk.Checksum},
	}
}

func verifies() []value[bulk.Verify] {
	return []value[bulk.Verify]{
		{"auto", bulk.VerifyAuto}, {"size", bulk.VerifySize}, {"hash", bulk.VerifyHash}, {"none", bulk.VerifyNone},
	}
}

func atomics() []value[bulk.Atomic] {
	return []value[bulk.Atomic]{{"auto", bulk.AtomicAuto}, {"on", bulk.AtomicOn}, {"off", bulk.AtomicOff}, {"delete", bulk.AtomicDelete}}
}

func onErrors() []value[OnError] {
	return []value[OnError]{{"stop", StopRun}, {"continue", GoOn}, {"goto-end", GoToEnd}}
}

func whens() []value[When] {
	return []value[When]{{"auto", Auto}, {"always", Always}, {"never", Never}}
}

func tlsUses() []value[TLSUse] {
	return []value[TLSUse]{{"auto", TLSAuto}, {"on", TLSAlways}, {"off", TLSNever}}
}

func names[T comparable](values []value[T]) []string {
	n := make([]string, len(values))
	for i, v := range values {
		n[i] = v.name
	}
	return n
}

func choice[T comparable](name, brief string, values []value[T], field func(*Settings) *T, aliases ...string) SettingRow {
	return SettingRow{
		Name: name, Aliases: aliases, Values: names(values), Brief: brief,
		Get: func(s *Settings) string {
			i := slices.IndexFunc(values, func(v value[T]) bool { return v.v == *field(s) })
			return values[max(i, 0)].name
		},
		Set: func(s *Settings, text string) error {
			i := slices.IndexFunc(values, func(v value[T]) bool { return v.name == strings.ToLower(text) })
			if i < 0 {
				return &ValueError{Name: name, Value: text, Want: "one of " + strings.Join(names(values), ", ")}
			}
			*field(s) = values[i].v
			return nil
		},
	}
}

func toggle(name, brief string, field func(*Settings) *bool, aliases ...string) SettingRow {
	return SettingRow{
		Name: name, Aliases: aliases, Values: []string{"on", "off"}, Brief: brief,
		Get: func(s *Settings) string { return onOff(*field(s)) },
		Set: func(s *Settings, text string) error {
			on, ok := parseSwitch(text)
			if !ok {
				return &ValueError{Name: name, Value: text, Want: "one of on, off"}
			}
			*field(s) = on
			return nil
		},
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func parseSwitch(text string) (on, ok bool) {
	switch strings.ToLower(text) {
	case "on", "yes", "true", "1":
		return true, true
	case "off", "no", "false", "0":
		return false, true
	}
	return false, false
}

func duration(name, brief string, field func(*Settings) *time.Duration, aliases ...string) SettingRow {
	return SettingRow{
		Name: name, Aliases: aliases, Brief: brief + ", such as 30s or 2m",
		Get: func(s *Settings) string {
			if *field(s) == 0 {
				return "default"
			}
			return field(s).String()
		},
		Set: func(s *Settings, text string) error {
			d, err := parseDuration(text)
			if err != nil {
				return &ValueError{Name: name, Value: text, Want: "a time such as 30s or 2m, or default"}
			}
			*field(s) = d
			return nil
		},
	}
}

// nothing is how a text that is empty is shown and set.
const nothing = "none"

func text(name, brief string, check func(string) error, field func(*Settings) *string, aliases ...string) SettingRow {
	return SettingRow{
		Name: name, Aliases: aliases, Brief: brief + ", or none",
		Get: func(s *Settings) string {
			if *field(s) == "" {
				return nothing
			}
			return *field(s)
		},
		Set: func(s *Settings, value string) error {
			if value == nothing {
				value = ""
			}
			if err := check(value); err != nil {
				return &ValueError{Name: name, Value: value, Want: err.Error()}
			}
			*field(s) = value
			return nil
		},
	}
}

func anything(string) error { return nil }

func pinned(value string) error {
	if _, err := parsePins(value); err != nil {
		return errors.New("sha256: and 64 hexadecimal digits, or sha256// and a key's sum in base64,")
	}
	return nil
}

// parseDuration reads 30s, 2m, 1h30m and, as other tools have it, plain seconds.
func parseDuration(text string) (time.Duration, error) {
	if strings.EqualFold(text, "default") {
		return 0, nil
	}
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = strconv.ErrRange
	}
	return d, err
}

// findSetting looks a setting up by name or alias; nil when there is none.
func findSetting(name string) *SettingRow {
	name = strings.ToLower(name)
	for _, row := range SettingRows() {
		if row.Name == name || slices.Contains(row.Aliases, name) {
			return &row
		}
	}
	return nil
}

// ValueError is a value that a setting can't have.
type ValueError struct{ Name, Value, Want string }

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s can't be %q: %s is wanted", e.Name, e.Value, e.Want)
}
