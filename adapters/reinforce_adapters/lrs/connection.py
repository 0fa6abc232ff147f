"""Requests to one LRS: pooled, verified, bounded in time and size, and never redirected."""

import base64
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import requests
from attrs import evolve
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from reinforce.errors import DeliveryStopped
from reinforce_adapters.lrs.answer import Answer
from reinforce_adapters.lrs.credentials import credentials_for
from reinforce_adapters.lrs.settings import LrsSettings

MOST_ANSWER_BYTES = 16 * 2**20
CHUNK = 64 * 2**10
LONGEST_ANSWER = 10
"""How many times `read_seconds` an answer may take that trickles in."""


class Connection:
    """The way to one LRS; whatever goes wrong on it is a `DeliveryStopped` that shows no secret."""

    def __init__(self, settings: LrsSettings, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._stopwatch = stopwatch
        self._session: requests.Session | None = None
        self._credentials = credentials_for(settings, self._post_form)
        self._hidden = _hidden(settings)

    def get(self, resource: str, version: str, params: Mapping[str, str] | None = None) -> Answer:
        """What the LRS answers to a GET of one of its resources."""
        headers = {"X-Experience-API-Version": version}
        return self._authorized("GET", self._settings.url_of(resource), headers, params=params)

    def get_at(self, url: str, version: str) -> Answer:
        """What the LRS answers to a GET of an address that it has named itself."""
        return self._authorized("GET", url, {"X-Experience-API-Version": version})

    def post(self, resource: str, version: str, body: bytes, content_type: str) -> Answer:
        """What the LRS answers to a POST to one of its resources."""
        headers = {"X-Experience-API-Version": version, "Content-Type": content_type}
        return self._authorized("POST", self._settings.url_of(resource), headers, body=body)

    def close(self) -> None:
        """Close what is pooled; the next request opens anew."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _authorized(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """The answer; if it refuses the credentials and there are others, the answer to those."""
        answer = self._request(method, url, headers, self._credentials, params, body)
        if answer.status == 401 and self._credentials.renew():
            answer = self._request(method, url, headers, self._credentials, params, body)
        return answer

    def _post_form(self, url: str, form: str, auth: AuthBase) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self._request("POST", url, headers, auth, None, form.encode())

    def _request(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        auth: Callable[[requests.PreparedRequest], requests.PreparedRequest],
        params: Mapping[str, str] | None,
        body: bytes | None,
    ) -> Answer:
        try:
            with self._opened().request(
                method,
                url,
                params=params,
                data=body,
                headers=headers,
                auth=auth,
                timeout=(self._settings.connect_seconds, self._settings.read_seconds),
                verify=self._settings.ca_bundle or True,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._masked(Answer(response.status_code, response.headers, self._read(response)))
        except (OSError, HTTPError, UnicodeError) as problem:
            self.close()
            raise DeliveryStopped(self._spoken(problem, url)) from None

    def _opened(self) -> requests.Session:
        if self._session is None:
            self._session = requests.Session()
            self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity"})
            for scheme in ("http://", "https://"):
                self._session.mount(scheme, HTTPAdapter(pool_connections=2, pool_maxsize=4))
        return self._session

    def _read(self, response: requests.Response) -> bytes:
        until = self._stopwatch() + LONGEST_ANSWER * self._settings.read_seconds
        body = bytearray()
        for chunk in response.iter_content(CHUNK):
            body += chunk
            if len(body) > MOST_ANSWER_BYTES:
                raise DeliveryStopped(f"the LRS answers with more than {MOST_ANSWER_BYTES >> 20} MiB")
            if self._stopwatch() > until:
                raise DeliveryStopped("the LRS takes too long over its answer")
        return bytes(body)

    def _masked(self, answer: Answer) -> Answer:
        """The answer without our secrets, in case that it repeats what it was sent."""
        if not any(secret in answer.body for secret in self._hidden):
            return answer
        body = answer.body
        for secret in self._hidden:
            body = body.replace(secret, b"***")
        return evolve(answer, body=body)

    def _spoken(self, problem: Exception, url: str) -> str:
        """What happened, without quoting what may hold a secret."""
        place = urlsplit(url).netloc
        if isinstance(problem, requests.exceptions.SSLError):
            return f"no trusted connection to {place}: {_certificate_trouble(problem)}"
        if isinstance(problem, requests.exceptions.ProxyError):
            return f"the proxy makes no connection to {place}"
        if isinstance(problem, requests.exceptions.ConnectTimeout):
            return f"no connection to {place} within {self._settings.connect_seconds:g} s"
        if isinstance(problem, requests.exceptions.Timeout):
            return f"no answer from {place} within {self._settings.read_seconds:g} s"
        return f"the connection to {place} could not be made or was cut ({type(problem).__name__})"


def _certificate_trouble(problem: BaseException) -> str:
    """The words of OpenSSL, which stand at the end of a chain of causes."""
    seen: BaseException | None = problem
    while seen is not None:
        said = getattr(seen, "verify_message", None)
        if isinstance(said, str) and said:
            return said
        inner = [one for one in seen.args if isinstance(one, BaseException)]
        seen = getattr(seen, "reason", None) if isinstance(getattr(seen, "reason", None), BaseException) else None
        seen = seen or (inner[0] if inner else None)
    return "TLS failed"


def _hidden(settings: LrsSettings) -> tuple[bytes, ...]:
    """Every form in which our secrets travel; those too short to be one are left, or they would mask words."""
    plain = [secret.encode() for secret in settings.secrets]
    pairs = [f"{settings.username}:{settings.password}", f"{settings.client_id}:{settings.client_secret}"]
    coded = [base64.b64encode(pair.encode()) for pair in pairs]
    return tuple(secret for secret in (*plain, *coded) if len(secret) >= 6)
