"""A whole tenant as JSON lines, out and in.

The first line is a header, the last one counts the lines between, so a file that was cut off is noticed.
The same values give the same bytes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import IO, Any, TypeVar

import attrs
from attrs import field, frozen

from reinforce.errors import InvalidFile, InvalidValue
from reinforce.exchange.json_text import compact, parse_object
from reinforce.exchange.lines import Line, Source, name_of, opened, read_lines, without_end
from reinforce.exchange.logged_parameters import LoggedAdoption, LoggedFit, LoggedParameters
from reinforce.exchange.logged_statements import ErasedStatement, LoggedAttachment, LoggedDocument, LoggedStatement
from reinforce.model.checks import in_utc, is_key, is_moment, is_text, number, whole
from reinforce.model.conversion import structure, unstructure
from reinforce.model.library import Refresher
from reinforce.model.people import Calendar, Learner, Team
from reinforce.model.plans import Assignment
from reinforce.model.practice import PracticeEvent, Rating
from reinforce.model.rating_policy import RatingPolicy
from reinforce.model.skills import RoleProfile, Skill, SkillModel

T = TypeVar("T")

VERSION = 3
"""Of what is written; version 1 had no statements, version 2 neither fits nor adoptions of parameters."""

LONGEST_LINE = 64 << 20
"""An attachment of the size that an LRS takes fits in a line."""

_MARK = "reinforce_export"
_END = "end"


_is_event_id = attrs.validators.matches_re(r"[0-9a-f]{32}")


_is_close = whole(1, 2**31 - 2)


@frozen
class ExportHeader:
    """What an export is of.

    Attributes:
        tenant: key of the tenant that was exported.
        exported_at: when; None leaves it out, so that the same tenant gives the same bytes.
    """

    tenant: str = field(validator=is_key)
    exported_at: datetime | None = None


@frozen
class LoggedReview:
    """What an event did to one skill when it was recorded.

    It could be derived from the outcome, but only with the policy, the skills and the time zone of that day.

    Attributes:
        day: the learner's calendar day, in days since 1970-01-01.
        rating: 1 to 4; None for an exposure.
        weight: how far it moved the memory, 0 to 1.
        implicit: whether the skill was practised by way of one that encompasses it.
        generation: number of the close of the calibration that learns it.
    """

    skill: str = field(validator=is_key)
    day: int
    rating: Rating | None = None
    weight: float = field(default=1.0, validator=number(0, 1))
    implicit: bool = False
    generation: int = field(default=1, validator=_is_close)


@frozen
class Void:
    """That an event does not count any more, since when and why.

    Attributes:
        generation: the first close of the calibration that no longer knows the event.
        reviews: what its effects were; a close before that has learned them.
    """

    voided_at: datetime = field(converter=in_utc, validator=is_moment)
    reason: str = field(default="", validator=is_text)
    generation: int = field(default=1, validator=_is_close)
    reviews: tuple[LoggedReview, ...] = ()


@frozen
class LoggedEvent:
    """An event as the practice log holds it.

    Attributes:
        event_id: 32 hex digits.
        reviews: its effects; none if it is void.
        recorded_at: when it came into the log.
        policy: id of the rating policy that rated it.
        revision: raised with each correction of the same external id.
        voided: None: it counts.
    """

    event: PracticeEvent
    event_id: str = field(validator=_is_event_id)
    recorded_at: datetime = field(converter=in_utc, validator=is_moment)
    policy: str = field(validator=is_key)
    revision: int = field(default=0, validator=whole(0, 1_000_000))
    voided: Void | None = None
    reviews: tuple[LoggedReview, ...] = ()


@frozen
class LoggedCalibration:
    """The closes of a tenant's calibration; what they learned is learned from the events again.

    Attributes:
        is_on: whether it is to move due days.
        closes: when each was made, the first one first.
        in_force: how many of them were learned.
    """

    is_on: bool
    closes: tuple[datetime, ...]
    in_force: int = field(validator=whole(0, 2**31 - 2))


@frozen
class LoggedPostponement:
    """That the adoption of the present parameters made a skill due later than they say, to spread a wall.

    Attributes:
        event_id: 32 hex digits of the last event of the pair; with the next one it ends.
        until: the day before which the skill is not due, in days since 1970-01-01.
    """

    learner: str = field(validator=is_key)
    skill: str = field(validator=is_key)
    event_id: str = field(validator=_is_event_id)
    until: int = field(validator=whole(-1_000_000, 10_000_000))


KINDS: Mapping[str, type[Any]] = {
    "skill": Skill,
    "learner": Learner,
    "team": Team,
    "calendar": Calendar,
    "model": SkillModel,
    "role": RoleProfile,
    "refresher": Refresher,
    "policy": RatingPolicy,
    "parameters": LoggedParameters,
    "fit": LoggedFit,
    "adoption": LoggedAdoption,
    "calibration": LoggedCalibration,
    "event": LoggedEvent,
    "assignment": Assignment,
    "postponement": LoggedPostponement,
    "erased_statement": ErasedStatement,
    "statement": LoggedStatement,
    "attachment": LoggedAttachment,
    "document": LoggedDocument,
}
"""The class of each kind of line."""

_KIND_OF = {cls: kind for kind, cls in KINDS.items()}


@frozen
class ExportLine:
    """One thing of an export.

    Attributes:
        line: its line in the file, from 1.
        value: an instance of `KINDS[kind]`.
    """

    line: int
    kind: str
    value: Any


def write_export(stream: IO[str], header: ExportHeader, values: Iterable[Any]) -> dict[str, int]:
    r"""Write values as an export; gives how many of each kind there were.

    Args:
        stream: text; opened with `encoding="utf-8", newline="\n"`, as `written_whole` does, the bytes are
            the same on every system.
        header: what it is of.
        values: instances of the classes in `KINDS`, in the order in which they are to be read again.

    Raises:
        InvalidValue: a value is of another class.
    """
    stream.write(compact({_MARK: VERSION, **unstructure(header)}) + "\n")
    counts: Counter[str] = Counter()
    for value in values:
        kind = _KIND_OF.get(type(value))
        if kind is None:
            raise InvalidValue(f"an export holds {', '.join(cls.__name__ for cls in _KIND_OF)}; no {value!r}")
        stream.write(compact({"kind": kind, "value": unstructure(value)}) + "\n")
        counts[kind] += 1
    stream.write(compact({"kind": _END, "counts": dict(counts)}) + "\n")
    return dict(counts)


def read_export(source: Source) -> tuple[ExportHeader, Iterator[ExportLine]]:
    """The header of an export, and its lines as they are asked for, in constant memory.

    That a file was cut off shows only at its end: take nothing for good before the last line came.

    Args:
        source: a path, or a stream of text or bytes, which is left open.

    Raises:
        InvalidFile: it is no export, of a newer version, or broken; names the line. The iterator raises it too.
    """
    lines = _lines(source)
    header = _header(next(lines, None), name_of(source))
    return header, _values(lines, name_of(source))


def _lines(source: Source) -> Iterator[Line]:
    with opened(source) as stream:
        yield from read_lines(stream, name_of(source), longest=LONGEST_LINE)


def _object(line: Line, name: str) -> dict[str, Any]:
    """The object of a line.

    Raises:
        InvalidFile: it is none, or the line was cut off.
    """
    where = f"{name}, line {line.number}"
    if line.fault is not None:
        raise InvalidFile(f"{where}: {line.fault}")
    try:
        data = parse_object(without_end(line.text))
    except ValueError as problem:
        cut = "" if line.text.endswith("\n") else "; the file was cut off within this line: export it again"
        raise InvalidFile(f"{where}: {problem}{cut}") from problem
    if not line.text.endswith("\n"):
        raise InvalidFile(f"{where}: the line has no end; the file was cut off: export it again")
    return data


def _header(line: Line | None, name: str) -> ExportHeader:
    if line is None:
        raise InvalidFile(f'{name}: it is empty; an export begins with a line {{"{_MARK}": {VERSION}, …}}')
    data = _object(line, name)
    version = data.pop(_MARK, None)
    if type(version) is not int or version < 1:
        raise InvalidFile(f'{name}, line 1: an export begins with a line {{"{_MARK}": {VERSION}, …}}')
    if version > VERSION:
        raise InvalidFile(
            f"{name}, line 1: it was written in version {version} of the export by a newer reinforce; this one reads "
            f"up to version {VERSION}: upgrade reinforce"
        )
    return _structured(data, ExportHeader, f"{name}, line 1")


def _values(lines: Iterator[Line], name: str) -> Iterator[ExportLine]:
    counts: Counter[str] = Counter()
    number = 1
    for line in lines:
        number = line.number
        data = _object(line, name)
        where = f"{name}, line {number}"
        kind = data.get("kind")
        if kind == _END:
            _check_end(data, counts, where)
            if (more := next(lines, None)) is not None:
                raise InvalidFile(f"{name}, line {more.number}: there is more after the line that ends the export")
            return
        if not isinstance(kind, str) or kind not in KINDS:
            raise InvalidFile(f"{where}: there is no kind {kind!r}; there are {', '.join(KINDS)}")
        if data.keys() != {"kind", "value"}:
            raise InvalidFile(f"{where}: a line must have the fields kind and value, not {', '.join(sorted(data))}")
        counts[kind] += 1
        yield ExportLine(number, kind, _structured(data["value"], KINDS[kind], f"{where}: {kind}"))
    raise InvalidFile(f"{name}: it stops after line {number} without the line that ends an export: export it again")


def _check_end(data: dict[str, Any], counts: Counter[str], where: str) -> None:
    said = data.get("counts")
    if data.keys() != {"kind", "counts"} or not isinstance(said, dict):
        raise InvalidFile(f"{where}: the line that ends an export must have the fields kind and counts")
    for kind in {*said, *counts}:
        if said.get(kind, 0) != counts[kind]:
            raise InvalidFile(
                f"{where}: there should be {said.get(kind, 0)} lines of kind {kind!r} before it, and there are "
                f"{counts[kind]}: lines were lost or added"
            )


def _structured(data: Any, cls: type[T], where: str) -> T:
    try:
        return structure(data, cls, where)
    except InvalidValue as problem:
        raise InvalidFile(str(problem)) from problem
