package proto

import (
	"fmt"
	"strconv"
	"strings"
)

// TypeCode is the first letter of a TYPE. RFC 959 §3.1.1.
type TypeCode byte

const (
	ASCII  TypeCode = 'A'
	EBCDIC TypeCode = 'E'
	Image  TypeCode = 'I'
	Local  TypeCode = 'L'
)

// Form is the second letter of TYPE A and E: how vertical format control is
// given. RFC 959 §3.1.1.5.
type Form byte

const (
	NonPrint Form = 'N'
	Telnet   Form = 'T'
	Carriage Form = 'C' // ASA carriage control
)

// Type is a data representation type. Form counts for A and E, Size (bits a
// byte) for L.
type Type struct {
	Code TypeCode
	Form Form
	Size int
}

// The types that are named in code.
var (
	TypeA = Type{Code: ASCII, Form: NonPrint}
	TypeE = Type{Code: EBCDIC, Form: NonPrint}
	TypeI = Type{Code: Image}
	TypeL = Type{Code: Local, Size: 8}
)

// Text reports whether the type has lines.
func (t Type) Text() bool { return t.Code == ASCII || t.Code == EBCDIC }

// String is the argument of the TYPE command.
func (t Type) String() string {
	switch {
	case t.Code == Local:
		return "L " + strconv.Itoa(t.Size)
	case t.Text() && t.Form != NonPrint:
		return string(t.Code) + " " + string(t.Form)
	}
	return string(t.Code)
}

// ParseType reads the argument of TYPE, case-insensitively and with stray
// blanks forgiven. A value that no standard has is a *ParamError.
func ParseType(arg string) (Type, error) {
	f := strings.Fields(strings.ToUpper(arg))
	unknown := &ParamError{Param: "TYPE", Value: arg, Unknown: true}
	if len(f) == 0 || len(f) > 2 || len(f[0]) != 1 {
		return Type{}, unknown
	}
	t := Type{Code: TypeCode(f[0][0])}
	switch t.Code {
	case Image:
		if len(f) == 2 && f[1] != "N" { // "TYPE I N" is sent by some devices
			return Type{}, unknown
		}
	case ASCII, EBCDIC:
		t.Form = NonPrint
		if len(f) == 2 {
			if len(f[1]) != 1 || !strings.Contains("NTC", f[1]) {
				return Type{}, unknown
			}
			t.Form = Form(f[1][0])
		}
	case Local:
		if len(f) != 2 {
			return Type{}, unknown
		}
		n, err := strconv.Atoi(f[1])
		if err != nil || n < 1 || n > 255 {
			return Type{}, unknown
		}
		t.Size = n
	default:
		return Type{}, unknown
	}
	return t, nil
}

// Stru is a file structure. RFC 959 §3.1.2.
type Stru byte

const (
	File   Stru = 'F'
	Record Stru = 'R'
	Page   Stru = 'P'
)

func (s Stru) String() string { return string(s) }

// ParseStru reads the argument of STRU.
func ParseStru(arg string) (Stru, error) { return letter[Stru]("STRU", arg, "FRP") }

// Mode is a transmission mode. RFC 959 §3.4; Z is deflate.
type Mode byte

const (
	Stream     Mode = 'S'
	Block      Mode = 'B'
	Compressed Mode = 'C'
	Deflate    Mode = 'Z'
)

func (m Mode) String() string { return string(m) }

// ParseMode reads the argument of MODE.
func ParseMode(arg string) (Mode, error) { return letter[Mode]("MODE", arg, "SBCZ") }

// Prot is the protection of data connections. RFC 4217 §9.
type Prot byte

const (
	Clear        Prot = 'C'
	Safe         Prot = 'S'
	Confidential Prot = 'E'
	Private      Prot = 'P'
)

func (p Prot) String() string { return string(p) }

// ParseProt reads the argument of PROT.
func ParseProt(arg string) (Prot, error) { return letter[Prot]("PROT", arg, "CSEP") }

func letter[T ~byte](param, arg, known string) (T, error) {
	s := strings.ToUpper(strings.TrimSpace(arg))
	if len(s) != 1 || !strings.Contains(known, s) {
		return 0, &ParamError{Param: param, Value: arg, Unknown: true}
	}
	return T(s[0]), nil
}

// Params are the transfer parameters in force at one end.
type Params struct {
	Type Type
	Stru Stru
	Mode Mode
}

// DefaultParams are those of a fresh session. RFC 959 §5.1: ASCII Non-print,
// File, Stream.
func DefaultParams() Params { return Params{Type: TypeA, Stru: File, Mode: Stream} }

// Binary are the parameters under which bytes travel as they are.
func Binary() Params { return Params{Type: TypeI, Stru: File, Mode: Stream} }

// Identity reports whether bytes travel as they are, so that the kernel may
// move them.
func (p Params) Identity() bool {
	plain := p.Type.Code == Image || p.Type.Code == Local && p.Type.Size == 8
	return plain && p.Stru == File && p.Mode == Stream
}

func (p Params) String() string {
	return fmt.Sprintf("TYPE %s, STRU %s, MODE %s", p.Type, p.Stru, p.Mode)
}
