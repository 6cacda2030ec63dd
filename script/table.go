package script

// Verbs is the language: the one list.
func Verbs() []Verb { return nil }
