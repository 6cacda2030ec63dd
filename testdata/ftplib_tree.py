"""Uploads a tree with Python's ftplib and downloads it again.

usage: ftplib_tree.py HOST PORT SOURCE BACK
"""
import ftplib
import os
import sys

host, port, source, back = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
ftp = ftplib.FTP()
ftp.connect(host, port, timeout=30)
ftp.login("demo", "secret")

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
