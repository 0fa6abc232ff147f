"""The words of our statements: verbs, activity types and extensions, published ones wherever there are any.

What nobody has published stands under one namespace, which a host can change to one that it controls.
"""

from attrs import field, frozen

from reinforce.errors import InvalidValue
from reinforce.statements.activities import Verb
from reinforce.statements.syntax import is_iri

NAMESPACE = "https://w3id.org/xapi/reinforce/"
"""Where our own words stand, unless a host says otherwise."""

PROFILE_VERSION = "v1.0"

# Published verbs
ATTEMPTED = Verb("http://adlnet.gov/expapi/verbs/attempted", {"en": "attempted"})
EXPERIENCED = Verb("http://adlnet.gov/expapi/verbs/experienced", {"en": "experienced"})
COMPLETED = Verb("http://adlnet.gov/expapi/verbs/completed", {"en": "completed"})
MASTERED = Verb("http://adlnet.gov/expapi/verbs/mastered", {"en": "mastered"})
VOIDED = Verb("http://adlnet.gov/expapi/verbs/voided", {"en": "voided"})
WAS_ASSIGNED = Verb("https://w3id.org/xapi/acrossx/verbs/was-assigned", {"en": "was assigned"})
EXPIRED = Verb("https://w3id.org/xapi/tla/verbs/expired", {"en": "expired"})
COACHED = Verb("https://w3id.org/xapi/adb/verbs/coached", {"en": "coached"})
OBSERVED = Verb("https://w3id.org/xapi/dod-isd/verbs/observed", {"en": "observed"})
REVIEWED = Verb("https://w3id.org/xapi/dod-isd/verbs/reviewed", {"en": "reviewed"})

# Published activity types
COMPETENCY = "https://w3id.org/xapi/tla/activity-types/competency"
PROFILE_TYPE = "http://adlnet.gov/expapi/activities/profile"

# Published extensions
DUE_DATE = "https://w3id.org/xapi/tla/extensions/due_date"
EXPIRES = "https://w3id.org/xapi/comp/contextextensions/expires"


def _is_namespace(_instance: object, _attribute: object, value: str) -> None:
    if not isinstance(value, str) or not is_iri(value) or value[-1] not in "/#":
        raise InvalidValue(f"a namespace must be an IRI that ends in / or #, such as {NAMESPACE}, not {value!r}")


@frozen
class Vocabulary:
    """Our own words under a namespace.

    Attributes:
        namespace: an IRI that ends in `/` or `#`.
    """

    namespace: str = field(default=NAMESPACE, validator=_is_namespace)

    @property
    def profile(self) -> str:
        """The IRI of the profile, which stays the same over its versions."""
        return f"{self.namespace}profile"

    @property
    def profile_version(self) -> str:
        """The IRI of the version of the profile that our statements follow."""
        return f"{self.profile}/{PROFILE_VERSION}"

    @property
    def lapsed(self) -> Verb:
        """Could not recall what was known before."""
        return Verb(f"{self.namespace}verbs/lapsed", {"en": "lapsed"})

    @property
    def retention_dropped(self) -> Verb:
        """Fell below the retention that is to be kept."""
        return Verb(f"{self.namespace}verbs/retention-dropped", {"en": "retention dropped"})

    @property
    def erased(self) -> Verb:
        """Took a person out of everything that is kept."""
        return Verb(f"{self.namespace}verbs/erased", {"en": "erased"})

    @property
    def refresher(self) -> str:
        """The activity type of an item of the learning library."""
        return f"{self.namespace}activity-types/refresher"

    def extension(self, name: str) -> str:
        """The IRI of one of our extensions, such as `stability`."""
        return f"{self.namespace}extensions/{name}"

    def template(self, name: str) -> str:
        """The IRI of one of our statement templates, such as `practised`."""
        return f"{self.namespace}templates/{PROFILE_VERSION}/{name}"

    def pattern(self, name: str) -> str:
        """The IRI of one of our patterns, such as `memory`."""
        return f"{self.namespace}patterns/{PROFILE_VERSION}/{name}"
