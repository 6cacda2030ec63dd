package proto

import "log/slog"

// Secret is a password or an account. It prints as stars everywhere; Reveal
// is the only way to its text.
//
// SECURITY: a secret that reaches a log, a trace, a journal or an error
// message does so as stars.
type Secret string

const stars = "****"

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string   { return stars }
func (s Secret) GoString() string { return stars }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(stars) }

// MarshalText keeps secrets out of JSON and every other encoding that asks.
func (s Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }
