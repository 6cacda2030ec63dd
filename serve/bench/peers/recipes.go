//go:build linux

package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// recipe says how a server is started.
type recipe struct {
	user, password string
	args           func(o Options) ([]string, error) // nil: not installed
}

func recipes() map[string]recipe {
	return map[string]recipe{
		"ferry":     {"demo", "secret", ferry},
		"vsftpd":    {"anonymous", "x", vsftpd},
		"proftpd":   {"demo", "secret", proftpd},
		"pure-ftpd": {"demo", "secret", pureFTPd},
		"pyftpdlib": {"demo", "secret", pyftpdlib},
		"goftp":     {"demo", "secret", goftp},
	}
}

func (o Options) listen() string { return fmt.Sprintf("%s:%d", o.Host, o.Port) }

// ferry is told what the others have by default: any number of sessions from one
// address, and root's files stay root's.
func ferry(o Options) ([]string, error) {
	args := []string{
		o.Ferry, "serve", o.Served, "--listen", o.listen(), "--user", "demo", "--run-as", "root",
		"--max-per-address", "20000", "--max-sessions", "20000", "--connect-rate", "100000", "--idle", "1h",
	}
	if o.Cert == "" {
		args = append(args, "--tls", "off")
	} else {
		args = append(args, "--cert", o.Cert)
	}
	if o.Rate > 0 {
		args = append(args, "--anonymous", "--anonymous-rate", strconv.FormatInt(o.Rate, 10))
	}
	return append(args, o.Flags...), nil
}

func vsftpd(o Options) ([]string, error) {
	program := o.Program("vsftpd")
	if program == "" {
		return nil, nil
	}
	empty := o.within("empty")
	if err := os.MkdirAll(empty, 0o755); err != nil {
		return nil, err
	}
	lines := []string{
		"listen=YES", "listen_address=" + o.Host, "listen_port=" + strconv.Itoa(o.Port), "background=NO", "anonymous_enable=YES", "local_enable=NO",
		"write_enable=YES", "anon_root=" + o.Served, "anon_upload_enable=YES", "anon_mkdir_write_enable=YES",
		"anon_other_write_enable=YES", "anon_world_readable_only=NO", "anon_umask=022", "run_as_launching_user=YES",
		"allow_writeable_chroot=YES", "seccomp_sandbox=NO", "xferlog_enable=NO", "secure_chroot_dir=" + empty, "max_clients=0", "max_per_ip=0",
	}
	if o.Rate > 0 {
		lines = append(lines, "anon_max_rate="+strconv.FormatInt(o.Rate, 10))
	}
	if o.Cert != "" {
		lines = append(lines, "ssl_enable=YES", "allow_anon_ssl=YES", "force_local_data_ssl=NO", "force_local_logins_ssl=NO",
			"rsa_cert_file="+o.Cert, "ssl_ciphers=HIGH", "require_ssl_reuse=NO")
	}
	config, err := o.write("vsftpd.conf", lines...)
	return []string{program, config}, err
}

func proftpd(o Options) ([]string, error) {
	program, passwd := o.Program("proftpd"), o.Program("ftpasswd")
	if program == "" || passwd == "" {
		return nil, nil
	}
	users, id := o.within("proftpd.passwd"), strconv.Itoa(Owner)
	add := exec.Command(passwd, "--passwd", "--stdin", "--name", "demo", "--uid", id, "--gid", id,
		"--home", o.Served, "--shell", "/bin/sh", "--file", users)
	add.Stdin = strings.NewReader("secret\n")
	if out, err := add.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("ftpasswd: %w: %s", err, out)
	}
	lines := []string{
		"ServerName bench", "ServerType standalone", "DefaultServer on", "Port " + strconv.Itoa(o.Port), "DefaultAddress " + o.Host, "UseIPv6 off",
		"User nobody", "Group nogroup", "AuthOrder mod_auth_file.c", "AuthUserFile " + users, "RequireValidShell off",
		"DefaultRoot ~", "AllowOverwrite on", "AllowStoreRestart on", "AllowRetrieveRestart on", "UseReverseDNS off",
		"PidFile " + o.within("proftpd.pid"), "ScoreboardFile " + o.within("proftpd.score"), "DelayTable none", "WtmpLog off",
		"TransferLog none", "SystemLog " + o.within("proftpd.log"), "MaxInstances 3000",
		"<IfModule mod_delay.c>", "DelayEngine off", "</IfModule>",
	}
	modules := "ModulePath " + filepath.Join(filepath.Dir(filepath.Dir(program)), "lib/proftpd")
	if o.Digest {
		lines = append([]string{modules, "LoadModule mod_digest.c"}, append(lines, "DigestEngine on")...)
	}
	if o.Rate > 0 {
		lines = append(lines, fmt.Sprintf("TransferRate RETR %d", o.Rate>>10))
	}
	if o.Cert != "" {
		lines = append([]string{modules, "LoadModule mod_tls.c"}, lines...)
		lines = append(lines, "TLSEngine on", "TLSECCertificateFile "+o.Cert, "TLSECCertificateKeyFile "+o.Cert,
			"TLSProtocol TLSv1.2 TLSv1.3", "TLSVerifyClient off")
	}
	config, err := o.write("proftpd.conf", lines...)
	return []string{program, "-n", "-c", config}, err
}

func pureFTPd(o Options) ([]string, error) {
	program, pw := o.Program("pure-ftpd"), o.Program("pure-pw")
	if program == "" || pw == "" {
		return nil, nil
	}
	for _, old := range []string{"pure.pdb", "pure.passwd"} { // of a server that was started here before
		if err := os.RemoveAll(o.within(old)); err != nil {
			return nil, err
		}
	}
	db, id := o.within("pure.pdb"), strconv.Itoa(Owner)
	add := exec.Command(pw, "useradd", "demo", "-u", id, "-g", id, "-d", o.Served, "-f", o.within("pure.passwd"), "-m", "-F", db)
	add.Stdin = strings.NewReader("secret\nsecret\n")
	if out, err := add.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pure-pw: %w: %s", err, out)
	}
	args := []string{
		program, "-S", fmt.Sprintf("%s,%d", o.Host, o.Port), "-l", "puredb:" + db, "-E", "-u", "1", "-H", "-C", "3000", "-c", "3000",
		"-L", "2000000:1", "-g", o.within("pure.pid"),
	}
	if o.Rate > 0 {
		args = append(args, "-T", fmt.Sprintf(":%d", o.Rate>>10))
	}
	if o.Cert != "" {
		args = append(args, "-Y", "1", "-2", o.Cert)
	}
	return args, nil
}

// pyftpdlib's own command line has neither TLS nor a bound of its own for
// connections; a few lines of Python do.
const pyftpdlibServer = `
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer
host, port, root, cert = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
users = DummyAuthorizer()
users.add_user("demo", "secret", root, perm="elradfmwMT")
handler = FTPHandler
if cert:
    handler = TLS_FTPHandler
    handler.certfile = cert
handler.authorizer = users
server = FTPServer((host, port), handler)
server.max_cons = 0
server.max_cons_per_ip = 0
server.serve_forever()
`

func pyftpdlib(o Options) ([]string, error) {
	python := o.Program("python3")
	if python == "" || exec.Command(python, "-c", "import pyftpdlib").Run() != nil {
		return nil, nil
	}
	return []string{python, "-W", "ignore", "-c", pyftpdlibServer, o.Host, strconv.Itoa(o.Port), o.Served, o.Cert}, nil
}
