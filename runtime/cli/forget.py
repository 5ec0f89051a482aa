"""`kuntakaiku forget ACCOUNT`."""

import getpass
from typing import Annotated

import typer

from runtime.wiring import Program


def command(
    context: typer.Context,
    account: Annotated[
        str,
        typer.Argument(metavar="ACCOUNT", help="network:native_id, network:@handle, @handle or a profile's address."),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell the counts, change nothing.")] = False,
) -> None:
    """Erase a person who asks for it, and let none of their posts in again.

    Exit 0: nothing is left; 3: files are left in the data directory that you must look at; 2: nobody, or several found.
    """
    from runtime.jobs.exports import recall_lines
    from runtime.jobs.forget import forget

    program: Program = context.obj
    done = forget(program, account, who=getpass.getuser(), dry_run=dry_run)
    erased = done.erased
    if done.again:
        lines = ["The account was erased before; nothing of it is in the corpus, and none of its posts come in."]
    else:
        lines = [
            f"{'Would erase' if dry_run else 'Erased'}: {erased.posts} posts, {erased.copies} reposts of them,"
            f" mentions in {erased.mentions} posts of others, {erased.payloads} network answers to others;"
            f" {erased.issues} printed issues are concerned.",
            *([] if dry_run else [f"{done.redacted} issues written anew, {done.rejects} rejected records dropped."]),
            *([] if dry_run else ["The account is barred: its posts are counted and not stored."]),
        ]
    if done.redacted and done.again:
        lines.append(f"{done.redacted} issues written anew.")
    if done.files:
        lines.append("These files hold, or may hold, something of the account; delete them or make them again:")
        lines += [f"  {path}" for path in done.files]
    if done.recalls:
        lines.append("Tell whoever has these exports now: by these names nobody can find the posts here afterwards.")
        lines += [line for one in done.recalls for line in recall_lines(one, done.key)]
    if not dry_run:
        lines.append("Backups from before hold it too: restoring one erases it again.")
    program.tell(done.as_json(), lines)
    raise typer.Exit(3 if done.files and not dry_run else 0)
