package script

// Cursor is what is being typed at a place in a line.
type Cursor struct {
	Verb  *Verb    // nil while the verb itself is typed
	Kind  Kind     // of what is typed; VerbName for the verb
	Arg   Arg      // the argument, when it is one
	Flag  bool     // a flag is typed: Verb.Flags has them
	Word  string   // what is there of it before the cursor, without quotes
	Start int      // byte offset in the line where its text begins, quotes included
	Quote byte     // the quote that is open, 0 for none
	Words []string // the arguments before it, without flags
}

// At tells what is typed at byte offset pos of line.
func (t *Table) At(line string, pos int) Cursor { return Cursor{} }

// QuoteWord writes a name so that it is read back as one literal word. open is
// the quote that the user has begun it with, 0 for none.
func QuoteWord(name string, open byte) string { return name }
