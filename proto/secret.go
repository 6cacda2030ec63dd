package proto

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a password or an account. It prints as stars everywhere; Reveal
// is the only way to its text.
//
// SECURITY: a secret that reaches a log, a trace, a journal or an error
// message does so as stars. Keep it in exported fields: fmt can't see the
// methods of what lies in others, and would print the text.
type Secret string

const stars = "****"

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string   { return stars }
func (s Secret) GoString() string { return stars }

// Format implements fmt.Formatter, since fmt would show a secret after a verb
// that doesn't suit strings.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, stars) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(stars) }

// MarshalText keeps secrets out of JSON and every other encoding that asks.
func (s Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }
