package proto

import "strings"

// WriteCommand queues a command; Flush sends it.
//
// SECURITY: CR, LF and NUL never leave, so that a file name can't become a
// second command. They are refused with *SyntaxError and nothing is queued; so
// is a verb that isn't one.
func (c *Conn) WriteCommand(cmd Command) error {
	if !isVerb(cmd.Verb) {
		return &SyntaxError{What: "command", Text: redact(cmd.line()), Why: "not a verb"}
	}
	if strings.ContainsAny(cmd.Arg, "\r\n\x00") {
		return &SyntaxError{What: "command", Text: cmd.String(), Why: "holds a line end or NUL"}
	}
	line := cmd.line()
	if len(line) > MaxCommand {
		return ErrLineTooLong
	}
	c.tell(FromClient, cmd.String())
	b := c.queue()
	for i := range len(line) {
		if line[i] == iac && !c.bare {
			b.data = append(b.data, iac)
		}
		b.data = append(b.data, line[i])
	}
	b.data = append(b.data, '\r', '\n')
	return nil
}

// SendBare has commands sent without IAC doubled, to servers that are no Telnet:
// to them a name with one would be another.
func (c *Conn) SendBare() { c.bare = true }

// WriteReply queues a reply; Flush sends it.
func (c *Conn) WriteReply(r Reply) {
	b := c.queue()
	for prefix, text := range r.wire() {
		if c.trace != nil {
			c.tell(FromServer, prefix+text)
		}
		b.data = append(b.data, prefix...)
		b.data = appendText(b.data, text)
		b.data = append(b.data, '\r', '\n')
	}
}

// WriteRaw queues bytes as they are: a Telnet Synch before ABOR.
func (c *Conn) WriteRaw(p []byte) {
	b := c.queue()
	b.data = append(b.data, p...)
}

func (c *Conn) queue() *buffer {
	if c.out == nil {
		c.out = getBuffer()
	}
	return c.out
}

// Queued is the number of bytes that wait for Flush.
func (c *Conn) Queued() int {
	if c.out == nil {
		return 0
	}
	return len(c.out.data)
}

// Flush sends what is queued, in one write.
func (c *Conn) Flush() error {
	if c.out == nil {
		return nil
	}
	b := c.out
	c.out = nil
	_, err := c.NetConn().Write(b.data)
	putBuffer(b)
	return err
}
