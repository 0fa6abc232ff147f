"""Texts that look like IRIs, addresses, hashes, language tags and media types, and those that don't."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.errors import InvalidValue
from reinforce.statements import syntax
from reinforce.statements.versions import XapiVersion, may_be_in

GOOD: list[tuple[Callable[[str], object], str]] = [
    (syntax.is_iri, "http://example.com"),
    (syntax.is_iri, "urn:isbn:0451450523"),
    (syntax.is_iri, "tag:example.com,2026:a"),
    (syntax.is_iri, "https://例え.jp/パス?q=1#x"),
    (syntax.is_iri, "svn+ssh://example.com"),
    (syntax.is_uri, "https://id.example/a%20b"),
    (syntax.is_mailbox, "mailto:ada.lovelace+xapi@example.co.uk"),
    (syntax.is_mailbox, "mailto:o'neil@müller.example"),
    (syntax.is_sha1, "CD9B00A5611F94EAA7B1661EDAB976068E364975"),
    (syntax.is_language_tag, "en"),
    (syntax.is_language_tag, "de-CH-1996"),
    (syntax.is_language_tag, "sl-rozaj-biske"),
    (syntax.is_language_tag, "es-419"),
    (syntax.is_language_tag, "zh-cmn-Hans-CN"),
    (syntax.is_language_tag, "en-u-ca-gregory-x-private"),
    (syntax.is_language_tag, "x-whatever"),
    (syntax.is_language_tag, "i-klingon"),
    (syntax.is_language_tag, "EN-us"),
    (syntax.is_media_type, "application/vnd.oasis.opendocument.text"),
    (syntax.is_media_type, 'text/plain; charset="utf-8"; format=flowed'),
    (syntax.is_media_type, "image/svg+xml"),
]
BAD: list[tuple[Callable[[str], object], str]] = [
    (syntax.is_iri, "example.com"),
    (syntax.is_iri, "//example.com"),
    (syntax.is_iri, "http:"),
    (syntax.is_iri, "1http://example.com"),
    (syntax.is_iri, "http://example.com/\n"),
    (syntax.is_iri, "http://example.com/<a>"),
    (syntax.is_iri, "http://example.com/\ud83d"),
    (syntax.is_uri, "https://id.example/ä"),
    (syntax.is_mailbox, "ada@example.com"),
    (syntax.is_mailbox, "mailto:ada"),
    (syntax.is_mailbox, "mailto:ada@b@c"),
    (syntax.is_mailbox, "mailto: ada@example.com"),
    (syntax.is_sha1, "cd9b00a5611f94eaa7b1661edab976068e36497"),
    (syntax.is_sha1, "gd9b00a5611f94eaa7b1661edab976068e364975"),
    (syntax.is_language_tag, ""),
    (syntax.is_language_tag, "e"),
    (syntax.is_language_tag, "en_US"),
    (syntax.is_language_tag, "en-"),
    (syntax.is_language_tag, "123"),
    (syntax.is_language_tag, "en-a"),
    (syntax.is_media_type, "text"),
    (syntax.is_media_type, "text/"),
    (syntax.is_media_type, "text/plain; charset"),
    (syntax.is_uuid, "fd41c918b88b4b20a0a5a4c32391aaa0"),
    (syntax.is_uuid, "{fd41c918-b88b-4b20-a0a5-a4c32391aaa0}"),
]


@pytest.mark.parametrize(("fits", "text"), GOOD)
def test_what_is_right_fits(fits: Callable[[str], object], text: str) -> None:
    """Each of these is right by its RFC."""
    assert fits(text)


@pytest.mark.parametrize(("fits", "text"), BAD)
def test_what_is_wrong_does_not_fit(fits: Callable[[str], object], text: str) -> None:
    """Each of these is wrong by its RFC."""
    assert not fits(text)


@pytest.mark.parametrize("header", ["1.0", "1.0.0", "1.0.3", "1.0.99"])
def test_1_0_x_is_spoken(header: str) -> None:
    """Every patch of 1.0 is answered as 1.0.3."""
    assert XapiVersion.of_header(header) is XapiVersion.V1


@pytest.mark.parametrize("header", ["2.0", "2.0.0", "2.0.1"])
def test_2_0_x_is_spoken(header: str) -> None:
    """Every patch of 2.0 is answered as 2.0.0."""
    assert XapiVersion.of_header(header) is XapiVersion.V2


@pytest.mark.parametrize("header", ["", "1", "1.1.0", "0.95", "2.1", "3.0.0", "1.0.x", "1.0.3 ", "1.0.03", "2"])
def test_other_versions_are_not_spoken(header: str) -> None:
    """What is neither is refused with the versions that there are."""
    with pytest.raises(InvalidValue, match=r"1\.0\.x, 2\.0"):
        XapiVersion.of_header(header)


def test_a_statement_may_be_of_an_older_version() -> None:
    """In a request of 2.0 a statement may be of 1.0; the other way round it may not."""
    assert may_be_in("1.0.1", XapiVersion.V2)
    assert not may_be_in("2.0.0", XapiVersion.V1)


@pytest.mark.parametrize("part", ["a", "a-", "1", "aaaaa-", "a@", "a;b=c", "a/a", "mailto:a@", " ;", "-a-a", "PT1"])
def test_long_texts_cost_no_time(part: str) -> None:
    """A text made to be slow is not: every pattern takes time in proportion to its length."""
    started = time.monotonic()

    for fits in {fits for fits, _ in GOOD + BAD}:
        fits(part * 20_000)
        fits("a" + part * 20_000 + "\n")

    assert time.monotonic() - started < 2


@given(text=st.text(max_size=30))
def test_no_text_takes_long(text: str) -> None:
    """Every pattern answers for every text."""
    for fits in {fits for fits, _ in GOOD + BAD}:
        fits(text * 50)
