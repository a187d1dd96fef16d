"""A mail server for tests: prints `{"port": N}`, then a line of JSON for each letter, parsed by
Python's own `email`. Arguments: the port (0 for any) and, when it demands a sign-in, USER PASSWORD.
Recipients that begin with `refused` get 550, those that begin with `later` 451 the first time."""

import asyncio
import email
import email.policy
import json
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

port, *sign_in = sys.argv[1:]
put_off = set()


def tell(line):
    print(json.dumps(line), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 There is no such mailbox"
        if address.startswith("later") and address not in put_off:
            put_off.add(address)
            return "451 4.7.1 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
        tell(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "headers": {name.lower(): str(value) for name, value in message.items()},
                "text": parts.get("text/plain"),
                "html": parts.get("text/html"),
                "defects": [str(defect) for defect in message.defects],
            }
        )
        return "250 Taken"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == sign_in
    return AuthResult(success=right, handled=right)


def session():
    return SMTP(
        Handler(),
        authenticator=authenticate if sign_in else None,
        auth_required=bool(sign_in),
        auth_require_tls=False,
    )


async def serve():
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", int(port))
    tell({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


asyncio.run(serve())
