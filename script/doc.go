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
// # Ends
//
// Mistakes that can be seen are found before the first line runs. The first
// failure ends a script, with "file:line: verb: cause" and the exit code of
// its kind (see ExitCodes). A script never asks: passwords come from the line,
// FERRY_PASSWORD, password-file, password-command or ~/.netrc.
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
//	table.go verb.go lookup.go   the one list of verbs; verb_….go what they do
//	engine.go exec.go args.go vars.go  how a line becomes a call; run.go the runner
//	op.go                        what a line did: for journal, report, plan
//	state.go settings.go settings_net.go  what verbs work on; login.go glob.go transfer.go
//	cursor.go help.go topics.go  completion, help; shown.go lines without secrets
//	verb_bookmark.go             names for servers; package bookmark reads those of others
//	config.go rows.go ink.go     the shell's config file, tables, colours
//	trust.go known.go            whom TLS trusts, and what is remembered of it
//	errors.go hint.go exit.go    what failed, what next, which code
package script
