"""Who may speak to the embedded LRS: `lrs key add`, `lrs key list` and `lrs key revoke`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Annotated

import typer

from reinforce.cli.command import Session, command, group, now
from reinforce.cli.known_tenants import known_named, told_if_new
from reinforce.cli.output import Column
from reinforce.model.checks import from_micros, to_micros
from reinforce.statements.vocabulary import NAMESPACE
from reinforce.store.credentials import Credential, Credentials, parse_scopes
from reinforce.store.session import Store

app = group("The embedded LRS.")
keys = group("Make, list and revoke keys to the LRS.")
app.add_typer(keys, name="key")

HOME_PAGE = NAMESPACE


@contextmanager
def _store(session: Session, *, creates_tenant: bool = False) -> Iterator[Store]:
    session.require_database()
    settings = session.settings
    store = Store(settings.database, settings.schema, settings.tenant_key, creates_tenant=creates_tenant)
    telling = told_if_new(settings, session.output) if creates_tenant else nullcontext()
    with known_named(settings), telling, closing(store.database):
        yield store


def add(
    session: Session,
    scope: Annotated[
        list[str],
        typer.Option(
            metavar="SCOPE",
            help="statements/write, statements/read/mine, statements/read, state, profile or all; may be repeated.",
        ),
    ],
    label: Annotated[str, typer.Option(metavar="TEXT", help="What it is for, such as the name of an LMS.")] = "",
    authority: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who vouches for what comes with it: the account's name; else the label."),
    ] = None,
) -> None:
    """Make a key with a password, which is shown this once.

    An LMS takes them as user name and password of HTTP Basic authentication.
    """
    scopes = parse_scopes(scope)
    moment = to_micros(now())
    name = authority or label or session.settings.tenant_key
    agent = {"objectType": "Agent", "name": name, "account": {"homePage": HOME_PAGE, "name": name}}
    with _store(session, creates_tenant=True) as store, store.write(moment) as opened:
        made, password = Credentials(opened.driver).add(opened.tenant_id, scopes, agent, label, moment)
    if session.output.is_json:
        session.output.document({"key": _plain(made), "password": password})
        return
    session.output.line(f"key: {made.key}")
    session.output.line(f"password: {password}")


def list_keys(session: Session) -> None:
    """List the tenant's keys, also those that were revoked."""
    with _store(session) as store, store.read() as opened:
        found = Credentials(opened.driver).of_tenant(opened.tenant_id)
    if session.output.is_json:
        session.output.document({"keys": [_plain(one) for one in found]})
        return
    session.output.table(
        (
            Column("key", "key"),
            Column("label", "label"),
            Column("scopes", "scopes"),
            Column("created", "created"),
            Column("revoked", "revoked"),
        ),
        [
            (
                one.key,
                one.label,
                _listed(one),
                _day(one.created_at),
                "" if one.revoked_at is None else _day(one.revoked_at),
            )
            for one in found
        ],
        "there are none yet: see `reinforce lrs key add --help`",
    )


def revoke(session: Session, key: Annotated[str, typer.Argument(metavar="KEY", help="As it was shown.")]) -> None:
    """Let a key open nothing any more, within a second."""
    moment = to_micros(now())
    with _store(session) as store, store.write(moment) as opened:
        Credentials(opened.driver).revoke(opened.tenant_id, key, moment)
    if session.output.is_json:
        session.output.document({"revoked": key})
        return
    session.output.line(f"revoked {key}")


def _plain(one: Credential) -> dict[str, object]:
    return {
        "key": one.key,
        "label": one.label,
        "scopes": sorted(scope.value for scope in one.scopes),
        "created_at": from_micros(one.created_at),
        "revoked_at": None if one.revoked_at is None else from_micros(one.revoked_at),
    }


def _listed(one: Credential) -> str:
    return " ".join(sorted(scope.value for scope in one.scopes))


def _day(micros: int) -> str:
    return from_micros(micros).date().isoformat()


command(keys)(add)
command(keys, "list")(list_keys)
command(keys)(revoke)
