package serve

// UsageError is a mistake on the command line.
type UsageError struct {
	Err  error
	Next string // what to do about it
}

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Hint is what to do about it.
func (e *UsageError) Hint() string { return e.Next }

// ExitStatus is that of usage errors.
func (e *UsageError) ExitStatus() int { return 2 }

// StartError is something on this machine that keeps a server from starting,
// or a users file from being edited.
type StartError struct {
	Err  error
	Next string // what to do about it
}

func (e *StartError) Error() string { return e.Err.Error() }
func (e *StartError) Unwrap() error { return e.Err }

// Hint is what to do about it.
func (e *StartError) Hint() string { return e.Next }
