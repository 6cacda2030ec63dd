package script

import (
	"strings"
	"testing"

	"ferry/script/from"
)

// Whatever another client's script holds, its translation is read as it was
// meant: names come back as they were, and every word that was written is one.
func FuzzTranslate(f *testing.F) {
	for _, s := range []string{
		"open -u a,CANARY h\nget 'a b' -o \"c;d\"\nmput *.x && rm a || exit 1 # c\nqueue put $x &\nls | sort",
		"option batch abort\nopen ftp://u:CANARY@h -explicit\nput -delete \"C:\\a b\\*.x\" /d/*.*\nsynchronize remote %1% d -filemask=\"*.a|b/\"\nexit",
		"-rm x\n@ls -lan\nput -P \"a b\"\n", "mirror -Rex '^\\.git/' -X *.o a b", "echo ${x} %", "mv a\\\nb c",
	} {
		for i := range from.Dialects() {
			f.Add(s, i)
		}
	}
	table := NewTable(Verbs())
	f.Fuzz(func(t *testing.T, s string, i int) {
		dialect := from.Dialects()[uint(i)%uint(len(from.Dialects()))]
		out, notes, err := from.Translate(dialect, s, foreign)
		if err != nil || strings.ContainsAny(s, "\x00") {
			return
		}
		if strings.Count(out, "\n") < len(notes) {
			t.Errorf("%q: %d notes and\n%s", s, len(notes), out)
		}
		_, err = table.Parse("f", out)
		for _, e := range split(err) {
			if err != nil && dialect != "sftp" && strings.Contains(e.Error(), "quote is never closed") {
				t.Errorf("%s %q: %v\n%s", dialect, s, e, out)
			}
		}
	})
}

func TestTranslateLeavesSecretsOut(t *testing.T) {
	for dialect, text := range map[string]string{
		"lftp":   "open -u anna,CANARY h\nuser anna CANARY\nopen ftp://anna:CANARY@h/\nlftp -u anna,CANARY ftp://h\nopen --user anna --password CANARY h\nopen -z CANARY h",
		"winscp": "open ftp://anna:CANARY@h/ -explicit\nopen h anna CANARY\nopen ftp://h -username=anna -password=CANARY\nopen sftp://a:CANARY@h\nkeepuptodate CANARY",
	} {
		out, notes, err := from.Translate(dialect, text, foreign)
		if err != nil || strings.Contains(out, "CANARY") || !strings.Contains(out, "FERRY_PASSWORD") {
			t.Errorf("%v\n%s", err, out)
		}
		for _, n := range notes {
			if strings.Contains(n.What+n.Hint, "CANARY") {
				t.Error(n)
			}
		}
	}
}
