package data_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"ferry/proto"
	"ferry/proto/data"
)

func keptOptions(k *data.Keep) data.Options {
	p := proto.Binary()
	p.Mode = proto.Block
	return data.Options{Params: p, Keep: k}
}

// kept is a file on the wire, made by hand.
func kept(text, facts string) string {
	said := fmt.Sprintf("sha-256=%x;%s", sha256.Sum256([]byte(text)), facts)
	return "\x00\x00" + string(rune(len(text))) + text + "\x10\x00" + string([]byte{byte(len(said))}) + said + "\x40\x00\x00"
}

// A file that can't be read ends in a byte that is called suspect; the next
// one follows as if nothing had been.
func TestSendKept(t *testing.T) {
	near, far := net.Pipe()
	got := make(chan string)
	go func() {
		all, _ := io.ReadAll(far)
		got <- string(all)
	}()
	c := data.NewConn(near)
	var k data.Keep
	k.Facts = "modify=20260102030405;"
	if n, err := data.Send(context.Background(), c, strings.NewReader("hello"), keptOptions(&k)); n != 5 || err != nil || !k.InStep {
		t.Error(n, err, k)
	}
	broken := io.MultiReader(strings.NewReader("hal"), errReader{})
	k = data.Keep{}
	var fe *data.FileError
	if _, err := data.Send(context.Background(), c, broken, keptOptions(&k)); !errors.As(err, &fe) || !k.InStep {
		t.Error(err, k)
	}
	k = data.Keep{}
	if _, err := data.Send(context.Background(), c, strings.NewReader("next"), keptOptions(&k)); err != nil {
		t.Error(err)
	}
	c.Close()
	want := kept("hello", "modify=20260102030405;") + "\x00\x00\x03hal\x60\x00\x01?" + kept("next", "")
	if g := <-got; g != want {
		t.Errorf("sent %q\nwant %q", g, want)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("disk") }

// Whatever becomes of a file, the next one is where it should be.
func TestReceiveKept(t *testing.T) {
	wrong := strings.Replace(kept("hello", ""), "sha-256=2", "sha-256=3", 1)
	for _, tt := range []struct {
		name, wire string
		max        int64
		to         io.Writer
		err        error
		facts      string
		inStep     bool
	}{
		{"whole", kept("hello", "modify=1;"), 0, nil, nil, "modify=1;", true},
		{"another sum", wrong, 0, nil, data.ErrSum, "", true},
		{"no sum", "\x40\x00\x05hello", 0, nil, data.ErrSum, "", true},
		{"spoilt", "\x00\x00\x05hello\x60\x00\x01?", 0, nil, data.ErrSuspect, "", true},
		{"larger than allowed", kept("hello", ""), 3, nil, data.ErrTooLarge, "", true},
		{"can't be written", kept("hello", ""), 0, errWriter{}, errDisk, "", true},
		{"cut", "\x00\x00\x05hel", 0, nil, io.ErrUnexpectedEOF, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			near, far := net.Pipe()
			go func() {
				_, _ = io.WriteString(far, tt.wire)
				if tt.inStep {
					_, _ = io.WriteString(far, kept("next", ""))
				}
				far.Close()
			}()
			c := data.NewConn(near)
			defer c.Close()
			var b bytes.Buffer
			to := tt.to
			if to == nil {
				to = &b
			}
			var k data.Keep
			o := keptOptions(&k)
			o.Max = tt.max
			_, err := data.Receive(context.Background(), to, c, o)
			if !errors.Is(err, tt.err) || k.InStep != tt.inStep || k.Got != tt.facts {
				t.Fatalf("%v, %+v", err, k)
			}
			if !tt.inStep {
				return
			}
			b.Reset()
			k = data.Keep{}
			if _, err := data.Receive(context.Background(), &b, c, keptOptions(&k)); err != nil || b.String() != "next" {
				t.Errorf("then %q, %v", b.String(), err)
			}
		})
	}
}

var errDisk = errors.New("disk full")

type errWriter struct{}

func (errWriter) Write([]byte) (int, error) { return 0, errDisk }

func TestSkip(t *testing.T) {
	near, far := net.Pipe()
	go func() { _, _ = io.WriteString(far, kept("hello", "")+kept("next", "")) }()
	c := data.NewConn(near)
	defer c.Close()
	if err := data.Skip(context.Background(), c, keptOptions(nil)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	var k data.Keep
	if _, err := data.Receive(context.Background(), &b, c, keptOptions(&k)); err != nil || b.String() != "next" {
		t.Errorf("then %q, %v", b.String(), err)
	}
}
