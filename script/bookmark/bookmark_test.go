package bookmark

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"ftp://h":                              "ftp://h",
		"h":                                    "ftp://h",
		"anna@h:2121":                          "ftp://anna@h:2121",
		"FTPS://anna@h/a/b/":                   "ftps://anna@h/a/b",
		"ftp+tls://h//a%20b/ü":                 "ftpes://h/%2Fa%20b/%C3%BC",
		"ftp://h/%2F":                          "ftp://h/%2F",
		"ftp://h//":                            "ftp://h",
		"ftp://an%40na:p%2F%3A@h":              "ftp://an%40na:p%2F%3A@h",
		"ftp://a@b:c@h":                        "ftp://a%40b:c@h",
		"ftp://[::1]:2121/x":                   "ftp://[::1]:2121/x",
		"ftp://[::1]":                          "ftp://[::1]",
		"ftp://h:021":                          "ftp://h:21",
		"http://h":                             "error: a bookmark is for ftp://, ftpes:// or ftps://",
		"ftp://":                               "error: no host name",
		"ftp://a b":                            "error: no host name",
		"ftp://h\x1b[31m":                      "error: no host name",
		"ftp://h:port":                         "error: the port is no number from 1 to 65535",
		"ftp://h:0":                            "error: the port is no number from 1 to 65535",
		"ftp://anna:secret%zz@h":               "error: a % in a URL is followed by two hexadecimal digits",
		"ftp://h/%0d%0aDELE":                   "error: a part of it is too long, or no text",
		"ftp://u%00@h":                         "error: a part of it is too long, or no text",
		"ftp://h/" + strings.Repeat("x", 5000): "error: a part of it is too long, or no text",
	} {
		b, err := Parse("x", in)
		got := b.Reveal()
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want {
			t.Errorf("%.60s: %s, want %s", in, got, want)
		}
		if again, err2 := Parse("x", got); err == nil && (err2 != nil || again != b) {
			t.Errorf("%s: read back as %+v, %v", in, again, err2)
		}
	}
	for _, name := range []string{"", "two words", "-\x1b", "a#", "x\u202e"} {
		if _, err := Parse(name, "ftp://h"); err == nil {
			t.Errorf("%q is a name", name)
		}
	}
}

func TestFile(t *testing.T) {
	all, mistakes := Read("# mine\n\nb  ftp://h/b\na\tftpes://anna:p@h\nwrong\nc http://h\nb ftp://other\n")
	if got := fmt.Sprint(mistakes); got != "[line 5: a name and a URL are wanted line 6: a bookmark is for ftp://, ftpes:// or ftps://]" {
		t.Error(got)
	}
	want := "# bookmarks of ferry: a name and a URL a line\na\tftpes://anna:p@h\nb\tftp://other\n"
	if diff := cmp.Diff(want, Write(all)); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprintf("%v %+v", all, all); strings.Contains(got, "p@") || strings.Contains(got, ":p ") {
		t.Error("a password is shown: " + got)
	}
}

const siteManager = `<?xml version="1.0" encoding="UTF-8"?>
<FileZilla3 version="3.66.1" platform="*nix">
	<Servers>
		<Folder expanded="1">Work
			<Server><Host>ftp.example.com</Host><Port>21</Port><Protocol>4</Protocol><Type>0</Type>
				<User>anna</User><Pass encoding="base64">Y2FuYXJ5</Pass><Logontype>1</Logontype>
				<EncodingType>Auto</EncodingType><Name>Main site</Name><RemoteDir>1 0 3 pub 5 a b c</RemoteDir></Server>
			<Folder>Deep<Server><Host>10.0.0.1</Host><Port>990</Port><Protocol>3</Protocol><Logontype>2</Logontype><User>bert</User><Name>Main site</Name></Server></Folder>
		</Folder>
		<Server><Host>sftp.example.com</Host><Port>22</Port><Protocol>1</Protocol><User>x</User><Name>no ftp</Name></Server>
		<Server><Host>old.example.com</Host><Port>2121</Port><Protocol>6</Protocol><Logontype>0</Logontype><User>anonymous</User><Name>täst</Name></Server>
		<Server><Host>sealed.example.com</Host><Port>21</Port><Protocol>0</Protocol><User>carl</User><Pass encoding="crypt" pubkey="x">AAAA</Pass><Logontype>1</Logontype><Name>sealed</Name></Server>
		<Server><Host>bad host</Host><Protocol>0</Protocol><Name>bad</Name></Server>
	</Servers>
</FileZilla3>`

const winSCPini = "\xef\xbb\xbf" + `[Configuration]
RandomSeedFile=%25APPDATA%25\winscp.rnd
[Sessions\Default%20Settings]
HostName=nowhere
FSProtocol=5
[Sessions\Work/My%20site]
HostName=ftp.example.com
PortNumber=21
UserName=anna
Password=VEIL
FSProtocol=5
Ftps=3
RemoteDirectory=/pub/a%20b
[Sessions\sftp]
HostName=sftp.example.com
UserName=bert
[Sessions\implicit]
HostName=h
PortNumber=990
FSProtocol=5
Ftps=1
Password=A35C00
[Configuration\Interface]
Theme=0
`

// veiled writes a password as WinSCP does, with dummies in front.
func veiled(key, pass string) string {
	var b strings.Builder
	text := key + pass
	for _, c := range append([]byte{0xff, 0, byte(len(text)), 3, 7, 7, 7}, text...) {
		fmt.Fprintf(&b, "%02X", c^0x5c)
	}
	return b.String()
}

const ncftpBookmarks = `NcFTP bookmark-file version: 8
Number of bookmarks: 2
work,ftp.example.com,anna,*encoded*Y2FuYXJ5AA==,,/pub/a\,b,I,21,1700000000,1,1,1,1,10.0.0.1,a comment,,,,,S,-1,
gnu,ftp.gnu.org,,,,/gnu$20x,I,2121,0,1,1,1,1,,,,,,,S,-1,
`

const netrcFile = `# mine
machine ftp.example.com login anna password canary
machine other
  login bert
  account x
  password canary
macdef init
machine fake login fake

default login anonymous password me@
`

func TestImport(t *testing.T) {
	for _, c := range []struct {
		file, data string
		passwords  Passwords
		want       string
	}{
		{"sitemanager.xml", siteManager, Kept, `FileZilla skipped 2 dropped 0 unread 1
old.example.com: täst ftp://old.example.com:2121
sealed.example.com: sealed ftp://carl@sealed.example.com
ftp.example.com: Main-site ftpes://anna:canary@ftp.example.com/%2Fpub/a%20b%20c
10.0.0.1: Deep/Main-site ftps://bert@10.0.0.1
`},
		{"sitemanager.xml", strings.Replace(siteManager, "<Name>Main site</Name><RemoteDir>1 0 3 pub 5 a b c", "<Name>a/b</Name><RemoteDir>1 0 3 pubx 5", 1), Dropped, `FileZilla skipped 2 dropped 1 unread 1
old.example.com: täst ftp://old.example.com:2121
sealed.example.com: sealed ftp://carl@sealed.example.com
ftp.example.com: a/b ftpes://anna@ftp.example.com
10.0.0.1: Main-site ftps://bert@10.0.0.1
`},
		{`C:\x\WinSCP.ini`, strings.Replace(winSCPini, "VEIL", veiled("annaftp.example.com", "canary"), 1), Kept, `WinSCP skipped 1 dropped 0 unread 1
ftp.example.com: My-site ftpes://anna:canary@ftp.example.com/%2Fpub/a%20b
h: implicit ftps://h
`},
		{"bookmarks", ncftpBookmarks, Kept, `ncftp skipped 0 dropped 0 unread 0
ftp.example.com: work ftp://anna:canary@ftp.example.com/%2Fpub/a%2Cb
ftp.gnu.org: gnu ftp://ftp.gnu.org:2121/%2Fgnu%20x
`},
		{".netrc", netrcFile, Kept, `netrc skipped 0 dropped 0 unread 0
ftp.example.com: ftp.example.com ftp://anna@ftp.example.com
other: other ftp://bert@other
`},
		{"bookmarks", "work\tftp://anna:canary@ftp.example.com/pub/\nkde ftp://ftp.kde.org\nweb\thttp://h/\n\nnonsense\n", Dropped, `lftp skipped 1 dropped 1 unread 0
ftp.example.com: work ftp://anna@ftp.example.com/pub
ftp.kde.org: kde ftp://ftp.kde.org
`},
	} {
		f, err := Import(c.file, []byte(c.data), c.passwords)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
		}
		got := fmt.Sprintf("%s skipped %d dropped %d unread %d\n", f.Program, f.Skipped, f.Dropped, f.Unread)
		for _, b := range f.Bookmarks {
			got += b.Host + ": " + b.Name + " " + b.Reveal() + "\n"
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.file, diff)
		}
	}
	for _, data := range []string{"", "hello", "<?xml version='1.0'?><x/>", "\x00\x01\x02"} {
		if _, err := Import("x", []byte(data), Dropped); err == nil {
			t.Errorf("%q was read", data)
		}
	}
}

func TestUnveilRefusesAnotherKey(t *testing.T) {
	text := veiled("annah", "canary")
	if pass, ok := unveil(text, "annah"); !ok || pass != "canary" {
		t.Error(pass, ok)
	}
	for _, key := range []string{"", "berth"} {
		if pass, ok := unveil(text, key); ok && key != "" || strings.Contains(pass, "annah") && ok && key != "" {
			t.Error(key, pass)
		}
	}
	for cut := range len(text) {
		if _, ok := unveil(text[:cut], "annah"); ok {
			t.Errorf("%d digits were enough", cut)
		}
	}
}

// Ten thousand sites of one name cost no time to speak of.
func TestImportOfManyOfOneName(t *testing.T) {
	var b strings.Builder
	for range MaxBookmarks + 1 {
		b.WriteString("x\tftp://h/\n")
	}
	f, err := Import("bookmarks", []byte(b.String()), Dropped)
	if err != nil || len(f.Bookmarks) != MaxBookmarks {
		t.Fatal(len(f.Bookmarks), err)
	}
	if again, mistakes := Read(Write(f.Bookmarks)); len(again) != MaxBookmarks || len(mistakes) > 0 {
		t.Error(len(again), mistakes)
	}
}

// FuzzImport holds that whatever a file has in it, what comes out can be
// written, read back, and shown.
func FuzzImport(f *testing.F) {
	for name, data := range map[string]string{"sitemanager.xml": siteManager, "WinSCP.ini": winSCPini, "bookmarks": ncftpBookmarks, ".netrc": netrcFile, "x": "a\tftp://h/b\n"} {
		f.Add(name, []byte(data))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		found, err := Import(name, data, Kept)
		if err != nil {
			return
		}
		text := Write(found.Bookmarks)
		again, mistakes := Read(text)
		if len(mistakes) > 0 || len(again) != len(found.Bookmarks) {
			t.Fatalf("%v\n%q\n%+v", mistakes, text, found.Bookmarks)
		}
		for _, b := range found.Bookmarks {
			if same, ok := Find(again, b.Name); !ok || same != b {
				t.Errorf("%q: %q was read back as %q", b.Name, b.Reveal(), same.Reveal())
			}
			if !utf8.ValidString(b.Reveal()) || strings.ContainsAny(b.Name+b.Reveal(), "\x1b\r\n\x00 ") {
				t.Errorf("%q %q", b.Name, b.Reveal())
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("# x\na ftp://anna:p@h:21/dir\nb h\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, _ := Read(text)
		if again, mistakes := Read(Write(all)); len(mistakes) > 0 || len(again) != len(all) {
			t.Errorf("%v\n%q", mistakes, Write(all))
		}
	})
}
