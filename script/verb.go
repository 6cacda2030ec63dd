package script

import "context"

// A Verb is one word of the language. The table of them is the language:
// dispatch, arity, help, completion and the README's section all read it.
type Verb struct {
	Name    string
	Aliases []string
	Group   Group
	Flags   []Flag
	Args    []Arg
	Needs   Need
	Takes   Takes
	Leads   bool // it only runs other lines, and is no operation of its own
	Stands  Stands
	Effect  Effect             // what it changes
	Check   func(a Args) error // what can be seen of its words before it runs; may be nil
	Brief   string             // one line, imperative, lower case, no period
	Detail  string             // optional paragraphs

	Examples []string // lines of the language, with a comment where it helps
	Run      func(ctx context.Context, st *State, a Args) error

	// Foresee tells what a call would change, for --plan; nil: the line itself.
	Foresee func(ctx context.Context, st *State, a Args) ([]string, error)

	// Before notes what a call finds, and Settle goes by it when the call was
	// broken off: it reports what is done, and takes what need not be done again
	// out of the arguments. An *UnsureError says that this can't be seen.
	Before func(ctx context.Context, st *State, a Args) (int64, error)
	Settle func(ctx context.Context, st *State, a *Args, before int64) (done bool, err error)
}

// An Arg is one argument of a verb.
type Arg struct {
	Name   string
	Kind   Kind
	Opt    bool     // may be left out, as may all behind it
	Many   bool     // may be repeated; the last one only
	Values []string // of kind Choice
}

// A Flag is an option of a verb.
type Flag struct {
	Name  string   // with its hyphens: "-r"; the long form when there is no short one
	Also  []string // other letters for the same, from other clients
	Long  string   // "--recursive", or ""
	Arg   string   // name of its value, "" when it has none
	Kind  Kind     // of the value
	Brief string
}

// Kind is what an argument stands for: what Tab offers and what is kept.
type Kind byte

const (
	Text Kind = iota
	LocalFile
	LocalDir
	RemoteFile
	RemoteDir
	Host // a host, a URL or a bookmark
	User
	Secret // never echoed, never in the history
	Number
	Switch // on or off
	Choice // one of Arg.Values
	SettingName
	SettingValue
	VerbName // a verb or a help topic
	Shell    // a line for the local shell
	Wire     // a command of FTP, as it is sent
	LocalAny // a local file or directory
	RemoteAny
	Variable
	Typed // a command of the language, with its words
	AliasName
	BookmarkName
	JobNumber
	Duration // 30s, 2m
	Condition
)

// Need is what must be there before a verb can run.
type Need byte

const (
	Nothing Need = iota
	Connection
	Login
)

// Takes says how a verb wants the rest of its line.
type Takes byte

const (
	Words  Takes = iota
	Rest         // raw: no quotes, no comments, no patterns
	Block        // words, and all lines up to "end"
	Lines        // words, and all lines up to an empty one, as they are
	Around       // words, then a command in the same line, or all lines up to "end"
	Ahead        // words, then a command in the same line, or nothing
)

// Stands says where a verb has a meaning.
type Stands byte

const (
	Anywhere Stands = iota
	TopLevel        // not in a block
	InLoop
)

// Group is a topic of help.
type Group string

const (
	ConnectionVerbs Group = "connection"
	TransferVerbs   Group = "transfer"
	RemoteVerbs     Group = "remote"
	ListingVerbs    Group = "listing"
	LocalVerbs      Group = "local"
	SettingVerbs    Group = "settings"
	ScriptVerbs     Group = "script"
	HelpVerbs       Group = "help"
)
