package client

import "testing"

// CheckCharset decodes and encodes again.
func CheckCharset(t *testing.T, c *Charset, wire string) {
	t.Helper()
	text, exact := c.decode(wire)
	again, err := c.encode(text)
	if exact != (err == nil) || exact && again != wire {
		t.Errorf("%s: %q is %q, exact %v, and again %q, %v", c, wire, text, exact, again, err)
	}
}
