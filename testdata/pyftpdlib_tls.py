"""A pyftpdlib server that speaks TLS only: pyftpdlib_tls.py PORT DIR PEM"""
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer

port, folder, pem = sys.argv[1:]
users = DummyAuthorizer()
users.add_user("demo", "secret", folder, perm="elradfmwMT")


class Handler(TLS_FTPHandler):
    authorizer = users
    certfile = pem
    tls_control_required = True
    tls_data_required = True


FTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
