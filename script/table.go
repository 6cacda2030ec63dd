package script

import (
	"ferry/proto"
	"ferry/proto/client"
)

// Verbs is the language: the one list. A verb is one row here and one function
// in a verb_….go.
func Verbs() []Verb { return append(plainVerbs(), scriptVerbs()...) }

func plainVerbs() []Verb {
	var (
		local   = Arg{Name: "LOCAL", Kind: LocalAny}
		locals  = Arg{Name: "LOCAL", Kind: LocalAny, Many: true}
		ldir    = Arg{Name: "DIR", Kind: LocalDir}
		remote  = Arg{Name: "REMOTE", Kind: RemoteAny}
		remotes = Arg{Name: "REMOTE", Kind: RemoteAny, Many: true}
		files   = Arg{Name: "FILE", Kind: RemoteFile, Many: true}
		rdir    = Arg{Name: "DIR", Kind: RemoteDir}
		onOff   = Arg{Name: "on|off", Kind: Switch, Opt: true, Values: []string{"on", "off"}}
		into    = Arg{Name: "LOCAL", Kind: LocalFile, Opt: true}
		rest    = Arg{Name: "TEXT", Kind: Wire}
	)
	return []Verb{
		{Name: "open", Aliases: words("connect o"), Group: ConnectionVerbs, Run: open,
			Args: []Arg{{Name: "HOST", Kind: Host}, {Name: "PORT", Kind: Number, Opt: true}},
			Flags: []Flag{
				{Name: "-u", Long: "--user", Arg: "USER[,PASSWORD]", Kind: Secret, Brief: "whom to log in as (lftp)"},
				{Name: "-p", Long: "--port", Arg: "PORT", Kind: Number, Brief: "the port, if not 21 (lftp)"},
			},
			Examples: []string{"open ftp.example.com", "open ftps://anna@ftp.example.com/incoming   # TLS from the first byte", "open 192.0.2.7 2121", "open work   # a bookmark"},
			Brief:    "connect to a server, and log in where it is known as whom",
			Detail: `HOST is a name, an address, HOST:PORT, USER@HOST or ftp://USER@HOST/DIR.
The password is the line's or the URL's, else FERRY_PASSWORD, else that of
~/.netrc, else it is asked for. A script doesn't ask: it logs in with user, or
with a name and a password on lines of their own, as for Windows' ftp -s; one
that does neither is a guest.`},
		{Name: "user", Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: user,
			Args:     []Arg{{Name: "NAME", Kind: User}, {Name: "PASSWORD", Kind: Secret, Opt: true}, {Name: "ACCOUNT", Kind: Secret, Opt: true}},
			Examples: []string{"user anna", "user anna secret"},
			Brief:    "log in",
			Detail:   "The rest of the line is taken as it is: # and quotes within a password need no\ncare."},
		{Name: "account", Aliases: words("acct"), Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: account,
			Args: []Arg{{Name: "ACCOUNT", Kind: Secret, Opt: true}}, Brief: "send the account that some servers want"},
		{Name: "close", Aliases: words("disconnect"), Group: ConnectionVerbs, Run: closeConnection, Brief: "end the connection"},
		{Name: "reopen", Aliases: words("reconnect"), Group: ConnectionVerbs, Run: reopen, Brief: "connect again to where one was"},
		{Name: "quit", Aliases: words("bye exit"), Group: ConnectionVerbs, Run: quit,
			Args: []Arg{{Name: "CODE", Kind: Number, Opt: true}}, Brief: "end the connection and the session"},
		{Name: "trust", Group: ConnectionVerbs, Effect: Again, Run: knownServers,
			Args:     []Arg{{Name: "HOST", Kind: Host, Opt: true}},
			Flags:    []Flag{{Name: "-d", Long: "--delete", Brief: "forget it"}},
			Examples: []string{"trust -d ftp.example.com   # forget its certificate"},
			Brief:    "list which servers are known, and their certificates",
			Detail: `A certificate that no authority vouches for is shown by the shell, and
remembered when you trust it. A script trusts those, and the one that set pin
names. A server that had TLS once is not sent a password in clear again.`},
		{Name: "bookmark", Aliases: words("bookmarks bm"), Group: ConnectionVerbs, Run: bookmarks,
			Args: []Arg{
				{Name: "WHAT", Kind: Choice, Opt: true, Values: words("list add rm import")},
				{Name: "NAME", Kind: BookmarkName, Opt: true}, {Name: "URL", Kind: Host, Opt: true, Many: true},
			},
			Flags: []Flag{{Name: "-p", Long: "--passwords", Brief: "keep passwords too, in clear, in a file that only you can read"}},
			Examples: []string{
				"bookmark add work ftpes://anna@ftp.example.com/incoming", "open work",
				"bookmark add work      # where one is now", "bookmark rm work",
				"bookmark import        # of FileZilla, WinSCP, lftp, ncftp, ~/.netrc", "bookmark import ~/WinSCP.ini",
			},
			Brief: "list, add, remove or import names for servers",
			Detail: `They stand in ~/.config/ferry/bookmarks. Passwords are left out unless -p is
given: open asks for them, or finds them where it does for any host.`},
		{Name: "status", Group: ConnectionVerbs, Run: status,
			Brief: "tell how things stand at this end"},
		{Name: "features", Aliases: words("feat feats"), Group: ConnectionVerbs, Needs: Login, Run: features, Brief: "list what the server says it can do"},
		{Name: "system", Aliases: words("syst"), Group: ConnectionVerbs, Needs: Connection, Run: system, Brief: "tell what the server runs on"},
		{Name: "rstatus", Aliases: words("remotestatus"), Group: ConnectionVerbs, Needs: Connection, Run: rstatus,
			Args: []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}}, Brief: "ask the server how things stand (STAT)"},
		{Name: "rhelp", Aliases: words("remotehelp"), Group: ConnectionVerbs, Needs: Connection, Run: rhelp,
			Args: []Arg{{Name: "COMMAND", Opt: true}}, Brief: "ask the server for help (HELP)"},
		{Name: "quote", Aliases: words("literal rawcommand"), Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: quote,
			Args:     []Arg{rest},
			Examples: []string{"quote SITE HELP"},
			Brief:    "send a command of FTP as it is"},
		{Name: "site", Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: site,
			Args: []Arg{rest}, Brief: "send a SITE command as it is"},
		{Name: "noop", Aliases: words("nop"), Group: ConnectionVerbs, Needs: Connection, Run: noop, Brief: "do nothing, so that the connection stays"},
		{Name: "idle", Group: ConnectionVerbs, Needs: Login, Run: siteWord("IDLE"),
			Args: []Arg{{Name: "SECONDS", Kind: Number, Opt: true}}, Brief: "show or set how long the server lets one idle"},

		{Name: "get", Aliases: words("recv"), Group: TransferVerbs, Needs: Login, Run: get, Flags: append(transferFlags(), listFlag()),
			Args:     []Arg{remote, {Name: "LOCAL", Kind: LocalAny, Opt: true}},
			Examples: []string{"get report.csv", "get report.csv today.csv   # under another name", "get *.csv -O reports        # all that match, into a directory", "get -r site", "get -c big.iso              # go on where it broke"},
			Brief:    "download a file, or what a pattern matches",
			Detail: `A second name is the target; "-" is the output. Many names: a pattern, mget, or
-- before them. A file gets its name only when it is whole; what a broken
download left is continued by -c.`},
		{Name: "mget", Aliases: words("mreget"), Group: TransferVerbs, Needs: Login, Run: mget, Flags: append(transferFlags(), listFlag()),
			Args:     []Arg{remotes},
			Examples: []string{"mget *.csv *.txt"},
			Brief:    "download many files"},
		{Name: "reget", Group: TransferVerbs, Needs: Login, Run: reget, Flags: transferFlags(),
			Args:     []Arg{remote, {Name: "LOCAL", Kind: LocalAny, Opt: true}},
			Examples: []string{"reget big.iso"},
			Brief:    "go on with a download that broke"},
		{Name: "pget", Group: TransferVerbs, Needs: Login, Run: pget,
			Flags:    append(transferFlags(), Flag{Name: "-n", Arg: "N", Brief: "in how many segments; else as set segments says"}),
			Args:     []Arg{remote, {Name: "LOCAL", Kind: LocalAny, Opt: true}},
			Examples: []string{"pget big.iso", "pget -n 4 big.iso", "pget -c big.iso             # go on where it broke"},
			Brief:    "download a file in segments, over several sessions at once",
			Detail: `get does so by itself with files of 16 MiB and more. A session that has nothing
left to fetch takes half of what would take longest; where the server allows no
more sessions, those that there are do it. The file gets its name only when all
of it is there and the server still has the same.`},
		{Name: "newer", Group: TransferVerbs, Needs: Login, Run: newer, Flags: transferFlags(),
			Args:     []Arg{remote, {Name: "LOCAL", Kind: LocalAny, Opt: true}},
			Examples: []string{"newer report.csv"},
			Brief:    "download what is newer than the local file"},
		{Name: "put", Aliases: words("send"), Group: TransferVerbs, Needs: Login, Run: put, Flags: append(transferFlags(), listFlag()),
			Args:     []Arg{local, {Name: "REMOTE", Kind: RemoteAny, Opt: true}},
			Examples: []string{"put report.csv", "put report.csv incoming/today.csv", "put *.csv incoming/", "put -r site www", "put --existing newer *.html"},
			Brief:    "upload a file, or what a pattern matches",
			Detail: `A second name is the target; "-" as the first is the input. Many names: a
pattern, mput, or -- before them. A file goes up under a temporary name and is
renamed when it is whole, where the server can do that.`},
		{Name: "mput", Aliases: words("msend"), Group: TransferVerbs, Needs: Login, Run: mput, Flags: append(transferFlags(), listFlag()),
			Args:     []Arg{locals},
			Examples: []string{"mput *.csv *.txt"},
			Brief:    "upload many files"},
		{Name: "reput", Group: TransferVerbs, Needs: Login, Run: reput, Flags: transferFlags(),
			Args: []Arg{local, {Name: "REMOTE", Kind: RemoteAny, Opt: true}}, Brief: "go on with an upload that broke"},
		{Name: "append", Group: TransferVerbs, Needs: Login, Effect: OnlyOnce, Before: sizeBefore, Settle: settleAppended, Run: appendFile,
			Args:     []Arg{local, {Name: "REMOTE", Kind: RemoteFile, Opt: true}},
			Examples: []string{"append today.log all.log"},
			Brief:    "add a local file to the end of a remote one"},
		{Name: "copy", Aliases: words("cp"), Group: TransferVerbs, Needs: Login, Effect: Again, Run: copyRemote,
			Args:     []Arg{{Name: "FROM", Kind: RemoteFile}, {Name: "TO", Kind: RemoteAny}},
			Examples: []string{"copy report.csv report.old"},
			Brief:    "copy a remote file to another remote name"},
		{Name: "mirror", Group: TransferVerbs, Needs: Login, Run: mirror,
			Args:  []Arg{{Name: "FROM", Kind: RemoteDir, Opt: true}, {Name: "TO", Kind: LocalDir, Opt: true}},
			Flags: append([]Flag{{Name: "-R", Long: "--reverse", Brief: "upload: FROM is local, TO is remote"}}, treeFlags()...),
			Examples: []string{
				"mirror pub/site site                 # what is new or of another size",
				"mirror -R site www --delete          # www becomes like site",
				"mirror -R site www -x '*.tmp' -x cache/ --dry-run",
			},
			Brief: "make a directory like another, with all that is below it",
			Detail: `Files come that are missing, newer or of another size; what is older and of
the same size stays, and --checksum tells whether it differs. --delete removes
what only the target has: not on the strength of a listing that was cut or not
wholly understood, not when a transfer failed, and not more than --max-delete
says.
Patterns without a slash are about the last part of a name, others about the
path below FROM; a slash at the end means directories.`},
		{Name: "sync", Group: TransferVerbs, Needs: Login, Run: syncTrees,
			Args:  []Arg{{Name: "LOCAL", Kind: LocalDir}, {Name: "REMOTE", Kind: RemoteDir, Opt: true}},
			Flags: syncFlags(),
			Examples: []string{
				"sync work work             # what changed here goes there, and the other way",
				"sync work --prefer newer   # also where both have changed",
			},
			Brief: "bring what changed at either end of two trees to the other",
			Detail: `What both had in common is remembered, so a file that is gone at one end is
deleted at the other, if it has not changed there. What both ends have changed
is left alone and told.`},
		{Name: "watch", Group: TransferVerbs, Needs: Login, Effect: Again, Run: watchTree,
			Args:     []Arg{{Name: "LOCAL", Kind: LocalDir}, {Name: "REMOTE", Kind: RemoteDir, Opt: true}},
			Flags:    watchFlags(),
			Examples: []string{"watch site www --delete   # until ^C"},
			Brief:    "keep a remote directory like a local one, change by change",
			Detail:   "It goes on until it is interrupted, also when the server is gone for a while."},
		{Name: "fxp", Group: TransferVerbs, Effect: Again, Run: fxp,
			Args: []Arg{{Name: "FROM", Kind: Host}, {Name: "TO", Kind: Host}},
			Flags: []Flag{
				{Name: "-r", Long: "--recursive", Brief: "directories with all that is in them"},
				{Name: "-c", Long: "--continue", Brief: "go on where an earlier one stopped"},
				{Name: "--listen", Long: "--listen", Arg: "from|to", Brief: "which of the servers opens the port (default: to, else from)"},
			},
			Examples: []string{"fxp ftp://anna@one.example.com/big.iso ftp://anna@two.example.com/", "fxp -r photos/2026-* ftp://anna@two.example.com/photos/"},
			Brief:    "have one server send files to another",
			Detail: `FROM and TO are URLs, or one of them is a name at the server that is open:
ftp://anna@host/dir/file. The bytes go from server to server. Both must allow
that: ferry serve --fxp, vsftpd's port_promiscuous and pasv_promiscuous,
ProFTPD's AllowForeignAddress. Where both sessions are encrypted, so are the
bytes; one server must know SSCN or CPSV for that (ferry, ProFTPD, glftpd do).`},
		{Name: "restart", Group: TransferVerbs, Needs: Login, Effect: Session, Run: restartAt,
			Args:     []Arg{{Name: "BYTE", Kind: Number}},
			Examples: []string{"restart 1000000 ; get big.iso"},
			Brief:    "begin the next get or put at this byte of both files"},

		{Name: "ls", Group: ListingVerbs, Needs: Login, Run: ls, Flags: listFlags(),
			Args:     []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}, into},
			Examples: []string{"ls", "ls -l *.csv", "ls -l -t -r   # the newest last"},
			Brief:    "list names",
			Detail:   "A second word is a local file for the listing, as in ftp(1)."},
		{Name: "dir", Aliases: words("ll"), Group: ListingVerbs, Needs: Login, Run: dir, Flags: listFlags(),
			Args:     []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}, into},
			Examples: []string{"dir incoming", "dir incoming listing.txt   # into a local file"},
			Brief:    "list names with kind, size and time"},
		{Name: "nlist", Aliases: words("nls nlst"), Group: ListingVerbs, Needs: Login, Run: nlist,
			Args: []Arg{{Name: "REMOTE", Kind: RemoteDir, Opt: true}, into}, Brief: "list names as the server's NLST gives them"},
		{Name: "size", Group: ListingVerbs, Needs: Login, Run: size, Args: []Arg{files},
			Examples: []string{"size big.iso"},
			Brief:    "print the size of files in bytes"},
		{Name: "modtime", Aliases: words("mdtm"), Group: ListingVerbs, Needs: Login, Run: modtime, Args: []Arg{files}, Brief: "print the time of the last change, in UTC"},
		{Name: "stat", Aliases: words("mlst"), Group: ListingVerbs, Needs: Login, Run: stat,
			Args: []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}}, Brief: "print kind, size, time and name of one file or directory"},
		{Name: "checksum", Aliases: words("sum"), Group: ListingVerbs, Needs: Login, Run: checksum, Args: []Arg{files},
			Flags:    []Flag{{Name: "-a", Long: "--algorithm", Arg: "NAME", Brief: "CRC32, MD5, SHA-1, SHA-256 or SHA-512"}},
			Examples: []string{"checksum -a SHA-256 big.iso"},
			Brief:    "print checksums that the server computes"},
		{Name: "find", Group: ListingVerbs, Needs: Login, Run: find,
			Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}, {Name: "PATTERN", Opt: true}},
			Flags: []Flag{
				{Name: "-l", Brief: "kind, size, time and name"},
				{Name: "-h", Brief: "sizes for people"},
				{Name: "-t", Arg: "f|d", Brief: "files only, or directories only"},
				{Name: "-d", Arg: "DEPTH", Kind: Number, Brief: "at most so many directories deep"},
			},
			Examples: []string{"find . *.csv", "find -t d -d 2   # directories, two levels deep"},
			Brief:    "print the names of all that is below a directory", Detail: "find . *.csv prints those that match; the pattern is about the last part of a\nname."},
		{Name: "du", Group: ListingVerbs, Needs: Login, Run: du,
			Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}},
			Flags: []Flag{
				{Name: "-s", Brief: "the sum only"},
				{Name: "-h", Brief: "sizes for people"},
			},
			Examples: []string{"du -h", "du -s -h incoming"},
			Brief:    "print how many bytes lie in a directory and in those below it"},
		{Name: "tree", Group: ListingVerbs, Needs: Login, Run: tree,
			Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}},
			Flags: []Flag{
				{Name: "-d", Arg: "DEPTH", Kind: Number, Brief: "at most so many directories deep"},
				{Name: "-a", Brief: "names that begin with a dot too"},
				{Name: "-h", Brief: "with sizes"},
			},
			Examples: []string{"tree", "tree -d 2 www"},
			Brief:    "draw all that is below a directory"},
		{Name: "diff", Aliases: words("fc comp"), Group: ListingVerbs, Needs: Login, Run: diffVerb,
			Args:     []Arg{{Name: "REMOTE", Kind: RemoteFile}, {Name: "LOCAL", Kind: LocalAny, Opt: true}},
			Examples: []string{"diff notes.txt", "diff notes.txt ~/old/notes.txt"},
			Brief:    "show how a remote file and a local one differ",
			Detail:   "Lines with - are only at the server, those with + only here. LOCAL is the file\nof the same name if it is left out."},
		{Name: "df", Group: ListingVerbs, Needs: Login, Run: df, Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}},
			Flags: []Flag{{Name: "-h", Brief: "sizes for people"}},
			Brief: "print how many bytes are free at the server"},

		{Name: "cd", Aliases: words("cwd chdir"), Group: RemoteVerbs, Needs: Login, Effect: Session, Run: cd,
			Args:     []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}},
			Examples: []string{"cd incoming"},
			Brief:    "change the remote directory"},
		{Name: "cdup", Aliases: words("up cd.."), Group: RemoteVerbs, Needs: Login, Effect: Session, Run: cdup, Brief: "go to the parent of the remote directory"},
		{Name: "pwd", Group: RemoteVerbs, Needs: Login, Effect: Looks, Run: pwd, Brief: "print the remote directory"},
		{Name: "mkdir", Aliases: words("md mkd"), Group: RemoteVerbs, Needs: Login, Effect: OnlyOnce, Foresee: foreseeMkdir, Settle: settleMade, Run: mkdir, Args: []Arg{many(rdir)},
			Flags:    []Flag{{Name: "-p", Brief: "its parents too, and no failure when it exists"}},
			Examples: []string{"mkdir 2026", "mkdir -p 2026/11/reports"},
			Brief:    "make directories"},
		{Name: "rmdir", Aliases: words("rd rmd"), Group: RemoteVerbs, Needs: Login, Effect: OnlyOnce, Foresee: foreseeDelete, Settle: settleGone, Run: rmdir, Args: []Arg{many(rdir)},
			Brief: "remove empty directories"},
		{Name: "rm", Group: RemoteVerbs, Needs: Login, Effect: OnlyOnce, Foresee: foreseeDelete, Settle: settleGone, Run: rm, Args: []Arg{remotes},
			Flags: []Flag{
				{Name: "-r", Long: "--recursive", Brief: "directories with all that is in them"},
				{Name: "-f", Long: "--force", Brief: "ask nothing, and don't fail for what is not there"},
			},
			Examples: []string{"rm report.csv", "rm *.tmp", "rm -r old"},
			Brief:    "delete files, or whole trees"},
		{Name: "delete", Aliases: words("dele del erase"), Group: RemoteVerbs, Needs: Login, Effect: OnlyOnce, Foresee: foreseeDelete, Settle: settleGone, Run: deleteFiles, Args: []Arg{files},
			Examples: []string{"delete report.csv"},
			Brief:    "delete files"},
		{Name: "mdelete", Aliases: words("mdel"), Group: RemoteVerbs, Needs: Login, Effect: OnlyOnce, Foresee: foreseeDelete, Settle: settleGone, Run: mdelete, Args: []Arg{files}, Brief: "delete many files; the shell asks for each"},
		{Name: "rename", Aliases: words("ren mv move"), Group: RemoteVerbs, Needs: Login, Effect: OnlyOnce, Foresee: foreseeRename, Settle: settleRenamed, Run: rename,
			Args:     []Arg{{Name: "FROM", Kind: RemoteAny}, {Name: "TO", Kind: RemoteAny, Many: true}},
			Examples: []string{"rename a.txt b.txt", "rename *.csv archive/"},
			Brief:    "give a name another, or move many into a directory"},
		{Name: "chmod", Group: RemoteVerbs, Needs: Login, Effect: Again, Run: chmod, Args: []Arg{{Name: "MODE"}, remotes},
			Examples: []string{"chmod 640 report.csv"},
			Brief:    "change permissions (SITE CHMOD)"},
		{Name: "umask", Group: RemoteVerbs, Needs: Login, Effect: Session, Run: siteWord("UMASK"), Args: []Arg{{Name: "MASK", Opt: true}}, Brief: "show or set the mask of new files' permissions (SITE UMASK)"},
		{Name: "ln", Aliases: words("symlink"), Group: RemoteVerbs, Needs: Login, Effect: OnlyOnce, Settle: settleLinked, Run: ln, Args: []Arg{{Name: "TARGET", Kind: RemoteAny}, {Name: "NAME", Kind: RemoteFile}},
			Flags:    []Flag{{Name: "-s", Brief: "the only kind there is"}},
			Examples: []string{"ln -s report-22.csv report.csv"},
			Brief:    "make a symbolic link (SITE SYMLINK)"},
		{Name: "touch", Group: RemoteVerbs, Needs: Login, Effect: Again, Run: touch, Args: []Arg{files},
			Flags:    []Flag{{Name: "-d", Arg: "TIME", Brief: "to this time in UTC, not to now"}},
			Examples: []string{"touch report.csv", "touch -d 2026-11-22T12:00:00Z report.csv"},
			Brief:    "set the time of files"},
		{Name: "cat", Group: RemoteVerbs, Needs: Login, Effect: Looks, Run: cat, Args: []Arg{files},
			Examples: []string{"cat notes.txt"},
			Brief:    "print remote files"},
		{Name: "more", Aliases: words("less page"), Group: RemoteVerbs, Needs: Login, Effect: Looks, Run: more, Args: []Arg{files},
			Examples: []string{"more notes.txt"},
			Brief:    "show remote files a page at a time"},

		{Name: "edit", Aliases: words("vi"), Group: RemoteVerbs, Needs: Login, Run: edit, Args: []Arg{{Name: "FILE", Kind: RemoteFile}},
			Examples: []string{"edit notes.txt"},
			Brief:    "change a remote file in $VISUAL or $EDITOR",
			Detail:   "It is uploaded if you have changed it, in one step, and not over what somebody\nelse has changed: then you are asked."},

		{Name: "lcd", Group: LocalVerbs, Effect: Session, Run: lcd, Args: []Arg{{Name: "DIR", Kind: LocalDir, Opt: true}},
			Examples: []string{"lcd ~/reports", "lcd   # home"},
			Brief:    "change the local directory"},
		{Name: "lcdup", Group: LocalVerbs, Effect: Session, Run: lcdup, Brief: "go to the parent of the local directory"},
		{Name: "lpwd", Group: LocalVerbs, Effect: Looks, Run: lpwd, Brief: "print the local directory"},
		{Name: "lls", Aliases: words("ldir"), Group: LocalVerbs, Effect: Looks, Run: lls, Flags: listFlags()[:7], Args: []Arg{{Name: "LOCAL", Kind: LocalAny, Opt: true}},
			Examples: []string{"lls -l"},
			Brief:    "list local names"},
		{Name: "lcat", Aliases: words("ltype"), Group: LocalVerbs, Effect: Looks, Run: lcat, Args: []Arg{{Name: "FILE", Kind: LocalFile, Many: true}}, Brief: "print local files"},
		{Name: "lmkdir", Aliases: words("lmd"), Group: LocalVerbs, Effect: Again, Settle: settleMadeHere, Run: lmkdir, Args: []Arg{many(ldir)},
			Flags: []Flag{{Name: "-p", Brief: "its parents too, and no failure when it exists"}}, Brief: "make local directories"},
		{Name: "!", Aliases: words("shell"), Group: LocalVerbs, Takes: Rest, Run: shell, Args: []Arg{{Name: "COMMAND", Kind: Shell, Opt: true}},
			Examples: []string{"!ls -l", "!   # a shell; exit comes back"},
			Brief:    "run a command of the local shell",
			Detail:   "Arguments of the script are its $1, $2, …; variables are in its environment."},

		{Name: "binary", Aliases: words("image bin"), Group: SettingVerbs, Run: setType(proto.TypeI), Brief: "transfer bytes as they are (the default)"},
		{Name: "ascii", Group: SettingVerbs, Run: setType(proto.TypeA), Brief: "transfer text, with each system's line ends"},
		{Name: "ebcdic", Group: SettingVerbs, Run: setType(proto.TypeE), Brief: "transfer text in EBCDIC"},
		{Name: "tenex", Group: SettingVerbs, Run: setType(proto.TypeL), Brief: "transfer bytes of 8 bits (TYPE L 8)"},
		{Name: "type", Group: SettingVerbs, Run: typeVerb, Flags: nil,
			Args:     []Arg{{Name: "TYPE", Kind: RemoteFile, Opt: true, Values: words("ascii binary image ebcdic local")}, {Name: "FORM", Opt: true}},
			Examples: []string{"type ascii", "type notes.txt"},
			Brief:    "set the type of transfers, or show a remote file",
			Detail:   "type ascii, binary, image, ebcdic or local sets the type; type NAME shows a\nfile, as in cmd.exe."},
		{Name: "struct", Aliases: words("stru"), Group: SettingVerbs, Run: struVerb, Args: []Arg{{Name: "STRUCTURE", Kind: Choice, Values: words("file record page")}}, Brief: "set the structure of files"},
		{Name: "mode", Group: SettingVerbs, Run: modeVerb, Args: []Arg{{Name: "MODE", Kind: Choice, Values: words("stream block compressed deflate z")}}, Brief: "set the mode of transfers"},
		{Name: "form", Group: SettingVerbs, Run: formVerb, Args: []Arg{{Name: "FORM", Kind: Choice, Values: words("nonprint telnet control")}}, Brief: "set the form of text: how printers are controlled"},
		{Name: "passive", Aliases: words("pasv"), Group: SettingVerbs, Run: passive, Args: []Arg{onOff},
			Examples: []string{"passive", "passive off"},
			Brief:    "let the client open data connections",
			Detail:   "In the shell it changes to the other way without an argument, as in ftp(1); in\na script it always means on."},
		{Name: "active", Aliases: words("port"), Group: SettingVerbs, Run: active, Brief: "let the server open data connections"},
		{Name: "epsv", Group: SettingVerbs, Run: method(client.PassiveExtended), Brief: "data connections by EPSV only"},
		{Name: "eprt", Group: SettingVerbs, Run: method(client.ActiveExtended), Brief: "data connections by EPRT only"},
		{Name: "set", Group: SettingVerbs, Run: set, Flags: keepFlag(), Args: []Arg{{Name: "NAME", Kind: SettingName, Opt: true}, {Name: "VALUE", Kind: SettingValue, Opt: true}},
			Examples: []string{"set", "set existing", "set existing skip", "set -k tls on   # in later sessions too"},
			Brief:    "list, show or change settings and variables",
			Detail:   "set alone lists each setting: name, value, default and meaning. What -k keeps\nis set again whenever the shell starts; it stands in ~/.config/ferry/config,\nwhose lines are those of the shell."},
		{Name: "unset", Group: SettingVerbs, Run: unset, Flags: keepFlag(), Args: []Arg{{Name: "NAME", Kind: SettingName}},
			Examples: []string{"unset existing", "unset -k tls"},
			Brief:    "put a setting back, or forget a variable"},
		{Name: "alias", Group: SettingVerbs, Takes: Rest, Run: alias, Flags: keepFlag(),
			Args:     []Arg{{Name: "NAME", Opt: true}, {Name: "COMMAND", Kind: Typed, Opt: true}},
			Examples: []string{"alias ll ls -l", "alias -k up put -r site www"},
			Brief:    "list, show or make words of your own for the prompt",
			Detail:   "What follows the word goes behind the command. An alias may hide a verb."},
		{Name: "unalias", Group: SettingVerbs, Run: unalias, Flags: keepFlag(), Args: []Arg{{Name: "NAME", Kind: AliasName}},
			Examples: []string{"unalias -k up"},
			Brief:    "forget an alias"},
		{Name: "prompt", Group: SettingVerbs, Run: flip("prompt"), Args: []Arg{onOff}, Brief: "let mget, mput and mdelete ask for each name", Detail: "Scripts ask nobody, however this stands."},
		{Name: "hash", Group: SettingVerbs, Run: flip("hash"), Args: []Arg{onOff}, Brief: "print # while bytes move"},
		{Name: "bell", Group: SettingVerbs, Run: flip("bell"), Args: []Arg{onOff}, Brief: "ring when a transfer is done"},
		{Name: "verbose", Group: SettingVerbs, Run: flip("verbose"), Args: []Arg{onOff}, Brief: "show the server's replies"},
		{Name: "debug", Aliases: words("trace"), Group: SettingVerbs, Run: debug, Args: []Arg{onOff},
			Examples: []string{"debug on"},
			Brief:    "show the whole dialogue, secrets starred"},
		{Name: "glob", Group: SettingVerbs, Run: flip("glob"), Args: []Arg{onOff}, Brief: "read *, ?, [ and { in names as patterns"},
		{Name: "runique", Group: SettingVerbs, Run: flip("runique"), Args: []Arg{onOff}, Brief: "give downloads a free name, never replace"},
		{Name: "sunique", Group: SettingVerbs, Run: flip("sunique"), Args: []Arg{onOff}, Brief: "let the server choose the names of uploads"},
		{Name: "progress", Group: SettingVerbs, Run: flip("progress"), Args: []Arg{onOff}, Brief: "show how far transfers are"},
		{Name: "option", Group: SettingVerbs, Run: option, Check: checkOption, Args: []Arg{{Name: "NAME"}, {Name: "VALUE", Opt: true}}, Brief: "set what WinSCP calls batch, confirm and echo"},

		{Name: "echo", Group: ScriptVerbs, Run: echo, Args: []Arg{{Name: "WORD", Opt: true, Many: true}}, Brief: "print words"},

		{Name: "macdef", Group: ScriptVerbs, Takes: Lines, Effect: Session, Run: macdef, Args: []Arg{{Name: "NAME"}},
			Brief:  "keep the lines up to an empty one as a macro",
			Detail: `$ NAME runs it; $1, $2, … are its arguments, and with $i it runs once for each.`},
		{Name: "$", Group: ScriptVerbs, Effect: Session, Run: runMacro, Args: []Arg{{Name: "NAME"}, {Name: "WORD", Opt: true, Many: true}}, Brief: "run a macro"},
		{Name: "assert", Group: ScriptVerbs, Run: assert, Check: checkAssert,
			Args:     []Arg{{Name: "WHAT", Kind: Choice, Values: assertNames()}, {Name: "NAME", Kind: RemoteAny}, {Name: "VALUE", Opt: true}},
			Examples: []string{"assert exists done.txt", "assert size big.iso 1000000", "assert same a.txt b.txt"},
			Brief:    "fail unless something is so",
			Detail:   "assert exists|missing REMOTE, size REMOTE BYTES, count REMOTE-DIR NUMBER,\nchecksum REMOTE HEX, same LOCAL LOCAL (files, or trees with all that is in\nthem)."},

		{Name: "help", Aliases: words("? man"), Group: HelpVerbs, Run: help, Args: []Arg{{Name: "VERB", Kind: VerbName, Opt: true}},
			Examples: []string{"help put", "help transfer", "help keys"},
			Brief:    "list the verbs, or explain one"},
		{Name: "history", Group: HelpVerbs, Run: history, Brief: "list what was typed"},
		{Name: "record", Group: HelpVerbs, Effect: Session, Run: recordVerb, Args: []Arg{{Name: "FILE|off", Kind: LocalFile, Opt: true}},
			Examples: []string{"record nightly.ftp   # from here on", "record off"},
			Brief:    "write down what works as a script for ferry run",
			Detail:   "Passwords are left out; what was answered becomes a flag, what failed a\ncomment. ferry record FILE does it from the start."},
		{Name: "cls", Aliases: words("clear"), Group: HelpVerbs, Run: clearScreen, Brief: "empty the screen"},
	}
}

func keepFlag() []Flag {
	return []Flag{{Name: "-k", Long: "--keep", Brief: "in later sessions too"}}
}

func many(a Arg) Arg {
	a.Many = true
	return a
}
