package script

// scriptVerbs are those that make programs of lines.
func scriptVerbs() []Verb {
	var (
		word  = Arg{Name: "WORD", Opt: true, Many: true}
		delay = Arg{Name: "DELAY", Kind: Duration, Opt: true}
		limit = Arg{Name: "TIME", Kind: Duration}
	)
	return []Verb{
		{Name: "if", Group: ScriptVerbs, Takes: Block, Leads: true, Run: ifThen, Check: checkIf,
			Args:     []Arg{{Name: "CONDITION", Kind: Condition, Many: true}},
			Examples: []string{"if exists done.flag; rm done.flag; end", "if not lexists a.txt or newer a.txt a.txt; get a.txt; end", "if ${status} eq 9; echo again; end"},
			Brief:    "run the lines up to else or end when something is so",
			Detail: claimHelp() + "\n" +
				"WORD == WORD, != and matches compare texts, eq ne lt le gt ge numbers. not,\n" +
				"and, or join them. else if CONDITION goes on; one end closes all."},
		{Name: "for", Group: ScriptVerbs, Takes: Block, Leads: true, Run: forEach, Check: checkFor,
			Args:     []Arg{{Name: "NAME", Kind: Variable}, {Name: "in"}, {Name: "WORD", Kind: LocalAny, Opt: true, Many: true}},
			Examples: []string{"for f in *.csv; put ${f}; end", "for f in remote:in/*.xml; get ${f}; rm ${f}; end", "for name in lines:names.txt; get ${name}; end"},
			Brief:    "run the lines up to end once for each word",
			Detail:   "A pattern stands for local names, remote:PATTERN for remote ones, lines:FILE\nfor the lines of a file. What matches nothing gives no turn."},
		{Name: "break", Group: ScriptVerbs, Leads: true, Stands: InLoop, Run: leaveLoop, Brief: "leave the innermost for"},
		{Name: "continue", Group: ScriptVerbs, Leads: true, Stands: InLoop, Run: nextTurn, Brief: "go on with the next turn of the innermost for"},
		{Name: "def", Group: ScriptVerbs, Takes: Block, Leads: true, Stands: TopLevel, Run: def, Check: checkDef,
			Args:     []Arg{{Name: "NAME"}, {Name: "PARAMETER", Opt: true, Many: true}},
			Examples: []string{"def publish file; put ${file}; chmod 644 ${file}; end"},
			Brief:    "make a verb of the lines up to end",
			Detail:   "Its words are ${PARAMETER}, and ${1} and so on. It may stand behind its first\nuse."},
		{Name: "source", Group: ScriptVerbs, Leads: true, Run: source,
			Args:     []Arg{{Name: "FILE", Kind: LocalFile}, word},
			Examples: []string{"source common.ftp", "source login.ftp anna"},
			Brief:    "run the lines of another file here",
			Detail:   "FILE is looked for beside the script that names it. Words behind it are its\n${1} and so on."},
		{Name: "on-error", Group: ScriptVerbs, Effect: Session, Run: onError, Args: []Arg{{Name: "WHAT", Kind: Choice, Values: names(onErrors())}},
			Examples: []string{"on-error continue"},
			Brief:    "say what a failed line means for those behind it",
			Detail:   "stop ends the run. continue goes on with the next line, goto-end with what\nfollows the innermost block; then the run's exit code is 10."},
		{Name: "retry", Group: ScriptVerbs, Takes: Around, Leads: true, Run: retry, Check: checkRetry,
			Args:     []Arg{{Name: "TIMES", Kind: Number}, delay},
			Examples: []string{"retry 3 30s put big.iso"},
			Brief:    "run a command, or the lines up to end, again when it fails",
			Detail:   "DELAY is 5s where none is given. A connection that is gone is made again."},
		{Name: "timeout", Group: ScriptVerbs, Takes: Around, Leads: true, Run: timeout, Check: checkTimeout, Args: []Arg{limit},
			Examples: []string{"timeout 10m mget *.iso"},
			Brief:    "end a command, or the lines up to end, when they take longer"},
		{Name: "parallel", Group: ScriptVerbs, Takes: Block, Leads: true, Run: parallel, Check: checkParallel,
			Args:     []Arg{{Name: "N", Kind: Number}},
			Examples: []string{"parallel 4; for f in *.iso; put ${f}; end; end"},
			Brief:    "run the lines up to end at the same time, N at once",
			Detail:   "Each line runs in a session of its own, as do the turns of a for right in the\nblock. The block ends when all have; what they set is their own."},
		{Name: "queue", Group: ScriptVerbs, Takes: Ahead, Leads: true, Run: queue,
			Examples: []string{"queue put big.iso", "queue"},
			Brief:    "run a command beside, when those queued before it have ended",
			Detail:   "Without a command it lists what is queued. A command with & behind it begins at\nonce."},
		{Name: "jobs", Group: ScriptVerbs, Leads: true, Run: jobs, Brief: "list what runs beside"},
		{Name: "wait", Group: ScriptVerbs, Leads: true, Run: wait, Args: []Arg{{Name: "JOB", Kind: JobNumber, Opt: true}},
			Examples: []string{"put a.iso &", "wait"},
			Brief:    "wait for a job, or for all; fails when one has",
			Detail:   "A script waits for its jobs at its end in any case."},
		{Name: "fg", Group: ScriptVerbs, Leads: true, Run: foreground, Args: []Arg{{Name: "JOB", Kind: JobNumber}}, Brief: "wait for a job, and answer what it asks; ^C ends it"},
		{Name: "kill", Group: ScriptVerbs, Effect: Session, Run: kill, Args: []Arg{{Name: "JOB", Kind: JobNumber}},
			Examples: []string{"kill 2", "kill all"}, Brief: "end a job, or all"},
		{Name: "lrm", Aliases: words("ldelete"), Group: LocalVerbs, Effect: OnlyOnce, Run: lrm, Args: []Arg{{Name: "FILE", Kind: LocalFile, Many: true}},
			Examples: []string{"lrm sent.csv"}, Brief: "delete local files"},
		{Name: "at-end", Group: ScriptVerbs, Takes: Block, Leads: true, Stands: TopLevel, Run: atEnd,
			Examples: []string{"at-end; echo \"ended with ${status} ${error}\"; end"},
			Brief:    "keep the lines up to end for the end of the run, however it ends",
			Detail:   "${status} and ${error} are the run's. They have 10 minutes, 30 seconds after a\nsignal."},
	}
}
