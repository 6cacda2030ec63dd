package script

import "ferry/proto"

// Ink is what a piece of text is, for those who have colours for it.
type Ink byte

const (
	Sent     Ink = iota // to the server
	Received            // from it
	Added               // in a comparison
	Removed
	Place // where in a comparison
	Dir
)

func inkOf(from proto.Direction) Ink {
	if from == proto.FromServer {
		return Received
	}
	return Sent
}

// ink colours a text where there are colours.
func (st *State) ink(i Ink, text string) string {
	if st.cfg.Ink == nil {
		return text
	}
	return st.cfg.Ink(i, text)
}
