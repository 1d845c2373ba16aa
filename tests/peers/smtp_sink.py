"""A real SMTP server (PyPI aiosmtpd) that keeps every mail as a file: smtp_sink.py DIRECTORY [CERTIFICATE KEY].

Prints "ready PORT". Mails are DIRECTORY/0001.eml and so on, complete once they have that name; above each stand the
lines X-MailFrom and X-RcptTo with the envelope. With a certificate it demands STARTTLS. A recipient whose name starts
with "refused" gets 550, one with "later" gets 451; one at slow.example gets no answer.
"""

import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP


class Sink:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.received = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 nobody of that name"
        if address.startswith("later"):
            return "451 4.3.0 try again later"
        if address.endswith("@slow.example"):
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.received += 1
        lines = [f"X-MailFrom: {envelope.mail_from}", *(f"X-RcptTo: {to}" for to in envelope.rcpt_tos)]
        mail = "\r\n".join(lines).encode() + b"\r\n" + envelope.content
        unfinished = self.directory / "unfinished"
        unfinished.write_bytes(mail)
        unfinished.rename(self.directory / f"{self.received:04}.eml")
        return "250 OK"


async def main(directory, *certificate):
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
    sink = Sink(directory)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, tls_context=tls, require_starttls=tls is not None, hostname="sink.test"), "127.0.0.1", 0
    )
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
