package parent

import (
	"encoding/json"
	"errors"
)

// kind says what a message is about.
type kind string

// The messages. Each has one direction.
const (
	begin  kind = "begin"  // to a child, first: what it needs to know
	probe  kind = "probe"  // to a child, with a connection: answer there
	change kind = "change" // to a child: other settings; it answers with changed
	retire kind = "retire" // to a child: accept nobody else, end with the last session
	stop   kind = "stop"   // to a child: end soon
	share  kind = "share"  // to a child: whether others have the same passive ports

	ready   kind = "ready"   // from a child: it serves
	failed  kind = "failed"  // from a child: it can't start, and why
	changed kind = "changed" // from a child: what change needs a new child for
	done    kind = "done"    // from a child: it ends since its work is over
	wish    kind = "wish"    // from a child: it should be replaced, and why
	reload  kind = "reload"  // from a child: somebody asked it to reload; answered with reloaded
	told    kind = "told"    // to a child: what came of reload
)

// message is what goes over a channel.
type message struct {
	Kind kind
	ID   uint64 `json:",omitempty"` // ties an answer to its question
	Text []byte `json:",omitempty"`
}

// errChannel is a peer that does not keep to the format.
var errChannel = errors.New("parent and child don't understand each other")

// encode puts a length of four bytes in front.
func encode(m message) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if len(body) > maxMessage {
		return nil, errChannel
	}
	n := len(body)
	return append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, body...), nil
}

// length reads those four bytes.
func length(head [4]byte) (int, error) {
	n := int(head[0])<<24 | int(head[1])<<16 | int(head[2])<<8 | int(head[3])
	if n > maxMessage {
		return 0, errChannel
	}
	return n, nil
}

func decode(body []byte) (m message, err error) {
	if err := json.Unmarshal(body, &m); err != nil {
		return m, errors.Join(errChannel, err)
	}
	return m, nil
}
