// Package script is ferry's language, and the runner of its scripts. The shell
// speaks it too: repl is another loop over the same engine.
//
// A script has one command a line, as people have long written for ftp(1):
//
//	open ftp.example.com
//	user anna secret
//	binary
//	lcd reports
//	cd incoming
//	mput *.csv
//	bye
//
// # Lines
//
// A line is a verb and its words. Verbs are read in any case, and may be
// shortened while they stay clear. # at the start of a word begins a comment,
// and so does ; at the start of a line. A ; behind a blank, or before one, ends
// a command and another may follow. Before the verb, "-" means that a failure
// of this line is shown and ignored, "@" that the line is not echoed:
//
//	-mkdir archive     # it may exist already
//	@echo "now the files"
//	cd archive; put 'a name with blanks.txt'
//
// '…' takes everything as it is. "…" does too, but for ${…} and a backslash
// before ", \ or $. Outside quotes a backslash takes the meaning from the
// character behind it, but before a letter or a digit it is a backslash, as it
// is in all of a word that begins like C:\. A quoted * is a star.
//
// user, account, quote, site and ! take the rest of their line as it is:
//
//	user anna p#a;ss'word
//	quote SITE LRECL=80  RECFM=FB
//	!gzip -k report.csv
//
// # Names
//
// Verbs without an l in front are about the server, those with one about this
// machine. get and put take a second word as the target; many names are a
// pattern, mget and mput, or what follows "--". Patterns know * ? [a-z] {a,b}
// and **; a name that exists literally wins, and no match is a failure:
//
//	get report.csv today.csv
//	get -- a.txt b.txt
//	put -r site www
//	rm -r www/old*
//
// # Values
//
// ${1} is the script's first argument, ${name} what set has set,
// ${date:2006-01-02} the date in Go's form, ${env:NAME} the environment's,
// ${file:NAME} a file's text, ${here} the script's directory, ${temp} one for
// the run. They are put in after the line was split: a value is one word,
// whatever is in it, and never a flag.
//
//	set day ${date:2006-01-02}
//	put report.csv report-${day}.csv
//
// set alone lists the settings, set NAME VALUE changes one:
//
//	set existing skip        # or overwrite, rename, resume, newer
//	set verify size
//
// # Programs
//
// if, for and def have their lines up to end; retry and timeout have them up
// to end or stand before one command. What def and at-end hold counts for the
// whole script, wherever it stands. "help if" lists the conditions.
//
//	def fetch name
//	  if newer ${name} ${name}
//	    retry 3 30s get ${name}
//	  else
//	    echo ${name} is the newest
//	  end
//	end
//	at-end
//	  echo ended with ${status} ${error}
//	end
//	for name in a.txt remote:report*.csv
//	  fetch ${name}
//	end
//
// A pattern of for that matches nothing gives no turn. ${status} and ${error}
// are of the last line, in at-end of the run. There is no loop without a list,
// calls go 50 deep and blocks too, so every script ends.
//
// The output of a line (not what is told beside it) goes to a local file by >,
// which leaves the old one when the line fails, to its end by >>, and to a
// local command by |, which takes the rest of the line and must succeed too:
//
//	ls -l > listing.txt
//	find . *.csv | sort -r
//
// # Jobs
//
// A command with & behind it, and one behind queue, runs beside the others in
// a session of its own: logged in as the foreground is, in the same
// directories, with the settings and variables of the moment. What is queued
// runs one after the other, the highest priority first. parallel runs its lines
// so, or the turns of a for, N at once, and waits for them. What jobs tell has
// their number before it.
//
//	put report.csv &
//	queue get a.txt
//	wait
//	parallel 4
//	  for f in *.csv
//	    put ${f} incoming/
//	  end
//	end
//
// A script waits for its jobs at its end; one that failed is its failure. At a
// prompt a job that meets a name that exists says so, and asks what to do when
// fg or wait comes to it; in a script "set existing" has said it before.
//
// # Ends
//
// Mistakes that can be seen are found before the first line runs; ferry run
// --check looks further, and tells of variables that nobody sets, lines that
// are never reached, patterns that can match nothing, and secrets in the text,
// all at once. The first
// failure ends a script, with "file:line: verb: cause" and the exit code of
// its kind (see ExitCodes). "on-error continue" goes on with the next line,
// "on-error goto-end" with what follows the innermost block; the code is 10
// then. What retry and timeout give up is a failure of theirs; what runs beside
// has settings of its own. A script never asks: passwords come from the line,
// FERRY_PASSWORD, password-file, password-command or ~/.netrc.
//
// # Around a run
//
// Every run of a file keeps a journal in the state directory. ferry run
// --resume goes on where it broke off: lines that set the session up run again,
// what was done is left out after comparing, conditions and lists are what they
// were. What an append, a rename or a delete had begun is looked at; where
// nothing can be seen (!, quote) the run stops and --unsure decides. A run that
// was done is not done again; ${temp} of one that was not stays for the next.
// Where the journal can't begin, the run says so and
// does without; where the disk fills on the way, the run ends with code 6 before
// a line that nobody would know of. --plan tells what would be done and sends nothing
// that changes anything; --report, --events and --log tell what was (package
// report has the schema).
//
// Puts, or gets, that stand one behind the other and name one file each are
// moved together, with the speed of one mput; each is still a line of its own
// in echo and report. A line that uses ${status}, or "-" before it, stands
// alone.
//
// "ferry record FILE" is a shell that writes such a script: what worked, with
// what was answered as flags, and no passwords.
//
// # Trust
//
// A connection to another machine is encrypted where the server offers it;
// ftpes://, ftps:// and "set tls on" want it always. A certificate that no
// authority vouches for is shown by the shell, which remembers the answer; a
// script fails and tells the line to put before open, "set pin" and its
// fingerprint. "set ca FILE" trusts authorities of one's own. A server that had TLS once is never sent a password in clear again, until
// "trust -d HOST" forgets it.
//
// # Layout
//
//	lex.go parse.go word.go      text → words and their quotes → lines
//	parse_block.go parse_def.go  lines in lines, and verbs that scripts make
//	condition.go claim.go        what if asks; verb_block.go routine.go ending.go what blocks do
//	job.go lane.go job_ask.go verb_job.go fork.go   what runs beside, in which order, and its sessions
//	output.go                    > >> and |; dialogue.go sessions.go what goes over the wire, and whose it is
//	table.go verb.go lookup.go   the one list of verbs; verb_….go what they do
//	engine.go exec.go args.go vars.go temp….go  how a line becomes a call; run.go the runner
//	op.go                        what a line did: for journal, report, plan
//	books.go                     what stands around a run; ledger.go its report, log.go its log
//	memory.go decide.go          its journal; effect.go settle.go what lines change, and whether they have
//	planner.go                   --plan; series.go lines that go together; filelist.go --files-from
//	record.go record_line.go     a session that becomes a script; verb_record.go
//	record_session.go record_answer.go record_text.go   where it stands, what was answered, its lines as text
//	notify.go systemd.go opened.go  --on-failure, --systemd, where books go
//	state.go settings….go another.go      what verbs work on; login.go glob.go transfer.go
//	cursor.go help.go topics.go  completion, help; shown.go lines without secrets
//	difference.go                how two files differ
//	verb_bookmark.go             names for servers; package bookmark reads those of others
//	config.go rows.go ink.go     the shell's config file, tables, colours
//	trust.go known.go            whom TLS trusts, and what is remembered of it
//	check.go check_line.go       --check; foreign.go settings that other clients have
//	translate.go                 --from; package from has the dialects
//	errors.go hint.go exit.go    what failed, what next, which code
package script
