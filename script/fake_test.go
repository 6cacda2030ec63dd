package script

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/memnet"
)

// fake is a small FTP server that shares no code with serve: enough of one to
// see what verbs do.
type fake struct {
	mu       sync.Mutex
	files    map[string]string // path → content
	dirs     map[string]bool
	times    map[string]time.Time
	commands []string // as they came
	password string
	account  string            // wanted after the password, "" for none
	refuse   map[string]string // verb, or verb and argument → reply
	extra    []string          // lines of FEAT
	hangUp   bool              // after a wrong password
	listing  string            // in place of what MLSD would say
	keepsOld bool              // RNTO does not replace
	silent   string            // a verb that gets no answer
	dropOnce string            // a verb whose first coming ends the connection
	tls      *tls.Config       // nil: there is none
	relay    bool              // it is an FTP proxy, too: OPEN and SITE take a host
	onStore  func()            // before the data of an upload is read
}

func newFake() *fake {
	return &fake{
		files: map[string]string{}, dirs: map[string]bool{"/": true}, times: map[string]time.Time{},
		password: "secret", refuse: map[string]string{},
	}
}

var (
	fakeAddr = netip.MustParseAddr("192.0.2.1")
	userAddr = netip.MustParseAddr("192.0.2.9")
	fakeTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
)

// start makes the server answer as ftp.test, and returns the user's machine.
func (f *fake) start(t *testing.T) proto.Network {
	t.Helper()
	n := memnet.New()
	host := n.Host(fakeAddr)
	n.Name("ftp.test", fakeAddr)
	l, err := host.Listen(context.Background(), "tcp", ":21")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { (&fakeSession{fake: f, host: host, conn: proto.NewConn(nc, nil), cwd: "/"}).run() })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return n.Host(userAddr)
}

func (f *fake) file(name, content string) *fake {
	f.files[name] = content
	f.times[name] = fakeTime
	for d := path.Dir(name); d != "/"; d = path.Dir(d) {
		f.dirs[d] = true
	}
	return f
}

func (f *fake) content(name string) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.files[name]
	return s, ok
}

// sent are the commands that came with one of the verbs.
func (f *fake) sent(verbs ...string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, c := range f.commands {
		if verb, _, _ := strings.Cut(c, " "); slices.Contains(verbs, verb) {
			all = append(all, c)
		}
	}
	return all
}

type fakeSession struct {
	*fake
	host   *memnet.Host
	conn   *proto.Conn
	data   net.Listener
	user   string
	in     bool
	cwd    string
	from   string
	offset int64
	sealed bool // data connections are encrypted
}

func (s *fakeSession) reply(code int, text string) bool {
	s.conn.WriteReply(proto.Reply{Code: proto.Code(code), Lines: strings.Split(text, "\n")})
	return s.conn.Flush() == nil
}

func (s *fakeSession) run() {
	defer s.conn.Close()
	s.reply(220, "fake")
	for {
		cmd, err := s.conn.ReadCommand()
		if err != nil {
			return
		}
		if !s.do(cmd) {
			return
		}
	}
}

func (s *fakeSession) abs(name string) string {
	if !strings.HasPrefix(name, "/") {
		name = s.cwd + "/" + name
	}
	return path.Clean(name)
}

func (s *fakeSession) do(cmd proto.Command) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, strings.TrimSuffix(cmd.Verb+" "+cmd.Arg, " "))
	if cmd.Verb == s.silent {
		return true
	}
	if cmd.Verb == s.dropOnce {
		s.dropOnce = ""
		return false
	}
	if r := cmp.Or(s.refuse[cmd.Verb+" "+cmd.Arg], s.refuse[cmd.Verb]); r != "" {
		code, text, _ := strings.Cut(r, " ")
		n, _ := strconv.Atoi(code)
		return s.reply(n, text)
	}
	if s.tls != nil {
		switch cmd.Verb {
		case "AUTH":
			return s.reply(234, "Go on") && s.conn.Upgrade(s.seal) == nil
		case "PBSZ", "PROT":
			s.sealed = cmd.Arg == "P"
			return s.reply(200, "OK")
		}
	}
	switch cmd.Verb {
	case "OPEN", "SITE":
		if s.relay {
			return s.reply(220, "Far server ready")
		}
	case "USER":
		s.user, s.in = cmd.Arg, false
		return s.reply(331, "Password")
	case "PASS":
		if cmd.Arg != s.password && s.user != "anonymous" {
			return s.reply(530, "No") && !s.hangUp
		}
		if s.account != "" {
			return s.reply(332, "Account")
		}
		s.in = true
		return s.reply(230, "In")
	case "ACCT":
		if cmd.Arg != s.account {
			return s.reply(530, "No")
		}
		s.in = true
		return s.reply(230, "In")
	case "QUIT":
		s.reply(221, "Bye")
		return false
	case "NOOP":
		return s.reply(200, "Yes")
	case "SYST":
		return s.reply(215, "UNIX Type: L8")
	case "FEAT":
		return s.reply(211, strings.Join(append(append([]string{"Features", " MLST type*;size*;modify*;", " SIZE", " MDTM", " MFMT", " UTF8", " EPSV", " REST STREAM"}, s.extra...), "End"), "\n"))
	case "OPTS":
		return s.reply(200, "OK")
	}
	if !s.in {
		return s.reply(530, "Log in first")
	}
	return s.logged(cmd)
}

func (s *fakeSession) logged(cmd proto.Command) bool {
	name := s.abs(cmd.Arg)
	content, isFile := s.files[name]
	isDir := s.dirs[name]
	missing := func() bool { return s.reply(550, "No such file") }
	switch cmd.Verb {
	case "TYPE", "STRU", "MODE", "NOOP", "SITE", "ALLO":
		return s.reply(200, cmd.Verb+" done")
	case "STAT":
		return s.reply(211, "All well")
	case "HELP":
		return s.reply(214, "Help yourself")
	case "PWD":
		return s.reply(257, proto.Quote(s.cwd))
	case "CWD":
		if !isDir {
			return s.reply(550, "No such directory")
		}
		s.cwd = name
		return s.reply(250, "There")
	case "CDUP":
		s.cwd = path.Dir(s.cwd)
		return s.reply(250, "Up")
	case "MKD":
		if isDir || isFile {
			return s.reply(521, "Exists")
		}
		if !s.dirs[path.Dir(name)] {
			return missing()
		}
		s.dirs[name] = true
		return s.reply(257, proto.Quote(name))
	case "RMD":
		for other := range s.files {
			if strings.HasPrefix(other, name+"/") {
				return s.reply(550, "Not empty")
			}
		}
		if !isDir {
			return missing()
		}
		delete(s.dirs, name)
		return s.reply(250, "Gone")
	case "DELE":
		if !isFile {
			return missing()
		}
		delete(s.files, name)
		return s.reply(250, "Gone")
	case "RNFR":
		if !isFile && !isDir {
			return missing()
		}
		s.from = name
		return s.reply(350, "To?")
	case "RNTO":
		if isFile && s.keepsOld {
			return s.reply(550, "It exists")
		}
		s.files[name], s.times[name] = s.files[s.from], s.times[s.from]
		delete(s.files, s.from)
		return s.reply(250, "Renamed")
	case "SIZE":
		if !isFile {
			return missing()
		}
		return s.reply(213, strconv.Itoa(len(content)))
	case "MDTM":
		if !isFile {
			return missing()
		}
		return s.reply(213, proto.FormatTime(s.times[name]))
	case "MFMT":
		when, file, _ := strings.Cut(cmd.Arg, " ")
		s.times[s.abs(file)], _, _ = proto.ParseTime(when)
		return s.reply(213, "Modify="+when+"; "+file)
	case "REST":
		s.offset, _ = strconv.ParseInt(cmd.Arg, 10, 64)
		return s.reply(350, "At")
	case "MLST":
		if !isFile && !isDir {
			return missing()
		}
		return s.reply(250, "Facts\n "+s.facts(name, cmd.Arg)+"\nEnd")
	case "EPSV":
		l, err := s.host.Listen(context.Background(), "tcp", ":0")
		if err != nil {
			return s.reply(425, err.Error())
		}
		s.data = l
		return s.reply(229, "Extended "+proto.FormatExtendedPassive(uint16(l.Addr().(*net.TCPAddr).Port)))
	case "MLSD", "LIST", "NLST":
		if !isDir {
			s.data.Close()
			return missing()
		}
		return s.send(s.list(name, cmd.Verb))
	case "RETR":
		if !isFile {
			return s.reply(550, "No such file")
		}
		at := s.offset
		s.offset = 0
		return s.send(content[at:])
	case "STOR", "APPE", "STOU":
		return s.store(cmd.Verb, name)
	}
	return s.reply(500, "What?")
}

func (s *fakeSession) facts(name, shown string) string {
	if s.dirs[name] {
		return "type=dir; " + shown
	}
	return fmt.Sprintf("type=file;size=%d;modify=%s; %s", len(s.files[name]), proto.FormatTime(s.times[name]), shown)
}

func (s *fakeSession) list(dir, verb string) string {
	if s.listing != "" {
		return s.listing
	}
	var names []string
	for name := range s.files {
		names = append(names, name)
	}
	for name := range s.dirs {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		if path.Dir(name) != dir || name == "/" {
			continue
		}
		line := s.facts(name, path.Base(name))
		if verb == "NLST" {
			line = path.Base(name)
		}
		b.WriteString(line + "\r\n")
	}
	return b.String()
}

func (s *fakeSession) send(text string) bool {
	defer s.data.Close()
	s.reply(150, "Here")
	nc, err := s.data.Accept()
	if err != nil {
		return s.reply(425, err.Error())
	}
	if s.sealed {
		nc = s.seal(nc)
	}
	_, err = io.WriteString(nc, text)
	nc.Close()
	if err != nil {
		return s.reply(426, "Cut")
	}
	return s.reply(226, "Sent")
}

func (s *fakeSession) store(verb, name string) bool {
	defer s.data.Close()
	if !s.dirs[path.Dir(name)] {
		return s.reply(550, "No such directory")
	}
	if s.dirs[name] {
		if verb != "STOU" {
			return s.reply(550, "A directory")
		}
		name = s.abs("unique.1")
	}
	text := "Send"
	if verb == "STOU" {
		text = "FILE: " + path.Base(name)
	}
	s.reply(150, text)
	nc, err := s.data.Accept()
	if err != nil {
		return s.reply(425, err.Error())
	}
	defer nc.Close()
	if s.sealed {
		nc = s.seal(nc)
	}
	if s.onStore != nil {
		s.onStore()
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, nc); err != nil {
		return s.reply(426, "Cut")
	}
	old := s.files[name]
	if verb != "APPE" {
		old = old[:min(s.offset, int64(len(old)))]
	}
	s.offset = 0
	s.files[name], s.times[name] = old+b.String(), fakeTime
	return s.reply(226, "Stored")
}

func (f *fake) seal(nc net.Conn) net.Conn { return tls.Server(nc, f.tls) }

// named leads every name to the one server.
type named struct{ proto.Network }

func (n named) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if host, port, err := net.SplitHostPort(address); err == nil && strings.HasPrefix(host, "ftp.") {
		address = net.JoinHostPort("ftp.test", port)
	}
	return n.Network.DialContext(ctx, network, address)
}
