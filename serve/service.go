package serve

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// service is what a service manager needs to know to run this command line.
type service struct {
	program string
	args    []string // absolute where they are paths
	dir     string
	user    string
	write   []string // directories, beside the state
	bound   []string // addresses, for the socket unit
}

// ParseService reads "systemd", "launchd" or "windows".
func ParseService(word string) (func(io.Writer, service), error) {
	return oneOf(word, []string{"systemd", "launchd", "windows"}, []func(io.Writer, service){systemdUnits, launchdPlist, windowsService})
}

// printService prints what the manager of that name wants.
func (d Daemon) printService(w io.Writer, manager string) error {
	write, err := ParseService(manager)
	if err != nil {
		return usage("serve: --service: %w", err)
	}
	s, err := d.asService()
	if err == nil {
		write(w, s)
	}
	return err
}

// asService describes a daemon to service managers.
func (d Daemon) asService() (service, error) {
	program, err := os.Executable()
	if err != nil {
		return service{}, err
	}
	s := service{program: program, user: d.RunAs}
	if s.dir, err = filepath.Abs(d.Dir); err != nil {
		return s, err
	}
	if s.user == "" {
		if id, err := d.identity(); err == nil && id.uid >= 0 && id.name != "" {
			s.user = id.name
		} else if u, err := user.Current(); err == nil {
			s.user = u.Username
		}
	}
	if s.args, err = d.arguments(); err != nil {
		return s, err
	}
	s.write = []string{s.dir}
	for _, v := range d.Servers {
		s.write = append(s.write, v.dir(d))
	}
	if d.LogFile != "" {
		if path, err := filepath.Abs(d.LogFile); err == nil {
			s.write = append(s.write, filepath.Dir(path))
		}
	}
	for _, at := range d.Listen {
		s.bound = append(s.bound, listenAddress(at, "21"))
	}
	if len(s.bound) == 0 {
		s.bound = []string{":21"}
	}
	return s, nil
}

// arguments are those of a command line with the same settings; what a file of
// settings says stays there. Paths don't depend on where it is run.
func (d Daemon) arguments() ([]string, error) {
	args := []string{"serve", "--watchdog"}
	if d.ConfigFile != "" {
		path, err := filepath.Abs(d.ConfigFile)
		if err != nil {
			return nil, err
		}
		args = append(args, "--config", path)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Given)) {
		for _, v := range d.Given[name] {
			switch {
			case name == "watchdog" || name == dirOption:
			case isPath(name):
				path, err := filepath.Abs(v)
				if err != nil {
					return nil, err
				}
				args = append(args, "--"+name, path)
			case v == "true":
				args = append(args, "--"+name)
			default:
				args = append(args, "--"+name+"="+v)
			}
		}
	}
	dir, err := filepath.Abs(d.Dir)
	return append(args, dir), err
}

// isPath reports whether an option names a file or directory of its own.
func isPath(name string) bool {
	switch name {
	case "password-file", "users", "cert", "key", "client-ca", "log", "acme-dir", "acme-root", "webhook-secret", "webhook-queue":
		return true
	}
	return false
}

// systemdUnits prints a unit, and a socket unit for who wants systemd to listen.
//
// SECURITY: the unit gives away all that a server of files does not need: other
// files than its own are read-only or unseen, no new privileges, no devices,
// no namespaces; of root's powers only the one to listen on port 21.
func systemdUnits(w io.Writer, s service) {
	var command []string
	for _, a := range append([]string{s.program}, s.args...) {
		command = append(command, unitWord(a))
	}
	home := "yes"
	for _, dir := range s.write {
		if strings.HasPrefix(dir, "/home/") || strings.HasPrefix(dir, "/root") || strings.HasPrefix(dir, "/run/user") {
			home = "no"
		}
	}
	var write []string
	for _, dir := range s.write {
		write = append(write, unitWord(dir))
	}
	fmt.Fprintf(w, unitText, s.dir, strings.Join(command, " "), cmp.Or(s.user, "nobody"), strings.Join(write, " "), home)
	fmt.Fprintf(w, "\n# ferry.socket, if systemd is to listen (drop the two Capabilit… lines above then):\n#\n# [Socket]\n")
	for _, at := range s.bound {
		fmt.Fprintf(w, "# ListenStream=%s\n", strings.TrimPrefix(at, ":"))
	}
	fmt.Fprint(w, "# FileDescriptorName=control\n# Backlog=4096\n#\n# [Install]\n# WantedBy=sockets.target\n")
}

const unitText = `# ferry.service: put it into /etc/systemd/system, then systemctl enable --now ferry
# systemctl reload ferry reads settings, users and certificates again; systemctl
# kill -s USR2 --kill-whom=main ferry takes a new binary. No session ends for that.
[Unit]
Description=ferry serves %s
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
NotifyAccess=main
ExecStart=%s
ExecReload=/bin/kill -HUP $MAINPID
User=%s
Restart=always
RestartSec=100ms
WatchdogSec=60
TimeoutStopSec=6min
LimitNOFILE=65536
StateDirectory=ferry
Environment=XDG_STATE_HOME=%%S
UMask=0027

AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=%s
ProtectHome=%s
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallFilter=capset landlock_create_ruleset landlock_add_rule landlock_restrict_self
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`

// unitWord quotes a word of ExecStart: systemd.service(5), COMMAND LINES.
func unitWord(s string) string {
	s = strings.NewReplacer("%", "%%", "$", "$$").Replace(s)
	if s != "" && !strings.ContainsAny(s, " \t\"'\\;") {
		return s
	}
	return strconv.Quote(s)
}

// launchdPlist prints a daemon for /Library/LaunchDaemons.
func launchdPlist(w io.Writer, s service) {
	text := func(v string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(v)) // a Builder takes everything
		return "<string>" + b.String() + "</string>"
	}
	fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- /Library/LaunchDaemons/ferry.plist, then: launchctl bootstrap system /Library/LaunchDaemons/ferry.plist -->
<plist version="1.0">
<dict>
	<key>Label</key><string>ferry</string>
	<key>ProgramArguments</key>
	<array>
`)
	for _, a := range append([]string{s.program}, s.args...) {
		fmt.Fprintf(w, "\t\t%s\n", text(a))
	}
	fmt.Fprintf(w, `	</array>
	<key>WorkingDirectory</key>%s
	<key>RunAtLoad</key><true/>
	<key>KeepAlive</key><true/>
	<key>ExitTimeOut</key><integer>360</integer>
	<key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><integer>65536</integer></dict>
</dict>
</plist>
`, text(s.dir))
}

// windowsService prints the commands that make a service. There, the manager
// starts a server again that has died, and opens no sockets for it.
func windowsService(w io.Writer, s service) {
	var command []string
	for _, a := range append([]string{s.program}, s.args...) {
		if a != "--watchdog" {
			command = append(command, windowsWord(a))
		}
	}
	line := strings.ReplaceAll(strings.Join(command, " "), `"`, `\"`)
	fmt.Fprintf(w, "sc.exe create ferry start= auto binPath= \"%s\"\r\n", line)
	fmt.Fprint(w, "sc.exe failure ferry reset= 60 actions= restart/100/restart/100/restart/5000\r\nsc.exe start ferry\r\n")
}

func windowsWord(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t") {
		return s
	}
	return `"` + s + `"`
}
