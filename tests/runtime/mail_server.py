"""A mail server on loopback that keeps what it was given, and can keep its answer to itself."""

import socketserver
import threading
from collections import Counter
from types import TracebackType
from typing import Self


class MailServer:
    """Takes every mail; to a mail for ``silent_for`` it never answers."""

    def __init__(self, *, silent_for: str | None = None) -> None:
        self.silent_for = silent_for
        self.got: Counter[str] = Counter()
        """Whole mails by recipient, those without an answer too."""
        self.mails: list[bytes] = []
        """Each mail as it came."""
        self.fell_silent = threading.Event()
        self._ended = threading.Event()
        server = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                server._talk(self)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _talk(self, talk: socketserver.StreamRequestHandler) -> None:
        talk.wfile.write(b"220 mail.example\r\n")
        recipient = ""
        while line := talk.rfile.readline():
            verb = line[:4].upper()
            answer = b"250 ok\r\n"
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            elif verb == b"DATA":
                talk.wfile.write(b"354 go on\r\n")
                lines = []
                while (told := talk.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(told.removeprefix(b"."))
                self.mails.append(b"".join(lines))
                self.got[recipient] += 1
                if recipient == self.silent_for:
                    self.fell_silent.set()
                    self._ended.wait(60)
                    return
            elif verb == b"QUIT":
                answer = b"221 bye\r\n"
            talk.wfile.write(answer)
