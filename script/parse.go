package script

// Pos is a place in a script. Line and Col count from 1, Col in characters;
// zero means not known.
type Pos struct {
	File string
	Line int
	Col  int
}

// Prefix is what stands before a verb.
type Prefix byte

const (
	Ignore Prefix = 1 << iota // "-": a failure of this line is shown and ignored
	Quiet                     // "@": this line is not echoed
)

// A Line is one command of the language.
type Line struct {
	Pos    Pos
	Prefix Prefix
	Verb   string // as typed, in lower case
	Args   []Word
	Rest   string // what follows the verb, as written; verbs that take it raw have no Args
	Raw    string // the whole line as written, without blanks around it
	Body   []Line // what stands between a verb that opens a block and its end
	Else   []Line
}

// Has reports whether p is among the line's prefixes.
func (l Line) Has(p Prefix) bool { return l.Prefix&p != 0 }
