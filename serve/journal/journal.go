package journal

import (
	"encoding/json"
	"io"

	"ferry/serve/live"
)

// New is a journal of everything, administrators' acts included. failed hears
// when a line could not be written.
func New(out io.Writer, failed func(error)) *Sink { return newSink(out, failed, asJSON) }

// SECURITY: JSON quotes line ends and controls, so no name can forge a line.
func asJSON(e live.Event) []byte {
	e.Time = e.Time.UTC()
	b, err := json.Marshal(e)
	if err != nil {
		return nil // an event has no field that JSON can't say
	}
	return append(b, '\n')
}
