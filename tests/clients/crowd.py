"""A crowd of connections on which nothing happens.

    crowd.py PORT COUNT

Opens them, every other one with the beginning of a request, and prints how many it got; after a line
of input, how many are still open. They end with its input.
"""

import resource
import select
import socket
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

crowd = []
for at in range(count):
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    try:
        if at % 2:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n")
    except OSError:
        pass
    crowd.append(connection)
print(len(crowd), flush=True)

sys.stdin.readline()
ended = select.poll()
for connection in crowd:
    ended.register(connection, select.POLLIN | select.POLLHUP)
print(len(crowd) - len(ended.poll(0)), flush=True)
sys.stdin.read()
