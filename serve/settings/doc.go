// Package settings lets command line, environment and one TOML file say the
// same things by the same names. It knows names and kinds of values only; what
// they mean, and whether a value is one, is the caller's to say.
//
//	settings.go  Option, Values, Mistake; what the environment says
//	file.go      the TOML file, and every mistake in it with line and column
//	print.go     the same file written, with the help as comments
//	near.go      what a name that does not exist may have meant
//
// An option called passive-ports is --passive-ports on the command line,
// FERRY_SERVE_PASSIVE_PORTS in the environment, and passive-ports in the file.
// The command line comes first, then the environment, then the file.
package settings
