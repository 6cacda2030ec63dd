"""Uploads a tree with Python's ftplib and downloads it again.

usage: ftplib_tree.py HOST PORT SOURCE BACK [tls|reuse [1.2|1.3]]

tls is FTP_TLS as it comes, whose data connections begin TLS anew; reuse is
what people write who need more: they resume the control connection's session.
"""
import ftplib
import os
import ssl
import sys

host, port, source, back = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
mode, version = (sys.argv[5:] + ["clear", "1.3"])[:2] if len(sys.argv) < 7 else sys.argv[5:7]


class Reuse(ftplib.FTP_TLS):
    def ntransfercmd(self, cmd, rest=None):
        conn, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        return self.context.wrap_socket(conn, server_hostname=self.host, session=self.sock.session), size


if mode == "clear":
    ftp = ftplib.FTP()
else:
    context = ssl._create_unverified_context()
    if version == "1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    ftp = (Reuse if mode == "reuse" else ftplib.FTP_TLS)(context=context)
ftp.connect(host, port, timeout=30)
ftp.login("demo", "secret")
if mode != "clear":
    ftp.prot_p()

for here, dirs, files in os.walk(source):
    rel = os.path.relpath(here, source)
    for name in dirs:
        ftp.mkd(os.path.normpath(os.path.join(rel, name)))
    for name in files:
        with open(os.path.join(here, name), "rb") as f:
            ftp.storbinary("STOR " + os.path.normpath(os.path.join(rel, name)), f)


def fetch(remote, local):
    os.makedirs(local, exist_ok=True)
    for name, facts in list(ftp.mlsd(remote)):
        if facts["type"] == "dir":
            fetch(remote + "/" + name, os.path.join(local, name))
        elif facts["type"] == "file":
            with open(os.path.join(local, name), "wb") as f:
                ftp.retrbinary("RETR " + remote + "/" + name, f.write)
            assert ftp.size(remote + "/" + name) == int(facts["size"])


fetch("", back)
ftp.quit()
