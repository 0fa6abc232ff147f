"""From a statement of the log to what leaves: let through by the feed's filter, its people named as the feed does."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, evolve, field

from reinforce.delivery.outgoing import Attachment, Outgoing, Rejected
from reinforce.errors import InvalidValue
from reinforce.feeds.people import Names, People
from reinforce.model.checks import from_micros
from reinforce.model.people import Learner
from reinforce.statements.formats import compact
from reinforce.statements.json_bytes import parse_json
from reinforce.statements.kinds import FactKind, kind_of
from reinforce.statements.renaming import renamed
from reinforce.statements.timestamps import timestamp_text
from reinforce.statements.voice import ActorPolicy, Voice
from reinforce.store.feed_contents import is_of, with_references
from reinforce.store.feeds import Feed
from reinforce.store.session import Session
from reinforce.store.statements import Lacks, Origin, StatementLog, StoredStatement
from reinforce.store.teams import members

_LACKS_ID, _LACKS_TIMESTAMP = int(Lacks.ID), int(Lacks.TIMESTAMP)


@define(eq=False)
class Rendering:
    """How one feed sees the log.

    Attributes:
        feed: its filter and policy count, not where it stands.
        tenant: whose it is.
        voice: in which our statements are told.
        policy: by which the feed names our learners; None: they stay as the log names them.
    """

    feed: Feed
    tenant: str
    voice: Voice | None
    policy: ActorPolicy | None
    _names: Names | None = field(default=None, init=False)
    _about: frozenset[str] = field(default=frozenset(), init=False)
    _is_loaded: bool = field(default=False, init=False)
    _is_fresh: bool = field(default=False, init=False)

    def begin(self, session: Session) -> None:
        """Know the people, once; to be called in each transaction before anything is rendered."""
        self._is_fresh = False
        if not self._is_loaded:
            self._load(session)
            self._is_loaded = True

    def render(self, session: Session, stored: StoredStatement) -> Outgoing | Rejected | None:
        """What leaves for a statement; `Rejected`: it cannot be told as the feed asks; None: it stays here."""
        log = StatementLog(session.driver, session.tenant_id)
        if not is_of(self.feed.filter, stored):
            return None
        if self.feed.filter.looks_inside:
            statements = with_references(log, stored)
            if not self.feed.filter.takes(statements, self._about):
                return None
        return self.told(session, stored)

    def told(self, session: Session, stored: StoredStatement) -> Outgoing | Rejected:
        """What leaves for a statement, whether or not the filter lets it through."""
        try:
            body = self._named(session, stored)
        except InvalidValue as problem:
            return Rejected(stored.id, str(problem))
        return Outgoing(stored.id, stored.version.value, _complete(stored, body))

    def _named(self, session: Session, stored: StoredStatement) -> bytes:
        if self._names is None or _tells_of_erasing(stored):
            return stored.body
        is_ours = stored.origin is Origin.OURS
        try:
            return self._renamed(stored, is_ours=is_ours)
        except InvalidValue:
            if self._is_fresh:
                raise
            self._load(session)  # somebody may have come since
            return self._renamed(stored, is_ours=is_ours)

    def _renamed(self, stored: StoredStatement, *, is_ours: bool) -> bytes:
        names = self._names
        assert names is not None  # noqa: S101 -- see _named
        return renamed(stored.body, lambda actor: names.instead(actor, is_ours=is_ours))

    def _load(self, session: Session) -> None:
        self._is_fresh = True
        wanted = self.feed.filter
        if self.policy is None and not wanted.is_about_some:
            return
        learners = session.catalogue.all(Learner)
        people = People.of(self.tenant, learners, self.voice)
        if self.policy is not None:
            self._names = Names(self.tenant, people, self.policy)
        about = {learner.key for learner in learners if not wanted.roles or set(wanted.roles) & set(learner.roles)}
        if wanted.teams:
            about &= {one.key for team in wanted.teams for one in members(session.driver, session.tenant, team)}
        self._about = people.keys_of(about) if wanted.is_about_some else frozenset()

    def without_name(self) -> dict[str, str]:
        """The learners whom the feed's policy cannot name, with what is missing."""
        return self._names.without_name() if self._names is not None else {}


def _tells_of_erasing(stored: StoredStatement) -> bool:
    """Whether it names somebody by a pseudonym whom nobody here knows any more."""
    return b'/erased"' in stored.body and kind_of(stored.data) is FactKind.LEARNER_ERASED


def with_attachments(session: Session, statement: Outgoing) -> Outgoing:
    """The statement with the contents of its attachments that the log has."""
    if b'"attachments"' not in statement.body:
        return statement
    hashes = set(_hashes(parse_json(statement.body)))
    found = StatementLog(session.driver, session.tenant_id).attachments(hashes)
    return evolve(statement, attachments=[Attachment(one.sha2, one.content_type, one.content) for one in found])


def _hashes(data: Mapping[str, Any]) -> Iterator[str]:
    for part in (data, data["object"]):
        for one in part.get("attachments", ()):
            yield one["sha2"]


def _complete(stored: StoredStatement, body: bytes) -> bytes:
    """What came without an id would be stored twice if it were sent twice, and without a moment at another one."""
    lacking, missing = int(stored.lacks), dict[str, str]()  # flags take longer than all the rest
    if lacking & _LACKS_ID:
        missing["id"] = str(stored.id)
    if lacking & _LACKS_TIMESTAMP:
        missing["timestamp"] = timestamp_text(from_micros(stored.stored_at))
    return compact(missing)[:-1] + b"," + body[1:] if missing else body
