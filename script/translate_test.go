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
		out, notes, err := from.Translate(dialect, s, foreign, table.ShownText)
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
	table := NewTable(Verbs())
	for dialect, text := range map[string]string{
		"lftp":   "set ftp:proxy ftp://u:CANARY@p\nquote PASS CANARY\nsite pswd CANARY CANARY\nopen -u anna,CANARY h\nuser anna CANARY\nopen ftp://anna:CANARY@h/\nlftp -u anna,CANARY ftp://h\nopen --user anna --password CANARY h\nopen -z CANARY h",
		"winscp": "open ftp://anna:CANARY@h/ -explicit\nopen h anna CANARY\nopen ftp://h -username=anna -password=CANARY\nopen sftp://a:CANARY@h\nsession CANARY",
	} {
		out, notes, err := from.Translate(dialect, text, foreign, table.ShownText)
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

// What lftp's settings mean, one by one.
func TestForeignSettings(t *testing.T) {
	for _, c := range []struct{ setting, value, want string }{
		{"ftp:ssl-allow", "no", "tls off"}, {"ftp:ssl-allow", "yes", ""}, {"ftp:ssl-force", "yes", "tls on"},
		{"ftp:ssl-protect-data", "true", ""}, {"ftp:ssl-protect-list", "yes", ""}, {"ftp:ssl-auth", "TLS", ""},
		{"ssl:verify-certificate", "no", "-"}, {"ssl:verify-certificate/h", "no", "-"}, {"ssl:verify-certificate", "yes", ""},
		{"ssl:ca-file", "a.pem", "ca a.pem"}, {"ssl:cert-file", "a.pem", "cert a.pem"}, {"ssl:key-file", "a.key", "key a.key"}, {"ssl:check-hostname", "no", "-"}, {"ssl:priority", "x", "-"},
		{"net:timeout", "30", "reply-timeout 30s"}, {"net:timeout/h", "2m", "reply-timeout 2m"}, {"net:timeout", "never", "-"}, {"xfer:timeout", "60", "stall-timeout 60s"},
		{"net:max-retries", "3", "retries 3"}, {"net:max-retries", "0", "-"}, {"net:reconnect-interval-base", "5", ""},
		{"net:limit-rate", "500k", "rate 500K"}, {"net:limit-rate", "0", "rate none"}, {"net:limit-rate", "1M:2M", "-"}, {"net:limit-total-rate", "9", "total-rate 9"},
		{"net:connection-limit", "4", "parallel 4"}, {"net:connection-limit", "0", "parallel auto"}, {"mirror:parallel-transfer-count", "2", "parallel 2"}, {"mirror:use-pget-n", "5", "segments 5"}, {"pget:default-n", "5", "segments 5"},
		{"ftp:passive-mode", "off", "passive off"}, {"ftp:port-range", "50000-50009", "active-ports 50000-50009"}, {"ftp:charset", "latin1", "charset latin1"},
		{"ftp:list-options", "-a", "hidden on"}, {"ftp:list-options", "-R", "-"}, {"ftp:sync-mode", "off", ""}, {"ftp:use-mdtm", "off", ""}, {"ftp:acct", "x", "-"}, {"ftp:site", "", ""},
		{"ftp:proxy", "ftp://p:21/", "ftp-proxy p:21"}, {"ftp:proxy", "http://p:3128", "proxy http://p:3128"}, {"ftp:proxy", "", "ftp-proxy none"}, {"mirror:exclude-regex", "x", "-"}, {"mirror:dereference", "yes", "-"}, {"mirror:dereference", "no", ""}, {"mirror:set-permissions", "off", ""},
		{"xfer:clobber", "off", "existing skip"}, {"xfer:clobber", "on", "existing overwrite"}, {"xfer:use-temp-file", "yes", "atomic on"}, {"xfer:verify", "yes", "-"}, {"xfer:disk-full-fatal", "yes", ""},
		{"cmd:fail-exit", "yes", "on-error stop"}, {"cmd:fail-exit", "no", "on-error continue"}, {"cmd:at-exit", "echo", "-"}, {"cmd:interactive", "no", ""}, {"log:file/xfer", "a", ""},
		{"sftp:auto-confirm", "yes", "-"}, {"torrent:ip", "x", "-"},
	} {
		name, to, ok := explained(c.setting, c.value)
		got := strings.TrimSpace(name + " " + to)
		if !ok {
			if got = "-"; to == "" {
				t.Errorf("%s: nothing is said about it", c.setting)
			}
		}
		if got != c.want {
			t.Errorf("set %s %s: %q, not %q", c.setting, c.value, got, c.want)
		}
		if row := findSetting(name); ok && name != "" && name != "ca" && name != "cert" && name != "key" {
			s := Settings{}
			if err := row.Set(&s, to); err != nil {
				t.Error(c.setting, err)
			}
		}
	}
}
