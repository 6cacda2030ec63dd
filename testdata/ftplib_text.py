"""Sends lines with storlines, gets them with retrlines, asks for sums.

usage: ftplib_text.py HOST PORT SOURCE BACK
"""
import ftplib
import hashlib
import sys

host, port, source, back = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
ftp = ftplib.FTP()
ftp.connect(host, port, timeout=30)
ftp.login("demo", "secret")

with open(source, "rb") as f:
    ftp.storlines("STOR text", f)
lines = []
ftp.retrlines("RETR text", lines.append)
with open(back, "w", newline="") as f:
    f.write("".join(line + "\n" for line in lines))

with open(source, "rb") as f:
    content = f.read()
ftp.voidcmd("TYPE A")
assert ftp.size("text") == len(content.replace(b"\n", b"\r\n"))
ftp.voidcmd("TYPE I")
assert ftp.size("text") == len(content)
assert hashlib.sha256(content).hexdigest() in ftp.sendcmd("HASH text")
assert hashlib.sha512(content).hexdigest().upper() in ftp.sendcmd("XSHA512 text")
ftp.sendcmd("RANG 10 19")
part = bytearray()
ftp.retrbinary("RETR text", part.extend)
assert bytes(part) == content[10:20], part
ftp.sendcmd("MFMT 20010203040506 text")
assert ftp.sendcmd("MDTM text") == "213 20010203040506"
ftp.quit()
