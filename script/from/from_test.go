package from

import (
	"strings"
	"testing"
)

func known(name, value string) (own, to string, ok bool) {
	switch name {
	case "ftp:ssl-force":
		return "tls", "on", true
	case "ftp:sync-mode":
		return "", "", true
	}
	return "", "", false
}

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ dialect, in, want string }{
		{"lftp", "open ftp.h", "open ftp.h"},
		{"lftp", "open -p 2121 -u anna,pw ftp.h", "# the password comes from FERRY_PASSWORD, password-file, password-command or ~/.netrc\nopen -u anna ftp.h:2121"},
		{"lftp", "open ftp://anna@h/dir; cd x;ls", "open ftp://anna@h/dir\ncd x\ndir"},
		{"lftp", "open -e 'cd a; get b; bye' h", "open h\ncd a\nget b\nquit"},
		{"lftp", "get a 'b c' -o d", "get a\nget \"b c\" d"},
		{"lftp", "get -c -O /tmp a*b", "get -c -O /tmp \"a*b\""},
		{"lftp", "put -E x", "put x\nlrm x"},
		{"lftp", "mget -E *.csv", "for f in remote:*.csv\n  get ${f}\n  rm ${f}\nend"},
		{"lftp", "mput -O in -c *.csv a\\*", "mput -c -O in *.csv \"a*\""},
		{"lftp", "pget -n 5 big.iso -o b", "pget -n 5 big.iso b"},
		{"lftp", "get -a notes", "ascii\nget notes\nbinary"},
		{"lftp", "mirror -R -e -v -P 4 -x '\\.git/' -X '*.tmp' --no-perms site www", "mirror -R --delete --parallel 4 -x '.git/' -x '*.tmp' site www"},
		{"lftp", "mirror -x '\\.bak$' -i '^data' a", "mirror -x '*.bak' -i 'data*' a"},
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
		{"lftp", "(cd a; ls)", "# line 1: a group in parentheses\n# line 1: ls) has no counterpart"},
		{"lftp", "put a\\\n  b", "put a\nput b"},
		{"lftp", "local cd x; local foo; sleep 5", "lcd x\n# line 1: local foo\n!sleep 5"},

		{"winscp", "open ftp://anna:pw@h/ -explicit -passive=off -timeout=30", "passive off\nset reply-timeout 30s\n# the password comes from FERRY_PASSWORD, password-file, password-command or ~/.netrc\nopen ftpes://anna@h"},
		{"winscp", "open sftp://h", "# line 1: sftp:// is not FTP"},
		{"winscp", "OPTION Batch abort\noption confirm off\noption transfer ascii\noption foo 1", "on-error stop\n# option confirm is not needed here\nascii\n# line 4: option foo has no counterpart"},
		{"winscp", "put C:\\out\\*.csv /in/", "put -r -o /in/ C:\\out\\*.csv"},
		{"winscp", "put \"C:\\my files\\*.*\" /in/*", "put -r -o /in/ C:\"\\\\my files\\\\\"*"},
		{"winscp", "get -delete *.xml C:\\in\\", "for f in remote:*.xml\n  get -r -o C:\\in/ ${f}\n  rm ${f}\nend"},
		{"winscp", "get a.txt b.txt \"x y\"", "get -r -o \"x y\" -- a.txt b.txt"},
		{"winscp", "put -neweronly -speed=100 -nopreservetime a", "put --existing newer --rate 100K -r a"},
		{"winscp", "put -transfer=ascii a", "ascii\nput -r a\nbinary"},
		{"winscp", "get -filemask=*.x a", "# line 1: get -filemask has no counterpart"},
		{"winscp", "synchronize remote -delete -criteria=time -filemask=\"*.html;*.css|.git/\" C:\\site /www", "mirror -R --delete --newer -i '*.html' -i '*.css' -x '.git/' C:\\site /www"},
		{"winscp", "synchronize local C:\\site /www", "mirror /www C:\\site"},
		{"winscp", "synchronize both a b", "# line 1: synchronize both has no counterpart"},
		{"winscp", "cd %1%\nput %NAME%_%TIMESTAMP#yyyy-mm-dd% \"100%%.txt\"", "cd ${1}\nput -r -o 100\"%\".txt ${env:NAME}_${date:2006-01-02}"},
		{"winscp", "call SITE CHMOD 644 a\nrm \"a b\"\nmv a b/\nls\nclose\nexit", "quote SITE CHMOD 644 a\nrm \"a b\"\nrename a b/\ndir\nclose\nquit"},
		{"winscp", "; c\n\nput \"a", "# c\n\n# line 3: a quote is never closed"},

		{"sftp", "# c\ncd x\nput -P a\n-rm b", "# c\n# sftp -b FILE USER@HOST is ferry run FILE ftp://USER@HOST here\nopen ${1}\ncd x\nput -P a\n-rm b"},
		{"sftp", "-@ls -lan d\nchown 1 a\nlumask 022\ndf -hi", "# sftp -b FILE USER@HOST is ferry run FILE ftp://USER@HOST here\nopen ${1}\n-@ls -la d\n# line 2: chown has no counterpart\n# line 3: lumask has no counterpart\ndf -h"},
	} {
		got, _, err := Translate(c.dialect, c.in, known)
		if got = strings.TrimSuffix(got, "\n"); err != nil || got != strings.ReplaceAll(c.want, `"%"`, "%") {
			t.Errorf("%s: %s\n got %s\nwant %s", c.dialect, c.in, got, c.want)
		}
	}
	if _, _, err := Translate("ncftp", "", known); err == nil {
		t.Error("a dialect that nobody knows")
	}
}

func TestNotesHavePlaces(t *testing.T) {
	_, notes, _ := Translate("lftp", "ls\n\nfoo\nls && bar;\nbaz", known)
	if len(notes) != 3 || notes[0].Line != 3 || notes[1].Line != 4 || notes[2].Line != 5 || notes[0].Hint == "" {
		t.Error(notes)
	}
}
