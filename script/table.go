package script

import (
	"ferry/proto"
	"ferry/proto/client"
)

// Verbs is the language: the one list. A verb is one row here and one function
// in a verb_….go.
func Verbs() []Verb {
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
			Brief: "connect to a server, and log in where it is known as whom",
			Detail: `HOST is a name, an address, HOST:PORT, USER@HOST or ftp://USER@HOST/DIR.
The password is the line's or the URL's, else FERRY_PASSWORD, else that of
~/.netrc, else it is asked for. A script doesn't ask: it logs in with user, or
with a name and a password on lines of their own, as for Windows' ftp -s; one
that does neither is a guest.`},
		{Name: "user", Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: user,
			Args:   []Arg{{Name: "NAME", Kind: User}, {Name: "PASSWORD", Kind: Secret, Opt: true}, {Name: "ACCOUNT", Kind: Secret, Opt: true}},
			Brief:  "log in",
			Detail: "The rest of the line is taken as it is: # and quotes within a password need no care."},
		{Name: "account", Aliases: words("acct"), Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: account,
			Args: []Arg{{Name: "ACCOUNT", Kind: Secret, Opt: true}}, Brief: "send the account that some servers want"},
		{Name: "close", Aliases: words("disconnect"), Group: ConnectionVerbs, Run: closeConnection, Brief: "end the connection"},
		{Name: "reopen", Aliases: words("reconnect"), Group: ConnectionVerbs, Run: reopen, Brief: "connect again to where one was"},
		{Name: "quit", Aliases: words("bye exit"), Group: ConnectionVerbs, Run: quit,
			Args: []Arg{{Name: "CODE", Kind: Number, Opt: true}}, Brief: "end the connection and the session"},
		{Name: "trust", Group: ConnectionVerbs, Run: knownServers,
			Args:  []Arg{{Name: "HOST", Kind: Host, Opt: true}},
			Flags: []Flag{{Name: "-d", Long: "--delete", Brief: "forget it"}},
			Brief: "list which servers are known, and their certificates",
			Detail: `A certificate that no authority vouches for is shown by the shell, and
remembered when you trust it. A script trusts those, and the one that set pin
names. A server that had TLS once is not sent a password in clear again.`},
		{Name: "status", Group: ConnectionVerbs, Run: status, Brief: "tell how things stand at this end"},
		{Name: "features", Aliases: words("feat feats"), Group: ConnectionVerbs, Needs: Login, Run: features, Brief: "list what the server says it can do"},
		{Name: "system", Aliases: words("syst"), Group: ConnectionVerbs, Needs: Connection, Run: system, Brief: "tell what the server runs on"},
		{Name: "rstatus", Aliases: words("remotestatus"), Group: ConnectionVerbs, Needs: Connection, Run: rstatus,
			Args: []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}}, Brief: "ask the server how things stand (STAT)"},
		{Name: "rhelp", Aliases: words("remotehelp"), Group: ConnectionVerbs, Needs: Connection, Run: rhelp,
			Args: []Arg{{Name: "COMMAND", Opt: true}}, Brief: "ask the server for help (HELP)"},
		{Name: "quote", Aliases: words("literal rawcommand"), Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: quote,
			Args: []Arg{rest}, Brief: "send a command of FTP as it is"},
		{Name: "site", Group: ConnectionVerbs, Needs: Connection, Takes: Rest, Run: site,
			Args: []Arg{rest}, Brief: "send a SITE command as it is"},
		{Name: "noop", Aliases: words("nop"), Group: ConnectionVerbs, Needs: Connection, Run: noop, Brief: "do nothing, so that the connection stays"},
		{Name: "idle", Group: ConnectionVerbs, Needs: Login, Run: siteWord("IDLE"),
			Args: []Arg{{Name: "SECONDS", Kind: Number, Opt: true}}, Brief: "show or set how long the server lets one idle"},

		{Name: "get", Aliases: words("recv"), Group: TransferVerbs, Needs: Login, Run: get, Flags: transferFlags(),
			Args:  []Arg{remote, {Name: "LOCAL", Kind: LocalAny, Opt: true}},
			Brief: "download a file, or what a pattern matches",
			Detail: `A second name is the target; "-" is the output. Many names: a pattern, mget, or
-- before them. A file gets its name only when it is whole; what a broken
download left is continued by -c.`},
		{Name: "mget", Aliases: words("mreget"), Group: TransferVerbs, Needs: Login, Run: mget, Flags: transferFlags(),
			Args: []Arg{remotes}, Brief: "download many files"},
		{Name: "reget", Group: TransferVerbs, Needs: Login, Run: reget, Flags: transferFlags(),
			Args: []Arg{remote, {Name: "LOCAL", Kind: LocalAny, Opt: true}}, Brief: "go on with a download that broke"},
		{Name: "newer", Group: TransferVerbs, Needs: Login, Run: newer, Flags: transferFlags(),
			Args: []Arg{remote, {Name: "LOCAL", Kind: LocalAny, Opt: true}}, Brief: "download what is newer than the local file"},
		{Name: "put", Aliases: words("send"), Group: TransferVerbs, Needs: Login, Run: put, Flags: transferFlags(),
			Args:  []Arg{local, {Name: "REMOTE", Kind: RemoteAny, Opt: true}},
			Brief: "upload a file, or what a pattern matches",
			Detail: `A second name is the target; "-" as the first is the input. Many names: a
pattern, mput, or -- before them. A file goes up under a temporary name and is
renamed when it is whole, where the server can do that.`},
		{Name: "mput", Aliases: words("msend"), Group: TransferVerbs, Needs: Login, Run: mput, Flags: transferFlags(),
			Args: []Arg{locals}, Brief: "upload many files"},
		{Name: "reput", Group: TransferVerbs, Needs: Login, Run: reput, Flags: transferFlags(),
			Args: []Arg{local, {Name: "REMOTE", Kind: RemoteAny, Opt: true}}, Brief: "go on with an upload that broke"},
		{Name: "append", Group: TransferVerbs, Needs: Login, Run: appendFile,
			Args: []Arg{local, {Name: "REMOTE", Kind: RemoteFile, Opt: true}}, Brief: "add a local file to the end of a remote one"},
		{Name: "copy", Aliases: words("cp"), Group: TransferVerbs, Needs: Login, Run: copyRemote,
			Args: []Arg{{Name: "FROM", Kind: RemoteFile}, {Name: "TO", Kind: RemoteAny}}, Brief: "copy a remote file to another remote name"},
		{Name: "fxp", Group: TransferVerbs, Run: fxp,
			Args: []Arg{{Name: "FROM", Kind: Host}, {Name: "TO", Kind: Host}},
			Flags: []Flag{
				{Name: "-c", Long: "--continue", Brief: "go on where an earlier one stopped"},
				{Name: "--listen", Long: "--listen", Arg: "from|to", Brief: "which of the servers opens the port (default: to, else from)"},
			},
			Brief: "have one server send a file to another",
			Detail: `FROM and TO are URLs, or one of them is a name at the server that is open:
ftp://anna@host/dir/file. The bytes go from server to server. Both must allow
that: ferry serve --fxp, vsftpd's port_promiscuous and pasv_promiscuous,
ProFTPD's AllowForeignAddress.`},
		{Name: "restart", Group: TransferVerbs, Needs: Login, Run: restartAt,
			Args: []Arg{{Name: "BYTE", Kind: Number}}, Brief: "begin the next get or put at this byte of both files"},

		{Name: "ls", Group: ListingVerbs, Needs: Login, Run: ls, Flags: listFlags(),
			Args: []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}, into}, Brief: "list names",
			Detail: "A second word is a local file for the listing, as in ftp(1)."},
		{Name: "dir", Aliases: words("ll"), Group: ListingVerbs, Needs: Login, Run: dir, Flags: listFlags(),
			Args: []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}, into}, Brief: "list names with kind, size and time"},
		{Name: "nlist", Aliases: words("nls nlst"), Group: ListingVerbs, Needs: Login, Run: nlist,
			Args: []Arg{{Name: "REMOTE", Kind: RemoteDir, Opt: true}, into}, Brief: "list names as the server's NLST gives them"},
		{Name: "size", Group: ListingVerbs, Needs: Login, Run: size, Args: []Arg{files}, Brief: "print the size of files in bytes"},
		{Name: "modtime", Aliases: words("mdtm"), Group: ListingVerbs, Needs: Login, Run: modtime, Args: []Arg{files}, Brief: "print the time of the last change, in UTC"},
		{Name: "stat", Aliases: words("mlst"), Group: ListingVerbs, Needs: Login, Run: stat,
			Args: []Arg{{Name: "REMOTE", Kind: RemoteAny, Opt: true}}, Brief: "print kind, size, time and name of one file or directory"},
		{Name: "checksum", Aliases: words("sum"), Group: ListingVerbs, Needs: Login, Run: checksum, Args: []Arg{files},
			Flags: []Flag{{Name: "-a", Long: "--algorithm", Arg: "NAME", Brief: "CRC32, MD5, SHA-1, SHA-256 or SHA-512"}},
			Brief: "print checksums that the server computes"},
		{Name: "find", Group: ListingVerbs, Needs: Login, Run: find,
			Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}, {Name: "PATTERN", Opt: true}},
			Flags: []Flag{
				{Name: "-l", Brief: "kind, size, time and name"},
				{Name: "-h", Brief: "sizes for people"},
				{Name: "-t", Arg: "f|d", Brief: "files only, or directories only"},
				{Name: "-d", Arg: "DEPTH", Kind: Number, Brief: "at most so many directories deep"},
			},
			Brief: "print the names of all that is below a directory", Detail: "find . *.csv prints those that match; the pattern is about the last part of a name."},
		{Name: "du", Group: ListingVerbs, Needs: Login, Run: du,
			Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}},
			Flags: []Flag{
				{Name: "-s", Brief: "the sum only"},
				{Name: "-h", Brief: "sizes for people"},
			},
			Brief: "print how many bytes lie in a directory and in those below it"},
		{Name: "df", Group: ListingVerbs, Needs: Login, Run: df, Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}}, Brief: "print how many bytes are free at the server"},

		{Name: "cd", Aliases: words("cwd chdir"), Group: RemoteVerbs, Needs: Login, Run: cd,
			Args: []Arg{{Name: "DIR", Kind: RemoteDir, Opt: true}}, Brief: "change the remote directory"},
		{Name: "cdup", Aliases: words("up cd.."), Group: RemoteVerbs, Needs: Login, Run: cdup, Brief: "go to the parent of the remote directory"},
		{Name: "pwd", Group: RemoteVerbs, Needs: Login, Run: pwd, Brief: "print the remote directory"},
		{Name: "mkdir", Aliases: words("md mkd"), Group: RemoteVerbs, Needs: Login, Run: mkdir, Args: []Arg{many(rdir)},
			Flags: []Flag{{Name: "-p", Brief: "its parents too, and no failure when it exists"}}, Brief: "make directories"},
		{Name: "rmdir", Aliases: words("rd rmd"), Group: RemoteVerbs, Needs: Login, Run: rmdir, Args: []Arg{many(rdir)}, Brief: "remove empty directories"},
		{Name: "rm", Group: RemoteVerbs, Needs: Login, Run: rm, Args: []Arg{remotes},
			Flags: []Flag{
				{Name: "-r", Long: "--recursive", Brief: "directories with all that is in them"},
				{Name: "-f", Long: "--force", Brief: "ask nothing, and don't fail for what is not there"},
			},
			Brief: "delete files, or whole trees"},
		{Name: "delete", Aliases: words("dele del erase"), Group: RemoteVerbs, Needs: Login, Run: deleteFiles, Args: []Arg{files}, Brief: "delete files"},
		{Name: "mdelete", Aliases: words("mdel"), Group: RemoteVerbs, Needs: Login, Run: mdelete, Args: []Arg{files}, Brief: "delete many files; the shell asks for each"},
		{Name: "rename", Aliases: words("ren mv move"), Group: RemoteVerbs, Needs: Login, Run: rename,
			Args: []Arg{{Name: "FROM", Kind: RemoteAny}, {Name: "TO", Kind: RemoteAny, Many: true}}, Brief: "give a name another, or move many into a directory"},
		{Name: "chmod", Group: RemoteVerbs, Needs: Login, Run: chmod, Args: []Arg{{Name: "MODE"}, remotes}, Brief: "change permissions (SITE CHMOD)"},
		{Name: "umask", Group: RemoteVerbs, Needs: Login, Run: siteWord("UMASK"), Args: []Arg{{Name: "MASK", Opt: true}}, Brief: "show or set the mask of new files' permissions (SITE UMASK)"},
		{Name: "ln", Aliases: words("symlink"), Group: RemoteVerbs, Needs: Login, Run: ln, Args: []Arg{{Name: "TARGET", Kind: RemoteAny}, {Name: "NAME", Kind: RemoteFile}},
			Flags: []Flag{{Name: "-s", Brief: "the only kind there is"}}, Brief: "make a symbolic link (SITE SYMLINK)"},
		{Name: "touch", Group: RemoteVerbs, Needs: Login, Run: touch, Args: []Arg{files},
			Flags: []Flag{{Name: "-d", Arg: "TIME", Brief: "to this time in UTC, not to now"}}, Brief: "set the time of files"},
		{Name: "cat", Group: RemoteVerbs, Needs: Login, Run: cat, Args: []Arg{files}, Brief: "print remote files"},
		{Name: "more", Aliases: words("less page"), Group: RemoteVerbs, Needs: Login, Run: more, Args: []Arg{files}, Brief: "show remote files a page at a time"},

		{Name: "lcd", Group: LocalVerbs, Run: lcd, Args: []Arg{{Name: "DIR", Kind: LocalDir, Opt: true}}, Brief: "change the local directory"},
		{Name: "lcdup", Group: LocalVerbs, Run: lcdup, Brief: "go to the parent of the local directory"},
		{Name: "lpwd", Group: LocalVerbs, Run: lpwd, Brief: "print the local directory"},
		{Name: "lls", Aliases: words("ldir"), Group: LocalVerbs, Run: lls, Flags: listFlags()[:7], Args: []Arg{{Name: "LOCAL", Kind: LocalAny, Opt: true}}, Brief: "list local names"},
		{Name: "lcat", Aliases: words("ltype"), Group: LocalVerbs, Run: lcat, Args: []Arg{{Name: "FILE", Kind: LocalFile, Many: true}}, Brief: "print local files"},
		{Name: "lmkdir", Aliases: words("lmd"), Group: LocalVerbs, Run: lmkdir, Args: []Arg{many(ldir)},
			Flags: []Flag{{Name: "-p", Brief: "its parents too, and no failure when it exists"}}, Brief: "make local directories"},
		{Name: "!", Aliases: words("shell"), Group: LocalVerbs, Takes: Rest, Run: shell, Args: []Arg{{Name: "COMMAND", Kind: Shell, Opt: true}},
			Brief:  "run a command of the local shell",
			Detail: "Arguments of the script are its $1, $2, …; variables are in its environment."},

		{Name: "binary", Aliases: words("image bin"), Group: SettingVerbs, Run: setType(proto.TypeI), Brief: "transfer bytes as they are (the default)"},
		{Name: "ascii", Group: SettingVerbs, Run: setType(proto.TypeA), Brief: "transfer text, with each system's line ends"},
		{Name: "ebcdic", Group: SettingVerbs, Run: setType(proto.TypeE), Brief: "transfer text in EBCDIC"},
		{Name: "tenex", Group: SettingVerbs, Run: setType(proto.TypeL), Brief: "transfer bytes of 8 bits (TYPE L 8)"},
		{Name: "type", Group: SettingVerbs, Run: typeVerb, Flags: nil,
			Args:   []Arg{{Name: "TYPE", Kind: RemoteFile, Opt: true, Values: words("ascii binary image ebcdic local")}, {Name: "FORM", Opt: true}},
			Brief:  "set the type of transfers, or show a remote file",
			Detail: "type ascii, binary, image, ebcdic or local sets the type; type NAME shows a file, as in cmd.exe."},
		{Name: "struct", Aliases: words("stru"), Group: SettingVerbs, Run: struVerb, Args: []Arg{{Name: "STRUCTURE", Kind: Choice, Values: words("file record page")}}, Brief: "set the structure of files"},
		{Name: "mode", Group: SettingVerbs, Run: modeVerb, Args: []Arg{{Name: "MODE", Kind: Choice, Values: words("stream block compressed deflate z")}}, Brief: "set the mode of transfers"},
		{Name: "form", Group: SettingVerbs, Run: formVerb, Args: []Arg{{Name: "FORM", Kind: Choice, Values: words("nonprint telnet control")}}, Brief: "set the form of text: how printers are controlled"},
		{Name: "passive", Aliases: words("pasv"), Group: SettingVerbs, Run: passive, Args: []Arg{onOff}, Brief: "let the client open data connections",
			Detail: "In the shell it changes to the other way without an argument, as in ftp(1); in a script it always means on."},
		{Name: "active", Aliases: words("port"), Group: SettingVerbs, Run: active, Brief: "let the server open data connections"},
		{Name: "epsv", Group: SettingVerbs, Run: method(client.PassiveExtended), Brief: "data connections by EPSV only"},
		{Name: "eprt", Group: SettingVerbs, Run: method(client.ActiveExtended), Brief: "data connections by EPRT only"},
		{Name: "set", Group: SettingVerbs, Run: set, Args: []Arg{{Name: "NAME", Kind: SettingName, Opt: true}, {Name: "VALUE", Kind: SettingValue, Opt: true}},
			Brief: "list, show or change settings and variables"},
		{Name: "unset", Group: SettingVerbs, Run: unset, Args: []Arg{{Name: "NAME", Kind: SettingName}}, Brief: "put a setting back, or forget a variable"},
		{Name: "prompt", Group: SettingVerbs, Run: flip("prompt"), Args: []Arg{onOff}, Brief: "let mget, mput and mdelete ask for each name", Detail: "Scripts ask nobody, however this stands."},
		{Name: "hash", Group: SettingVerbs, Run: flip("hash"), Args: []Arg{onOff}, Brief: "print # while bytes move"},
		{Name: "bell", Group: SettingVerbs, Run: flip("bell"), Args: []Arg{onOff}, Brief: "ring when a transfer is done"},
		{Name: "verbose", Group: SettingVerbs, Run: flip("verbose"), Args: []Arg{onOff}, Brief: "show the server's replies"},
		{Name: "debug", Aliases: words("trace"), Group: SettingVerbs, Run: debug, Args: []Arg{onOff}, Brief: "show the whole dialogue, secrets starred"},
		{Name: "glob", Group: SettingVerbs, Run: flip("glob"), Args: []Arg{onOff}, Brief: "read *, ?, [ and { in names as patterns"},
		{Name: "runique", Group: SettingVerbs, Run: flip("runique"), Args: []Arg{onOff}, Brief: "give downloads a free name, never replace"},
		{Name: "sunique", Group: SettingVerbs, Run: flip("sunique"), Args: []Arg{onOff}, Brief: "let the server choose the names of uploads"},
		{Name: "progress", Group: SettingVerbs, Run: flip("progress"), Args: []Arg{onOff}, Brief: "show how far transfers are"},
		{Name: "option", Group: SettingVerbs, Run: option, Args: []Arg{{Name: "NAME"}, {Name: "VALUE", Opt: true}}, Brief: "set what WinSCP calls batch, confirm and echo"},

		{Name: "echo", Group: ScriptVerbs, Run: echo, Args: []Arg{{Name: "WORD", Opt: true, Many: true}}, Brief: "print words"},

		{Name: "macdef", Group: ScriptVerbs, Takes: Lines, Run: macdef, Args: []Arg{{Name: "NAME"}},
			Brief:  "keep the lines up to an empty one as a macro",
			Detail: `$ NAME runs it; $1, $2, … are its arguments, and with $i it runs once for each.`},
		{Name: "$", Group: ScriptVerbs, Run: runMacro, Args: []Arg{{Name: "NAME"}, {Name: "WORD", Opt: true, Many: true}}, Brief: "run a macro"},
		{Name: "assert", Group: ScriptVerbs, Run: assert,
			Args:   []Arg{{Name: "WHAT", Kind: Choice, Values: assertNames()}, {Name: "NAME", Kind: RemoteAny}, {Name: "VALUE", Opt: true}},
			Brief:  "fail unless something is so",
			Detail: "assert exists|missing REMOTE, size REMOTE BYTES, count REMOTE-DIR NUMBER,\nchecksum REMOTE HEX, same LOCAL LOCAL (files, or trees with all that is in them)."},

		{Name: "help", Aliases: words("? man"), Group: HelpVerbs, Run: help, Args: []Arg{{Name: "VERB", Kind: VerbName, Opt: true}}, Brief: "list the verbs, or explain one"},
		{Name: "history", Group: HelpVerbs, Run: history, Brief: "list what was typed"},
		{Name: "cls", Aliases: words("clear"), Group: HelpVerbs, Run: clearScreen, Brief: "empty the screen"},
	}
}

func many(a Arg) Arg {
	a.Many = true
	return a
}
