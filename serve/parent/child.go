package parent

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is one process of the server, as its parent knows it.
type child struct {
	cmd  *exec.Cmd
	ch   *channel
	born time.Time
	gone chan struct{} // closed when it has been waited for
	said chan struct{} // closed when nothing more can come over ch

	// The loop's own.
	ready   time.Time // zero: not yet
	killed  string    // why the parent has ended it; "": it has not
	done    bool      // it has said that its work is over
	failure string    // what it has said before it died unready
}

// event is what the loop learns of a child.
type event struct {
	child  *child
	msg    *message
	silent error            // a probe was not answered
	late   bool             // it should be ready by now
	gone   bool             // the process is over
	state  *os.ProcessState // then
}

// start runs the program with the sockets, and tells it what it needs to know.
func (l *loop) start() (*child, error) {
	text, err := l.Tell()
	if err != nil {
		return nil, err
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	ch, err := newChannel(ours)
	if err != nil {
		return nil, err
	}
	c := &child{ch: ch, born: time.Now(), gone: make(chan struct{}), said: make(chan struct{})}
	if c.cmd, err = l.command(theirs); err != nil {
		ch.close()
		return nil, err
	}
	err = c.cmd.Start()
	l.letGo(c.cmd)
	if err != nil {
		ch.close()
		return nil, fmt.Errorf("%s: %w", l.Path, err)
	}
	go l.listenTo(c)
	go l.waitFor(c)
	if err := ch.send(message{Kind: begin, Text: text}, nil); err != nil {
		l.kill(c, "it did not take its settings: "+err.Error())
	}
	return c, nil
}

// command is the child's: the same program with the same arguments, in a
// process group of its own, so that ^C reaches the parent only.
func (l *loop) command(channel *os.File) (*exec.Cmd, error) {
	cmd := exec.Command(l.Path, l.Args...)
	cmd.Stdout, cmd.Stderr = l.Out, l.Err
	cmd.WaitDelay = outputDelay
	cmd.ExtraFiles = []*os.File{channel}
	names := []string{channelName}
	for _, s := range l.sockets {
		f, err := file(s)
		if err != nil {
			l.letGo(cmd)
			return nil, err
		}
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
		names = append(names, s.Name)
	}
	for _, v := range os.Environ() {
		if !own(v) {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, mark+"=1", "LISTEN_FDS="+strconv.Itoa(len(names)), "LISTEN_FDNAMES="+strings.Join(names, ":"))
	cmd.SysProcAttr = bound()
	return cmd, nil
}

// letGo closes the descriptors that were made for a child.
func (l *loop) letGo(cmd *exec.Cmd) {
	for i, f := range cmd.ExtraFiles[1:] {
		if l.sockets[i].File == nil {
			f.Close()
		}
	}
}

// file is a second descriptor of a socket.
func file(s Socket) (*os.File, error) {
	if s.File != nil {
		return s.File, nil
	}
	f, ok := s.Listener.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, fmt.Errorf("socket %s can't be handed over", s.Addr())
	}
	return f.File()
}

func (l *loop) listenTo(c *child) {
	defer close(c.said)
	for {
		m, f, err := c.ch.receive()
		if f != nil {
			f.Close() // children send none
		}
		if err != nil {
			return
		}
		l.post(event{child: c, msg: &m})
	}
}

// waitFor tells of the end behind all that the child has said: that it is done, or
// why it can't start, decides what follows.
func (l *loop) waitFor(c *child) {
	_ = c.cmd.Wait()
	close(c.gone)
	select {
	case <-c.said:
	case <-time.After(lastWords):
	}
	l.post(event{child: c, gone: true, state: c.cmd.ProcessState})
}

// watch asks a child every now and then, until it does not answer.
func (l *loop) watch(c *child) {
	for {
		select {
		case <-c.gone:
			return
		case <-time.After(probeEvery):
		}
		if err := c.probe(time.Duration(l.patience.Load())); err != nil {
			l.post(event{child: c, silent: err})
			return
		}
	}
}

// probe makes a connection of its own for every question.
func (c *child) probe(patience time.Duration) error {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil // this machine's trouble, not the child's
	}
	token := newToken()
	err = c.ch.send(message{Kind: probe, Text: []byte(token.Reveal())}, theirs)
	theirs.Close()
	if err != nil {
		ours.Close()
		return err
	}
	return ask(ours, token, patience)
}

// kill ends a child that is of no more use. SIGKILL, since one that is stopped
// or hangs hears nothing else.
func (l *loop) kill(c *child, why string) {
	if c.killed == "" {
		c.killed = why
	}
	_ = c.cmd.Process.Kill()
}

func (l *loop) tell(c *child, m message) { l.give(c, m, nil) }

// give tells a child something, and hands it a file with that, if there is one.
func (l *loop) give(c *child, m message, f *os.File) {
	if err := c.ch.send(m, f); err != nil && !errors.Is(err, syscall.EPIPE) {
		l.Log.Error("server process does not listen", "pid", c.cmd.Process.Pid, "what", string(m.Kind), "err", err)
	}
}

// Failure is that the first child could not start.
type Failure struct {
	Text   string
	Status int // exit status of the child
}

func (f *Failure) Error() string { return f.Text }

// ExitStatus is the child's.
func (f *Failure) ExitStatus() int { return f.Status }

// Told says that the child has told it already.
func (*Failure) Told() {}
