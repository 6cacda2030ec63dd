package repl

// stopProcess has no meaning on Windows.
func stopProcess() {}
