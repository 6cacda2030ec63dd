package script

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Topic is something that help explains and that is no verb.
type Topic struct {
	Name, Brief, Text string
}

// Topics are what help explains besides the verbs and their groups.
func Topics() []Topic {
	return []Topic{
		{"keys", "editing a line, and ^C", `Tab            complete a verb, a flag, a setting, a host, a name there or here
right, End     take the dim text: the newest line that began like this one
up, down       earlier lines; ^R searches them
^A ^E ^U ^K    begin and end of the line; erase to the begin, to the end
^W             erase the word before the cursor
^C             clear the line; stop what runs: a transfer ends with ABOR, what
               came is kept for a resume; a second ^C drops the connection
^D             leave
set keys vi    the keys of vi`},
		{"names", "patterns, quotes and blanks in names", `* ? [a-z] {a,b} and ** are patterns; a name that exists literally wins.
'…' takes all as it is; "…" too, but for ${…} and a backslash before ", \ or $.
Outside of quotes a backslash takes the meaning from the sign behind it.
A name that begins with "-" stands behind "--":   get -- -odd
${1}, ${name}, ${date:2006-01-02}, ${env:NAME} are put in, each as one word.`},
		{"existing", "what happens to a name that exists", `Before a transfer replaces a file the shell shows both sides and asks:
overwrite, skip, rename, resume, newer, difference; "all" means the rest too.
"set existing skip" (or another of these) answers in advance, "set -k existing
skip" for good; a flag answers for one line:   get --existing newer *.csv
Scripts don't ask: they overwrite unless told otherwise.`},
		{"broken", "going on after a break", `What a broken download left is kept apart, and "get -c NAME" goes on from
there; "put -c NAME" does for uploads. A connection that was lost is made again
by the next verb: same user, same directory, same type. "reopen" does so at
once. The settings reply-timeout, stall-timeout and connect-timeout say how
long to wait.`},
		{"secrets", "where passwords come from and go to", `From the line, FERRY_PASSWORD, password-file, password-command, ~/.netrc, or a
question; in this order. They go to no history, log or config file, and
are stars in what debug shows. The prompt tells whether the connection is
encrypted, and how its certificate is known: "help trust" has the rest.`},
	}
}

func findTopic(name string) (Topic, bool) {
	all := Topics()
	i := slices.IndexFunc(all, func(t Topic) bool { return t.Name == strings.ToLower(name) })
	if i < 0 {
		return Topic{}, false
	}
	return all[i], true
}

// TopicNames are what help knows besides verbs.
func TopicNames() []string {
	var names []string
	for _, g := range Groups() {
		names = append(names, string(g))
	}
	for _, t := range Topics() {
		names = append(names, t.Name)
	}
	return names
}

func topicsHelp(w io.Writer) {
	fmt.Fprintln(w, "TOPICS")
	for _, t := range Topics() {
		fmt.Fprintf(w, "  %-12s %s\n", t.Name, t.Brief)
	}
}
