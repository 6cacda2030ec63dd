package bookmark

import (
	"encoding/base64"
	"encoding/xml"
	"strconv"
	"strings"

	"ferry/proto"
)

// sitemanager.xml is folders in folders of servers.
type (
	fzFile struct {
		Servers fzFolder
	}
	fzFolder struct {
		Name    string     `xml:",chardata"`
		Folders []fzFolder `xml:"Folder"`
		Servers []fzServer `xml:"Server"`
	}
	fzServer struct {
		Host, Port, Protocol, User, Logontype, Name, RemoteDir string
		Pass                                                   struct {
			Encoding string `xml:"encoding,attr"`
			Text     string `xml:",chardata"`
		}
	}
)

func fileZilla(data []byte) ([]entry, error) {
	var f fzFile
	if err := xml.Unmarshal(data, &f); err != nil {
		return nil, &Error{What: "the file is no XML"}
	}
	return f.Servers.entries(nil, 0), nil
}

// maxFolders is how deep folders may lie in folders: nobody finds more again.
const maxFolders = 50

func (f fzFolder) entries(all []entry, depth int) []entry {
	for _, s := range f.Servers {
		if len(all) < MaxBookmarks {
			all = append(all, s.entry(f.Name))
		}
	}
	for _, sub := range f.Folders {
		if depth < maxFolders {
			all = sub.entries(all, depth+1)
		}
	}
	return all
}

func (s fzServer) entry(folder string) entry {
	e := entry{folder: strings.TrimSpace(folder), Bookmark: Bookmark{
		Name: s.Name, Host: strings.TrimSpace(s.Host), Port: strings.TrimSpace(s.Port), User: s.User, Dir: fzPath(s.RemoteDir),
	}}
	switch s.Protocol { // FileZilla's ServerProtocol
	case "", "0", "6": // TLS if offered, which is ferry's ftp too; and without TLS
		e.Scheme = "ftp"
	case "3":
		e.Scheme = "ftps"
	case "4":
		e.Scheme = "ftpes"
	default:
		e.other = true
	}
	if s.Logontype == "0" {
		e.User = ""
		return e
	}
	switch s.Pass.Encoding {
	case "":
		e.Pass = proto.Secret(s.Pass.Text)
	case "base64":
		if pass, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s.Pass.Text)); err == nil {
			e.Pass = proto.Secret(pass)
		}
	default: // "crypt": behind a master password
		e.sealed = s.Pass.Text != ""
	}
	return e
}

// fzPath reads FileZilla's safe form of a path: the kind of server, the length
// of a prefix, and the length and text of each part: "1 0 3 pub 5 a b c".
func fzPath(text string) string {
	kind, rest, ok := strings.Cut(text, " ")
	prefix, rest, _ := strings.Cut(rest, " ")
	if !ok || prefix != "0" || kind != "0" && kind != "1" { // automatic, Unix
		return ""
	}
	dir := ""
	for rest != "" {
		length, tail, ok := strings.Cut(rest, " ")
		n, err := strconv.Atoi(length)
		if !ok || err != nil || n <= 0 || n > len(tail) {
			return ""
		}
		dir += "/" + tail[:n]
		rest = strings.TrimPrefix(tail[n:], " ")
	}
	if dir == "" {
		return "/"
	}
	return dir
}
