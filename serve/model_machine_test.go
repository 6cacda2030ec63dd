package serve

import (
	"strings"
)

// machine is what a server of FTP must answer, told a second time: one
// session, and the files that sessions leave. It is written from the RFCs and
// the project's decisions and uses nothing of the package under test.
type machine struct {
	files map[string]string    // path → content
	dirs  map[string]bool      //
	parts map[[2]string]string // path, user → what a broken upload left

	stored   int  // names that STOU has made
	tlsThere bool // the server has TLS, and takes no password without
	open     bool // somebody has come to the waiting port
	guest
}

// guest is the state of one session.
type guest struct {
	strikes, failures int
	user              string // from USER
	passed, in        bool
	cwd               string
	typ, stru, mode   string
	epsvAll           bool
	meet              meet
	rest              int    // by REST, for the very next transfer
	from              string // by RNFR
	over              bool
	tls, sized        bool
	prot              string // C or P
}

// meet is how the next data connection comes about.
type meet int

const (
	nowhere meet = iota
	waiting      // EPSV, PASV
	dialling
)

// closed stands among reply codes for the end of the connection.
const closed = 0

const bigFile = 600_000 // bytes that no buffers between the ends can hold

func newMachine(big string) *machine {
	return &machine{
		files: map[string]string{"/big": big, "/a": "abc\n", "/docs/a": "a\nb\nc\n"},
		dirs:  map[string]bool{"/": true, "/docs": true, "/d": true},
		parts: map[[2]string]string{},
		guest: newGuest(),
	}
}

func newGuest() guest {
	return guest{cwd: "/", typ: "A", stru: "F", mode: "S", prot: "C"}
}

// shape is what a verb wants: a login, a permission (l list, r read, w
// write), and an argument (n none, t must be, o may be).
func shape(verb string) (member bool, perm, arg byte, known bool) {
	switch verb {
	case "USER", "ACCT", "OPTS":
		return false, 0, 't', true
	case "PASS", "HELP":
		return false, 0, 'o', true
	case "REIN", "QUIT", "FEAT", "SYST", "NOOP":
		return false, 0, 'n', true
	case "TYPE", "STRU", "MODE", "REST", "PORT", "EPRT", "SITE", "ALLO":
		return true, 0, 't', true
	case "EPSV":
		return true, 0, 'o', true
	case "STAT":
		return true, 0, 'o', true
	case "PASV", "ABOR", "PWD":
		return true, 0, 'n', true
	case "RETR":
		return true, 'r', 't', true
	case "STOR", "APPE", "DELE", "RNFR", "RNTO", "MKD", "RMD":
		return true, 'w', 't', true
	case "STOU":
		return true, 'w', 'o', true
	case "CDUP":
		return true, 'l', 'n', true
	case "CWD", "SIZE", "MDTM":
		return true, 'l', 't', true
	case "LIST", "NLST", "MLSD", "MLST":
		return true, 'l', 'o', true
	}
	return false, 0, 0, false
}

// obey is the codes that a step must bring.
func (m *machine) obey(st step) []int {
	verb, arg, _ := strings.Cut(st.line, " ")
	verb = strings.ToUpper(verb)
	member, perm, want, known := shape(verb)
	rest, from := m.rest, m.from
	m.rest, m.from = 0, ""
	switch verb { // these may stand between REST and its transfer, even when refused
	case "TYPE", "STRU", "MODE", "PASV", "EPSV", "PORT", "EPRT", "NOOP", "ALLO":
		m.rest = rest
	}
	switch {
	case verb == "MAIL":
		return []int{502}
	case verb == "GET":
		return m.foreign()
	case verb == "AUTH", verb == "PBSZ", verb == "PROT":
		return m.security(verb, arg)
	case !known:
		return m.strike()
	case member && !m.in:
		return []int{530}
	case m.tlsThere && !m.tls && (verb == "USER" || verb == "PASS" || verb == "ACCT"):
		return []int{530}
	case perm == 'w' && m.user == "reader":
		return []int{550}
	case want == 'n' && arg != "", want == 't' && arg == "":
		return []int{501}
	}
	switch verb {
	case "USER", "PASS", "ACCT", "REIN", "QUIT":
		return m.login(verb, arg)
	case "TYPE", "STRU", "MODE":
		return []int{m.param(verb, arg)}
	case "PASV", "EPSV", "PORT", "EPRT", "ABOR":
		return []int{m.connect(verb, arg)}
	case "RETR", "STOR", "APPE", "STOU", "LIST", "NLST", "MLSD":
		return m.transfer(verb, arg, rest, st)
	case "RNTO":
		return []int{m.rename(from, m.at(arg))}
	}
	return []int{m.simple(verb, arg)}
}

// foreign: HTTP's first word ends a stranger's session without an answer.
func (m *machine) foreign() []int {
	if m.in {
		return []int{500}
	}
	m.over = true
	return []int{closed}
}

func (m *machine) strike() []int {
	if m.in {
		return []int{500}
	}
	if m.strikes++; m.strikes == 10 {
		m.over = true
		return []int{500, 421, closed}
	}
	return []int{500}
}

func (m *machine) login(verb, arg string) []int {
	switch verb {
	case "USER":
		m.logout()
		m.user = arg
		return []int{331}
	case "REIN":
		m.begin()
		return []int{220}
	case "QUIT":
		m.over = true
		return []int{221, closed}
	case "PASS":
		return m.pass(arg)
	}
	switch { // ACCT
	case m.in:
		return []int{202}
	case !m.passed:
		return []int{503}
	case arg != "books":
		return m.failure()
	}
	m.enter()
	return []int{230}
}

func (m *machine) logout() { m.user, m.passed, m.in, m.cwd = "", false, false, "/" }

func (m *machine) pass(arg string) []int {
	switch {
	case m.passed || m.user == "":
		return []int{503}
	case arg != "secret" || !strings.Contains(" anna bert reader clerk ", " "+m.user+" "):
		return m.failure()
	}
	m.passed = true
	if m.user == "clerk" {
		return []int{332}
	}
	m.enter()
	return []int{230}
}

func (m *machine) failure() []int {
	m.logout()
	if m.failures++; m.failures == 3 {
		m.over = true
		return []int{530, closed}
	}
	return []int{530}
}

func (m *machine) enter() {
	m.in = true
	if m.user == "reader" {
		m.cwd = "/docs"
	}
}

// param is TYPE, STRU and MODE: refused where the three don't go together.
func (m *machine) param(verb, arg string) int {
	typ, stru, mode := m.typ, m.stru, m.mode
	switch verb {
	case "TYPE":
		switch strings.ToUpper(arg) {
		case "A", "A N", "A T", "A C", "E", "I", "L 8":
			typ = strings.ToUpper(arg)[:1]
		case "L 36":
			return 504
		default:
			return 501
		}
	case "STRU":
		stru = arg
	case "MODE":
		mode = arg
	}
	text := typ == "A" || typ == "E"
	switch {
	case !strings.Contains("FRP", stru) || !strings.Contains("SBCZ", mode):
		return 501
	case stru == "R" && !text, stru == "P" && text:
		return 504
	}
	m.typ, m.stru, m.mode = typ, stru, mode
	return 200
}

func (m *machine) connect(verb, arg string) int {
	switch {
	case verb == "ABOR" && m.open:
		return 225
	case verb == "ABOR":
		m.meet = nowhere
		return 226
	case verb == "EPSV" && arg == "ALL":
		m.epsvAll = true
		return 200
	case verb == "EPSV" && (arg == "" || arg == "1"):
		m.meet = waiting
		return 229
	case verb == "EPSV" && (arg == "2" || arg == "9"):
		return 522
	case verb == "EPSV", arg == "nonsense":
		return 501
	case verb == "EPRT" && strings.HasPrefix(arg, "|7|"):
		return 522
	case m.epsvAll:
		return 503
	case verb == "PASV":
		m.meet = waiting
		return 227
	case arg != "mine":
		return 504 // RFC 2577 §3
	}
	m.meet = dialling
	return 200
}

// simple are the commands that one reply ends and no data connection serves.
func (m *machine) simple(verb, arg string) int {
	at := m.at(arg)
	switch verb {
	case "NOOP", "ALLO":
		return 200
	case "SYST":
		return 215
	case "FEAT":
		return 211
	case "PWD":
		return 257
	case "OPTS", "SITE":
		return map[string]int{"UTF8 ON": 200, "NONSENSE": 501, "IDLE 600": 200, "IDLE x": 501, "XYZZY": 500}[arg]
	case "HELP":
		if arg == "XYZZY" {
			return 501
		}
		return 214
	case "STAT":
		switch _, file := m.files[at]; {
		case arg == "":
			return 211
		case file:
			return 213
		case m.dirs[at]:
			return 212
		}
		return 550
	case "MLST":
		if _, file := m.files[at]; file || m.dirs[at] {
			return 250
		}
		return 550
	case "REST":
		return m.restart(arg)
	}
	return m.tree(verb, at)
}

func (m *machine) restart(arg string) int {
	n := 0
	for _, c := range arg {
		if c < '0' || c > '9' || n > 1_000_000_000 {
			return 501
		}
		n = n*10 + int(c-'0')
	}
	m.rest = n
	return 350
}

// at is a path as the server understands it.
func (m *machine) at(arg string) string {
	if !strings.HasPrefix(arg, "/") {
		arg = m.cwd + "/" + arg
	}
	var names []string
	for _, name := range strings.Split(arg, "/") {
		switch {
		case name == "" || name == ".":
		case name == ".." && len(names) > 0:
			names = names[:len(names)-1]
		case name != "..":
			names = append(names, name)
		}
	}
	return "/" + strings.Join(names, "/")
}
