"""A name server on loopback that answers with the TXT records it was given."""

import socketserver
import threading
from types import TracebackType
from typing import Self

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


class FakeDns:
    """Answers over UDP; what it has no record of does not exist."""

    def __init__(self, records: dict[str, list[str]]) -> None:
        self.records = records
        self.asked: list[str] = []
        told = self

        class Talk(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, connection = self.request
                connection.sendto(told._answer(data), self.client_address)

        self._server = socketserver.UDPServer(("127.0.0.1", 0), Talk)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def resolver(self) -> dns.resolver.Resolver:
        """Return what asks this server and no other."""
        made = dns.resolver.Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.1"], self._server.server_address[1]
        return made

    def _answer(self, data: bytes) -> bytes:
        query = dns.message.from_wire(data)
        name = query.question[0].name
        self.asked.append(name.to_text(omit_final_dot=True))
        answer = dns.message.make_response(query)
        if texts := self.records.get(self.asked[-1]):
            answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", [f'"{text}"' for text in texts]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()
