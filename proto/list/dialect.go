package list

import (
	"strings"

	"ferry/proto"
)

// Format is the shape that a listing has.
type Format byte

const (
	Auto     Format = iota // not decided: the lines will tell
	Unix                   // ls -l and its kin
	MLSx                   // facts of RFC 3659
	DOS                    // IIS, cmd.exe
	VMS                    // OpenVMS
	MVS                    // z/OS data sets, members, load modules, spool
	AS400                  // IBM i
	EPLF                   // Bernstein's easily parsed list format
	OS2                    // OS/2
	VShell                 // size, date, name
	UnixData               // octal mode, numeric owners, seconds since 1970
	Names                  // one name a line; only when told so
)

func (f Format) String() string {
	names := [...]string{"auto", "unix", "mlsx", "dos", "vms", "mvs", "as400", "eplf", "os2", "vshell", "unixdata", "names"}
	if int(f) < len(names) {
		return names[f]
	}
	return "unknown"
}

// dialect is one format and the function that reads a line of it. A reader
// that returns Unknown has changed nothing.
type dialect struct {
	format Format
	read   func(p *Parser, text string) (proto.Entry, Verdict)
}

// dialects are all formats that are recognised by their lines. The ones that
// a stray line can't resemble come first.
func dialects() []dialect {
	return []dialect{
		{MLSx, readFacts},
		{EPLF, readEPLF},
		{Unix, readUnix},
		{DOS, readDOS},
		{AS400, readAS400},
		{VMS, readVMS},
		{MVS, readMVS},
		{OS2, readOS2},
		{VShell, readVShell},
		{UnixData, readUnixData},
	}
}

// order puts the format that SYST's text hints at before all others.
func order(all []dialect, system string) []dialect {
	hint := hinted(strings.ToUpper(system))
	for i, d := range all {
		if d.format == hint {
			copy(all[1:i+1], all[:i])
			all[0] = d
		}
	}
	return all
}

func hinted(system string) Format {
	switch {
	case strings.Contains(system, "VMS"):
		return VMS
	case strings.Contains(system, "MVS"), strings.Contains(system, "Z/OS"):
		return MVS
	case strings.Contains(system, "OS/400"), strings.Contains(system, "IBM I"):
		return AS400
	case strings.Contains(system, "OS/2"):
		return OS2
	case strings.Contains(system, "WINDOWS"):
		return DOS
	}
	return Unix
}
