package script

import (
	"slices"
	"strings"

	"ferry/proto"
)

// Effect is what running a verb does beyond the session: --resume and --plan
// go by it. A verb that says nothing has that of its group, and a group that
// says nothing means OnlyOnce: the careful answer.
type Effect byte

const (
	ByGroup  Effect = iota
	Looks           // nothing changes: done once is enough, and never does harm
	Session         // only the session changes: a run that goes on needs it again
	Moves           // files are moved, each on its own
	Again           // something changes, and doing it twice is as good as once
	OnlyOnce        // something changes that must not happen twice
)

// effect is what this call of the verb does.
func (v *Verb) effect(st *State, a Args) Effect {
	e := v.Effect
	if e == ByGroup {
		e = v.Group.effect()
	}
	switch {
	case len(v.Args) > 0 && v.Args[0].Kind == Wire:
		return wireEffect(v.Name, a.Rest)
	case e == Moves && a.Flag("--files-from"):
		return Moves
	case e == Moves && moved(a) == "-":
		return Looks // to the output
	case e == Moves && (a.Len() > 0 && v.Args[0].Kind == LocalAny && st.isInput(a.Words[0]) || st.Settings.RenameThere || st.restart > 0):
		return OnlyOnce // input comes once, and so do names that the server gives
	}
	return e
}

// effect is that of the verb, or of what reads its output.
func (o Op) effect() Effect {
	e := o.Args.Verb.effect(o.state, o.Args)
	switch {
	case e != Looks || o.out == (Output{}):
		return e
	case o.out.Pipe != "" || o.out.Add:
		return OnlyOnce
	}
	return Again
}

// moved is the target that a transfer's words name.
func moved(a Args) string {
	_, target := sourcesAndTarget(a)
	return target
}

func (g Group) effect() Effect {
	switch g {
	case ConnectionVerbs, SettingVerbs:
		return Session
	case ListingVerbs, ScriptVerbs, HelpVerbs:
		return Looks
	case TransferVerbs:
		return Moves
	}
	return OnlyOnce
}

// wireEffect is the effect of a line that is sent as it is.
func wireEffect(verb, line string) Effect {
	cmd := proto.Cmd("SITE", line)
	if verb != "site" {
		var err error
		if cmd, err = proto.ParseCommand(line); err != nil {
			return OnlyOnce
		}
	}
	switch {
	case cmd.Verb == "SITE":
		return siteEffect(strings.Fields(strings.ToUpper(cmd.Arg)))
	case slices.Contains(words("USER PASS ACCT CWD CDUP REIN TYPE STRU MODE PBSZ PROT OPTS LANG CLNT HOST NOOP CSID"), cmd.Verb):
		return Session
	case slices.Contains(words("PWD SYST STAT HELP FEAT SIZE MDTM MLST HASH XCRC XMD5 XSHA XSHA1 XSHA256 XSHA512 AVBL"), cmd.Verb):
		return Looks
	}
	return OnlyOnce
}

// siteEffect knows the SITE words that only set the session up: those of
// mainframes (z/OS: LRECL=80, BLOCKS; IBM i: NAMEFMT 1) and Unix' UMASK.
func siteEffect(site []string) Effect {
	for i, w := range site {
		name, _, has := strings.Cut(w, "=")
		switch {
		case i == 0 && slices.Contains(words("HELP WHO QUOTA IDLE UMASK NAMEFMT LISTFMT DIRSTYLE"), w):
			return Session
		case has && name != "":
		case slices.Contains(words(`BLOCKS CYLINDERS TRACKS RDW NORDW SBDATACONN TRAILINGBLANKS NOTRAILINGBLANKS
			WRAPRECORD NOWRAPRECORD TRUNCATE NOTRUNCATE QUOTESOVERRIDE NOQUOTESOVERRIDE DATASETMODE DIRECTORYMODE ASATRANS NOASATRANS`), w):
		default:
			return OnlyOnce
		}
	}
	return Session
}
