"""`kuntakaiku serve`."""

from functools import partial
from typing import Annotated

import typer

from programme.errors import KuntakaikuError
from runtime.cli.speak import progress_bar, tell_warning
from runtime.wiring import Program


def command(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; 127.0.0.1 is this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
) -> None:
    """Open the console: pages in the browser, until you end it with Ctrl-C."""
    from runtime import log
    from runtime.jobs import serve
    from runtime.schedule import stopping

    program: Program = context.obj
    program.tells_privacy = True
    serve.require_permission(program, host)
    log.configure(quiet=program.quiet)
    serve.make_ready(program, partial(progress_bar, shown=not program.quiet))
    server = serve.server(program, host, port)
    if not _is_free(host, port):
        raise KuntakaikuError(f"Port {port} of {host} is taken.", "End what listens there, or name another --port.")
    if not program.quiet:
        tell_warning(_opened(program, serve.door(program, host, port).base, f"http://{serve.named(host)}:{port}/"))
    with stopping(program.stop):  # the server hands the signal on when it is done: asked to end, it ends well
        server.run()


def _opened(program: Program, base: str, address: str) -> str:
    if program.configuration.site.login == "none":
        return f"the console is open without a login, on this machine only: {address}  (end it with Ctrl-C)"
    people = program.corpus.people.all()
    lacking = "" if people else "; nobody may log in yet: kuntakaiku users add ADDRESS --role administrator"
    return f"the console is open at {address}, for {len(people)} people at {base}/{lacking}  (end it with Ctrl-C)"


def _is_free(host: str, port: int) -> bool:
    import socket

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise KuntakaikuError(f"{host} is no address of this machine.", "Name one with --host.") from error
    except OSError:
        return False
    return True
