package client_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto/client"
	"ferry/proto/memnet"
)

// chaos is a server that answers as its tape says: early, late, twice, never,
// with the wrong code, with half of the data. It is honest in one thing only:
// what it announces in a 150 or by SIZE is the size that the file has.
type chaos struct {
	tape []byte
	data net.Listener
	out  net.Conn
	size map[string]int
}

const chaosFile = "twelve bytes"

// next is the next choice of the tape, below n; 0 at its end.
func (s *chaos) next(n int) int {
	if len(s.tape) == 0 {
		return 0
	}
	b := s.tape[0]
	s.tape = s.tape[1:]
	return int(b) % n
}

func (s *chaos) serve() {
	defer s.out.Close()
	s.say("220 hello")
	in := bufio.NewScanner(s.out)
	for in.Scan() {
		verb, arg, _ := strings.Cut(in.Text(), " ")
		if !s.answer(verb, arg) {
			return
		}
	}
}

func (s *chaos) say(line string) { _, _ = io.WriteString(s.out, line+"\r\n") }

// answer does one of many things, the right one more often than not.
func (s *chaos) answer(verb, arg string) bool {
	if verb == "SIZE" {
		s.right(verb, arg) // else nobody could know
		return true
	}
	switch s.next(24) {
	case 1:
		s.say("226 an old one")
	case 2:
		s.say("500 what?")
		return true
	case 3:
		s.say("421 enough")
		return false
	case 4:
		return false
	case 5:
		time.Sleep(70 * time.Second)
	case 6:
		return true // never
	case 7:
		s.say("150 a mark")
	case 8:
		s.say("garbage")
		return true
	case 9:
		s.say("226-half")
		return true
	case 10:
		s.say("426 out of the blue")
	}
	s.right(verb, arg)
	return true
}

func (s *chaos) right(verb, arg string) {
	switch verb {
	case "USER":
		s.say("331 ?")
	case "PASS":
		s.say("230 in")
	case "FEAT":
		s.say("211 none")
	case "EPSV":
		s.say(fmt.Sprintf("229 (|||%d|)", s.data.Addr().(*net.TCPAddr).Port))
	case "REST":
		s.say("350 ok")
	case "SIZE":
		s.say(fmt.Sprintf("213 %d", s.size[arg]))
	case "PWD":
		s.say(`257 "/"`)
	case "RETR":
		s.retr()
	case "STOR":
		s.stor(arg)
	case "QUIT":
		s.say("221 bye")
	default:
		s.say("200 ok")
	}
}

func (s *chaos) retr() {
	if s.next(2) == 0 {
		s.say(fmt.Sprintf("150 here (%d bytes)", len(chaosFile)))
	} else {
		s.say("150 here")
	}
	nc, err := s.data.Accept()
	if err != nil {
		return
	}
	text := chaosFile
	how := s.next(8)
	if how == 1 || how == 2 {
		text = text[:s.next(len(text))]
	}
	_, _ = io.WriteString(nc, text)
	switch how {
	case 2, 3:
		_ = nc.(*memnet.Conn).Reset()
	case 4:
		time.Sleep(3 * time.Minute)
	}
	s.verdict()
	if how == 5 {
		time.Sleep(time.Minute)
	}
	_ = nc.Close()
}

// stor takes all of it, or some.
func (s *chaos) stor(name string) {
	s.say("150 go")
	nc, err := s.data.Accept()
	if err != nil {
		return
	}
	var src io.Reader = nc
	if s.next(3) == 1 {
		src = io.LimitReader(nc, int64(s.next(len(chaosFile))))
	}
	got, _ := io.ReadAll(src)
	s.size[name] = len(got)
	if s.next(2) == 0 {
		_ = nc.Close()
	} else {
		defer nc.Close()
	}
	s.verdict()
}

func (s *chaos) verdict() {
	codes := [...]string{"226 done", "226 done", "426 cut", "451 failed", "226-done\r\n226 done", "226 done\r\n226 done"}
	s.say(codes[s.next(len(codes))])
}

// believe drives a client against a tape. Whatever the server does, each call
// comes back, and a download without an error is whole.
func believe(t *testing.T, tape []byte) {
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		host := network.Host(serverAddr)
		control, err := host.Listen(t.Context(), "tcp", "192.0.2.1:21")
		if err != nil {
			t.Fatal(err)
		}
		data, err := host.Listen(t.Context(), "tcp", "192.0.2.1:4000")
		if err != nil {
			t.Fatal(err)
		}
		server := &chaos{tape: tape, data: data, size: map[string]int{"f": len(chaosFile)}}
		served := make(chan struct{})
		defer func() {
			_, _ = control.Close(), data.Close()
			<-served
		}()
		go func() {
			defer close(served)
			if nc, err := control.Accept(); err == nil {
				server.out = nc
				server.serve()
			}
		}()
		ctx := context.Background()
		c, err := client.Dial(ctx, "192.0.2.1", client.Config{Network: network.Host(clientAddr)})
		if err != nil {
			return
		}
		defer c.Close()
		if c.Login(ctx, client.Credentials{User: "anna", Pass: "pw"}) != nil {
			return
		}
		start := time.Now()
		for i := range 4 {
			cctx, cancel := context.WithTimeout(ctx, []time.Duration{time.Hour, 30 * time.Second}[i%2])
			var got bytes.Buffer
			_, err := c.Retrieve(cctx, "f", &got, client.Transfer{})
			if err == nil && got.String() != chaosFile {
				t.Errorf("believed %q; tape %v", got.String(), tape)
			}
			name := fmt.Sprint("up", i)
			_, err = c.Store(cctx, name, strings.NewReader(chaosFile), client.Transfer{})
			if err == nil && server.size[name] != len(chaosFile) {
				t.Errorf("believed that %d bytes are all; tape %v", server.size[name], tape)
			}
			believeBatch(t, cctx, c, server)
			cancel()
		}
		if took := time.Since(start); took > 40*time.Minute {
			t.Errorf("took %s; tape %v", took, tape)
		}
		_ = c.Quit(ctx)
	})
}

// believeBatch is the same with three files at once.
func believeBatch(t *testing.T, ctx context.Context, c *client.Client, server *chaos) {
	got := make([]bytes.Buffer, 3)
	pulls, pushes := make([]client.Pull, 3), make([]client.Push, 3)
	for i := range 3 {
		pulls[i] = client.Pull{Path: "f", Open: func() (io.Writer, error) { got[i].Reset(); return &got[i], nil }}
		pushes[i] = client.Push{Path: fmt.Sprint("many", i), Open: func() (io.Reader, error) { return strings.NewReader(chaosFile), nil }}
	}
	down := 0
	_, _ = c.RetrieveBatch(ctx, pulls, func(i int, v client.Verdict) {
		if i != down {
			t.Errorf("verdict %d in place %d; tape %v", i, down, server.tape)
		}
		if down++; v.Err == nil && got[i].String() != chaosFile {
			t.Errorf("believed %q; tape %v", got[i].String(), server.tape)
		}
	})
	_, _ = c.StoreBatch(ctx, pushes, func(i int, v client.Verdict) {
		if v.Err == nil && server.size[pushes[i].Path] != len(chaosFile) {
			t.Errorf("believed that %d bytes are all; tape %v", server.size[pushes[i].Path], server.tape)
		}
	})
}

func FuzzServer(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 1, 1, 5, 0})
	f.Fuzz(believe)
}

func TestChaos(t *testing.T) {
	seed := uint32(1)
	for range 1000 {
		tape := make([]byte, 64)
		for i := range tape {
			seed = seed*1664525 + 1013904223
			tape[i] = byte(seed >> 24)
			if i < 5 {
				tape[i] = 0 // through the login
			}
		}
		believe(t, tape)
	}
}
