package from

import (
	"strings"
	"testing"
)

func known(name, value string) (own, to string, ok bool) {
	switch name {
	case "ftp:ssl-force":
		return "tls", "on", true
	case "cmd:fail-exit":
		return "on-error", map[string]string{"no": "continue"}[value], true
	case "ftp:sync-mode":
		return "", "", true
	}
	return "", "", false
}

// plain finds a secret where it is called one.
func plain(line string) (shown string, has bool) {
	return strings.ReplaceAll(line, "CANARY", "****"), strings.Contains(line, "CANARY")
}

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ dialect, in, want string }{
		{"lftp", "open ftp.h", "open ftp.h"},
		{"lftp", "site x CANARY; ls", "# line 1: a secret is left out: site x ****\ndir"},
		{"lftp", "open -p 2121 -u anna,pw ftp.h", "# the password comes from FERRY_PASSWORD, password-file, password-command or ~/.netrc\nopen -u anna ftp.h:2121"},
		{"lftp", "open ftp://anna@h/dir; cd x;ls", "open ftp://anna@h/dir\ncd x\ndir"},
		{"lftp", "open -e 'cd a; get b; bye' h", "open h\ncd a\nget b\nquit"},
		{"lftp", "get a 'b c' -o d", "get a\nget \"b c\" d"},
		{"lftp", "get -c -O /tmp a*b", "get -c -O /tmp \"a*b\""},
		{"lftp", "put -E x", "put x\nif ok\n  lrm x\nend"},
		{"lftp", "mget -E *.csv", "for f in remote:*.csv\n  get ${f}\n  if ok\n    rm ${f}\n  end\nend"},
		{"lftp", "mput -O in -c *.csv a\\*", "mput -c -O in *.csv \"a*\""},
		{"lftp", "pget -n 5 big.iso -o b", "pget -n 5 big.iso b"},
		{"lftp", "get -a notes", "ascii\nget notes\nbinary"},
		{"lftp", "mirror -R -e -v -P 4 -x '\\.git/' -X '*.tmp' --no-perms site www", "mirror -R --delete --parallel 4 -x '.git/' -x '*.tmp' --links skip site www"},
		{"lftp", "mirror -i '^data' -x '\\.bak$' a", "mirror -i 'data*' -x '*.bak' a"},
		{"lftp", "mirror -X '*' -I '*.csv' a", "# line 1: mirror with an exclusion before an inclusion"},
		{"lftp", "mirror --only-missing a", "# line 1: mirror --only-missing has no counterpart"},
		{"lftp", "mirror -x 'a|b' a", "# line 1: mirror -x with this regular expression"},
		{"lftp", "mrm *.tmp; glob -a rm *.x; mmv *.a dir", "rm *.tmp\nrm *.x\nrename *.a dir"},
		{"lftp", "mkdir -p a/b; mkdir -f c; rm -rf d; mv a b", "mkdir -p a/b\n-mkdir c\nrm -r -f d\nrename a b"},
		{"lftp", "cd a && put b && exit", "cd a\nput b\nquit"},
		{"lftp", "put x || exit 1", "put x"},
		{"lftp", "cd a || mkdir a", "-cd a\nif failed\n  mkdir a\nend"},
		{"lftp", "a &&\n cd b", "# line 1: a has no counterpart\ncd b"},
		{"lftp", "put a & queue get b; jobs; wait all", "put a &\nqueue get b\njobs\nwait all"},
		{"lftp", "cls -1 > list; ls | sort -r; du -sh >> x", "ls -1 > list\ndir | sort -r\ndu -s -h >> x"},
		{"lftp", "set ftp:ssl-force true; set ftp:sync-mode off; set ssl:x y", "set tls on\n# set ftp:sync-mode is not needed here\n# line 1: set ssl:x has no counterpart"},
		{"lftp", "# c\n\n!ls -l; x", "# c\n\n!ls -l; x"},
		{"lftp", "repeat 5 ls", "# line 1: repeat has no counterpart"},
		{"lftp", "(cd a; ls)", "# line 1: a group in parentheses"},
		{"lftp", "put a\\\n  b", "put a\nput b"},
		{"lftp", "local cd x; local foo; sleep 5", "lcd x\n# line 1: local foo\n!sleep 5"},

		// flags, one by one
		{"lftp", "open -d -u anna --env-password h", "debug on\n# the password comes from FERRY_PASSWORD, password-file, password-command or ~/.netrc\nopen -u anna h"},
		{"lftp", "open -s 3 h", "# line 1: open -s has no counterpart"},
		{"lftp", "get -e a; mget -e *.a; put -e -P 3 b; mput -P 2 c*", "get --existing overwrite a\nmget --existing overwrite *.a\nput --existing overwrite --parallel 3 b\nmput --parallel 2 c*"},
		{"lftp", "mget -d a/*; mput -d b/*", "# line 1: mget -d has no counterpart\n# line 1: mput -d has no counterpart"},
		{"lftp", "get ftp://h/a; get a -o ftp://h/b; mput -O ftp://h/d x; mirror ftp://h/a b", "# line 1: get with a URL\n# line 1: get with a URL\n# line 1: mput with a URL\n# line 1: mirror with a URL"},
		{"lftp", "reput -c -O d x; reget y; get1 z", "reput -c -O d x\nreget y\nget z"},
		{"lftp", "get -E a &", "# line 1: get with these options in the background"},
		{"lftp", "queue get -E a; queue get -a b", "# line 1: queue of get with these options\n# line 1: queue of get with these options"},
		{"lftp", "get -E a || echo no", "-get a\nif ok\n  -rm a\nend\nif failed\n  echo no\nend"},
		{"lftp", "mirror", "mirror . ."},
		{"lftp", "mirror a", "mirror a"},
		{"lftp", "mirror a/b c/; mirror a/b/ c/; mirror a /; mirror a .", "mirror a/b c/b\nmirror a/b/ c/\nmirror a /\nmirror a ."},
		{"lftp", "mirror -c -v --delete-first --parallel=3 a b", "mirror --delete --parallel 3 a b"},
		{"lftp", "mirror -n -L a b; mirror -RL a b; mirror -R --no-symlinks a b", "mirror --newer --links all a b\nmirror -R --links all a b\nmirror -R --links skip a b"},
		{"lftp", "mirror -r --use-pget-n=4 a; mirror --ascii a", "mirror -x '*/' --segments 4 a\nascii\nmirror a\nbinary"},
		{"lftp", "mirror -N now-7days a; mirror --older-than='3 weeks ago' a; mirror -N stamp a", "mirror --newer-than 7d a\nmirror --older-than 21d a\n# line 1: mirror -N has no counterpart"},
		{"lftp", "mirror --size-range=1k-2M a; mirror --size-range=-5 a; mirror --size-range=x a", "mirror --min-size 1K --max-size 2M a\nmirror --max-size 5 a\n# line 1: mirror --size-range has no counterpart"},
		{"lftp", "mirror -x '.*' a; mirror --exclude='^cache/' -i . a", "mirror -x '*' a\n# line 1: mirror with an exclusion before an inclusion"},
		{"lftp", "mirror --ignore-time a; mirror --Move a; mirror -f x a; mirror --loop a", "# line 1: mirror --ignore-time has no counterpart\n# line 1: mirror --Move has no counterpart\n# line 1: mirror -f has no counterpart\n# line 1: mirror --loop has no counterpart"},
		{"lftp", "mrm -r a*; mmv -O d a* b*; glob -a rm -r x*; glob get *.y; glob --exist *.z && get a && bye", "rm -r a*\nrename a* b* d/\nrm -r x*\nmget *.y\nif exists *.z\n  get a\n  quit\nend"},
		{"lftp", "glob --not-exist a || ls", "# line 1: glob --exist\nif failed\n  dir\nend"},
		{"lftp", "site chmod 644 'a b'; quote PORT (1)", "site chmod 644 a b\nquote PORT (1)"},
		{"lftp", "cls -1 -B --sort=size d; cls -s; cls -D", "ls -S -1 d\nls -l\n# line 1: cls -D has no counterpart"},
		{"lftp", "set cmd:fail-exit no\ncd a && put b && rm c\nput d", "set on-error continue\ncd a\nif ok\n  put b\nend\nif ok\n  rm c\nend\nput d"},
		{"lftp", "(a; 'b)'; (c)) && ls; cd d", "# line 1: a group in parentheses\ndir\ncd d"},
		{"lftp", "set mirror:exclude-regex x", "# line 1: set mirror:exclude-regex has no counterpart"},

		{"winscp", "open ftp://u%40er:p%25@h\nopen ftp://h -rawsettings ProxyHost=x FtpPingType=0\nopen mysite", "# the password comes from FERRY_PASSWORD, password-file, password-command or ~/.netrc\nopen ftp://u%40er@h\n# line 2: open -rawsettings ProxyHost\n# line 2: open -rawsettings FtpPingType\nopen ftp://h\n# a site of WinSCP's is a bookmark here: bookmark import winscp brings them\nopen mysite"},
		{"winscp", "open ftps://a@h -implicit -certificate=*\nopen ftp://a@h -explicitssl -clientcert=c.pem\nopen ftpes://a@h -certificate=\"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff\"\nopen ftp://h -hostkey=x", "# line 1: -certificate=*, which trusts anybody\nopen ftps://a@h\nset cert c.pem\nopen ftpes://a@h\nset pin sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\nopen ftpes://a@h\n# line 4: open -hostkey has no counterpart\nopen ftp://h"},
		{"winscp", "option batch continue\noption confirm on\noption synchdelete on\noption reconnecttime 5", "on-error continue\n# line 2: option confirm on\n# line 3: option synchdelete\n# option reconnecttime is not needed here"},
		{"winscp", "option failonnomatch off\nput *.a\nget -delete *.b\nrm *.c\nget x", "# option failonnomatch off is an `if exists` before each pattern\nif lexists *.a\n  put -r *.a\nend\nif exists *.b\n  for f in remote:*.b\n    get -r ${f}\n    if ok\n      rm ${f}\n    end\n  end\nend\nif exists *.c\n  rm *.c\nend\nget -r x"},
		{"winscp", "option transfer ascii\nput -transfer=binary a\nput -transfer=ascii b", "ascii\nbinary\nput -r a\nascii\nput -r b"},
		{"winscp", "put -append a b\nput -append *.a b\nget -append a\nput -permissions=644 a\nget -resume -latest a", "append a b\n# line 2: put -append of several files\n# line 3: get -append has no counterpart\n# line 4: put -permissions has no counterpart\n# line 5: get -latest has no counterpart"},
		{"winscp", "put *.txt /d/*.bak\nput -resume -rawtransfersettings ExcludeFileMask=*.x PreserveTime=0 a b", "# line 1: a mask that gives new names\n# line 2: put -rawtransfersettings ExcludeFileMask\n# line 2: put -rawtransfersettings PreserveTime\nput -c -r -o b a"},
		{"winscp", "synchronize remote -criteria=either -preview a b\nsynchronize remote -criteria=size a b\nsynchronize remote -mirror a b\nsynchronize local -criteria=checksum a b\nsynchronize both -delete -criteria=time a b\nsynchronize local", "mirror -R --dry-run a b\n# line 2: synchronize -criteria=size\n# line 3: synchronize -mirror\nmirror --checksum b a\nsync a b\nmirror --newer . ."},
		{"winscp", "synchronize remote -filemask=\"|*/\" a b\nsynchronize remote -filemask=\"|/x/y\" a b\nsynchronize remote -filemask=\"*.a>1M\" a b", "mirror -R --newer -x '*/' a b\n# line 2: a file mask with a path\n# line 3: a file mask with sizes or times"},
		{"winscp", "keepuptodate -delete -filemask=\"|*.tmp\" a b\nkeepuptodate -foo a", "watch a b --delete -x '*.tmp'\n# line 2: keepuptodate -foo has no counterpart"},
		{"winscp", "put a_%TIMESTAMP#yyyymmdd_hhnnss%.txt\nput %TIMESTAMP#hh:mm%-%TIMESTAMP-1D#dd%", "put -r a_${date:20060102_150405}.txt\n# line 2: a timestamp that is moved"},
		{"winscp", "lcd \"C:\\a b\"\ncall SITE UMASK 022\nlcd D:\\x", "lcd \"C:\\\\a b\"\nquote SITE UMASK 022\nlcd D:\\x"},

		{"winscp", "open ftp://anna:pw@h/ -explicit -passive=off -timeout=30", "passive off\nset reply-timeout 30s\n# the password comes from FERRY_PASSWORD, password-file, password-command or ~/.netrc\nopen ftpes://anna@h"},
		{"winscp", "open sftp://h", "# line 1: sftp:// is not FTP"},
		{"winscp", "OPTION Batch abort\noption confirm off\noption transfer ascii\noption foo 1", "on-error stop\n# option confirm is not needed here\nascii\n# line 4: option foo has no counterpart"},
		{"winscp", "put C:\\out\\*.csv /in/", "put -r -o /in/ C:\\out\\*.csv"},
		{"winscp", "put \"C:\\my files\\*.*\" /in/*", "put -r -o /in/ C:\"\\\\my files\\\\\"*"},
		{"winscp", "get -delete *.xml C:\\in\\", "for f in remote:*.xml\n  get -r -o C:\\in/ ${f}\n  if ok\n    rm ${f}\n  end\nend"},
		{"winscp", "get a.txt b.txt \"x y\"", "get -r -o \"x y\" -- a.txt b.txt"},
		{"winscp", "put -neweronly -speed=100 -nopreservetime a", "put --existing newer --rate 100K -r a"},
		{"winscp", "put -transfer=ascii a", "ascii\nput -r a\nbinary"},
		{"winscp", "get -filemask=*.x a", "# line 1: get -filemask has no counterpart"},
		{"winscp", "synchronize remote -delete -criteria=time -filemask=\"*.html;*.css|.git/\" C:\\site /www", "mirror -R --delete --newer -i '*.html' -i '*.css' -x '.git/' C:\\site /www"},
		{"winscp", "synchronize local C:\\site /www", "mirror --newer /www C:\\site"},
		{"winscp", "synchronize both a b", "sync a b"},
		{"winscp", "cd %1%\nput %NAME%_%TIMESTAMP#yyyy-mm-dd% \"100%%.txt\"", "cd ${1}\nput -r -o 100\"%\".txt ${env:NAME}_${date:2006-01-02}"},
		{"winscp", "call SITE CHMOD 644 a\nrm \"a b\"\nmv a b/\nls\nclose\nexit", "quote SITE CHMOD 644 a\nrm \"a b\"\nrename a b/\ndir\nclose\nquit"},
		{"winscp", "; c\n\nput \"a", "# c\n\n# line 3: a quote is never closed"},

		{"sftp", "# c\ncd x\nput -P a\n-rm b", "# c\n# sftp -b FILE USER@HOST is ferry run FILE ftp://USER@HOST here\nopen ${1}\ncd x\nput -P a\n-rm b"},
		{"sftp", "-@ls -lan d\nchown 1 a\nlumask 022\ndf -hi", "# sftp -b FILE USER@HOST is ferry run FILE ftp://USER@HOST here\nopen ${1}\n-@ls -la d\n# line 2: chown has no counterpart\n# line 3: lumask has no counterpart\ndf -h"},
	} {
		got, _, err := Translate(c.dialect, c.in, known, plain)
		if got = strings.TrimSuffix(got, "\n"); err != nil || got != strings.ReplaceAll(c.want, `"%"`, "%") {
			t.Errorf("%s: %s\n got %s\nwant %s", c.dialect, c.in, got, c.want)
		}
	}
	if _, _, err := Translate("ncftp", "", known, plain); err == nil {
		t.Error("a dialect that nobody knows")
	}
}

func TestNotesHavePlaces(t *testing.T) {
	_, notes, _ := Translate("lftp", "ls\n\nfoo\nls && bar;\nbaz", known, plain)
	if len(notes) != 3 || notes[0].Line != 3 || notes[1].Line != 4 || notes[2].Line != 5 || notes[0].Hint == "" {
		t.Error(notes)
	}
}
