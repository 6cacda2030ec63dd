package list

import (
	"fmt"
	"runtime"
	"strings"
	"unicode"
)

// UnsafeNameError is a remote name that may not become a local file's.
type UnsafeNameError struct {
	Name string
	Why  string
}

func (e *UnsafeNameError) Error() string {
	return fmt.Sprintf("name %.80q can't be used here: %s", e.Name, e.Why)
}

// SafeName reports whether a name from a listing may become the name of a
// local file, as it is and in the directory that is meant. The error is an
// *UnsafeNameError.
//
// SECURITY: a server that names a file "../.ssh/authorized_keys", "..",
// "C:evil" or "CON" must not choose where the bytes go.
func SafeName(name string) error {
	return safeName(name, runtime.GOOS)
}

func safeName(name, system string) error {
	why := unsafeAnywhere(name)
	if why == "" && system == "windows" {
		why = unsafeOnWindows(name)
	}
	if why != "" {
		return &UnsafeNameError{Name: name, Why: why}
	}
	return nil
}

func unsafeAnywhere(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case name == "." || name == "..":
		return "it means a directory"
	case strings.ContainsRune(name, '/'):
		return "it holds a slash"
	case strings.ContainsFunc(name, unicode.IsControl):
		return "it holds a control character"
	}
	return ""
}

// unsafeOnWindows knows what Win32 reads into a name: separators, streams
// ("a:b"), wildcards, devices, and dots and blanks that it drops at the end.
func unsafeOnWindows(name string) string {
	switch last := name[len(name)-1]; {
	case strings.ContainsAny(name, `\:*?"<>|`):
		return `it holds one of \ : * ? " < > |`
	case last == '.' || last == ' ':
		return "it ends with a dot or a blank"
	case device(name):
		return "it is a device"
	}
	return ""
}

// device: CON, PRN, AUX, NUL, CONIN$, CONOUT$, COM0–9 and LPT0–9 (the
// superscripts ¹ ² ³ too), whatever comes behind a dot.
func device(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, port := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(base, port); ok {
			switch n {
			case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
				return true
			}
		}
	}
	return false
}
