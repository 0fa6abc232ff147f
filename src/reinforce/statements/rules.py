"""The rules of the specification that statements are held to, each in our own words with its sections."""

from reinforce.statements.faults import Rule

# Formats, wherever they are used
IRI = Rule("it must be an IRI with its scheme, such as http://example.com/things/1", "2.2, 4.3", "4.2.4.1, 4.2.7")
IRL = Rule("it must be an IRL with its scheme, such as http://example.com/page", "2.2, 4.3", "4.2.4.1, 4.2.7")
UUID = Rule("it must be a UUID such as fd41c918-b88b-4b20-a0a5-a4c32391aaa0", "2.4.1, 4.4", "4.2.7")
TIMESTAMP = Rule(
    "it must be a moment such as 2026-03-31T09:00:00.000Z (2.0: RFC 3339, with its time zone; never -00:00)",
    "4.5",
    "4.2.7",
)
DURATION = Rule("it must be an ISO 8601 duration such as PT1H30M5.25S or P4W", "4.6", "4.2.7")
LANGUAGE_MAP = Rule('it must be an object from languages to texts such as {"en-US": "…"}', "4.2", "4.2.7")
LANGUAGE_TAG = Rule("it must be an RFC 5646 language tag such as en or zh-Hans-CN", "2.2, 4.2", "4.2.4.1, 4.2.7")
LANGUAGE_TEXT = Rule("it must be text", "4.2", "4.2.7")
EXTENSIONS = Rule("it must be an object from IRIs to values", "4.1", "4.2.7")
EXTENSION_KEY = Rule("the key of an extension must be an IRI with its scheme", "4.1", "4.2.7")
MEDIA_TYPE = Rule("it must be a media type such as application/pdf", "2.4.11", "4.2.2.6")

# The statement
STATEMENT = Rule("a statement must be an object", "2.4", "4.2.2")
STATEMENT_MEMBERS = Rule("", "2.2, 2.4", "4.2.1, 4.2.4.1")
ACTOR_MISSING = Rule("it is missing; a statement has an actor", "2.2, 2.4", "4.2.2")
VERB_MISSING = Rule("it is missing; a statement has a verb", "2.2, 2.4", "4.2.2")
OBJECT_MISSING = Rule("it is missing; a statement has an object", "2.2, 2.4", "4.2.2")
VERSION = Rule("it must be 1.0 or 1.0.x (in requests of 2.0 also 2.0 or 2.0.x)", "2.4.10", "4.2.4.3")
ATTACHMENTS = Rule("it must be an array of attachments", "2.4.11", "4.2.2.6")
VOIDING = Rule("a statement that voids must have a StatementRef as its object", "2.3.2", "4.2.5")
ACTIVITIES_ONLY = Rule("it may only be used where the statement's object is an Activity", "2.4.6", "4.2.2.5")
AUTHORITY = Rule("it must be an Agent, or a Group of exactly two Agents without identifier", "2.4.9", "4.2.4.2")
TWICE = Rule("another statement of this batch has the same id", "Communication 2.1.2", "4.1.6.1")
BATCH = Rule("it must be a statement or an array of statements", "Communication 2.1.2", "4.1.6.1")

# Actors
ACTOR = Rule("it must be an Agent or a Group, which are objects", "2.4.2", "4.2.2.1")
ACTOR_KIND = Rule("objectType must be 'Agent' or 'Group'", "2.4.2", "4.2.2.1")
AGENT = Rule("it must be an Agent, which is an object", "2.4.2.1", "4.2.2.1")
AGENT_KIND = Rule("objectType must be 'Agent'", "2.4.2.1", "4.2.2.1")
GROUP = Rule("it must be a Group, which is an object", "2.4.2.2", "4.2.2.1")
GROUP_KIND = Rule("objectType must be 'Group'", "2.4.2.2", "4.2.2.1")
NAME = Rule("it must be text", "2.4.2", "4.2.2.1")
NO_IDENTIFIER = Rule("an Agent must have one of mbox, mbox_sha1sum, openid and account", "2.4.2.1", "4.2.2.1")
TWO_IDENTIFIERS = Rule("it may have only one of mbox, mbox_sha1sum, openid and account", "2.4.2.3", "4.2.2.1")
NO_MEMBERS = Rule("it is missing; a Group without identifier must list its members", "2.4.2.2", "4.2.2.1")
MEMBERS = Rule("it must be an array of Agents", "2.4.2.2", "4.2.2.1")
MBOX = Rule("it must be 'mailto:' with an e-mail address", "2.4.2.3", "4.2.2.1")
MBOX_SHA1SUM = Rule("it must be a SHA-1 hash in 40 hex digits", "2.4.2.3", "4.2.2.1")
OPENID = Rule("it must be a URI with its scheme", "2.4.2.3", "4.2.2.1")
ACCOUNT = Rule("it must be an object with homePage and name", "2.4.2.4", "4.2.2.1")
HOME_PAGE_MISSING = Rule("it is missing; an account has a homePage", "2.4.2.4", "4.2.2.1")
ACCOUNT_NAME_MISSING = Rule("it is missing; an account has a name", "2.4.2.4", "4.2.2.1")

# Verbs
VERB = Rule("it must be an object with an id", "2.4.3", "4.2.2.2")
VERB_ID_MISSING = Rule("it is missing; a verb has an id", "2.4.3", "4.2.2.2")

# Objects
OBJECT = Rule(
    "it must be an Activity, Agent, Group, StatementRef or SubStatement, which are objects", "2.4.4", "4.2.2.3"
)
OBJECT_KIND = Rule(
    "objectType must be 'Activity', 'Agent', 'Group', 'StatementRef' or 'SubStatement'", "2.4.4", "4.2.2.3"
)
ACTIVITY = Rule("it must be an Activity, which is an object", "2.4.4.1", "4.2.2.3")
ACTIVITY_KIND = Rule("objectType must be 'Activity'", "2.4.4.1", "4.2.2.3")
ACTIVITY_ID_MISSING = Rule("it is missing; an activity has an id", "2.4.4.1", "4.2.2.3")
DEFINITION = Rule("it must be an object", "2.4.4.1", "4.2.2.3")
INTERACTION_TYPE = Rule(
    "it must be true-false, choice, fill-in, long-fill-in, matching, performance, sequencing, likert, numeric or other",
    "2.4.4.1",
    "4.2.2.3",
)
INTERACTION_TYPE_MISSING = Rule(
    "it is missing; an activity with correct responses or components has an interactionType", "2.4.4.1", "4.2.2.3"
)
PATTERNS = Rule("it must be an array of texts", "2.4.4.1", "4.2.2.3")
PATTERN = Rule("it must be text", "2.4.4.1", "4.2.2.3")
COMPONENTS = Rule("it must be an array of interaction components", "2.4.4.1", "4.2.2.3")
COMPONENT = Rule("it must be an interaction component, an object with an id", "2.4.4.1", "4.2.2.3")
COMPONENT_ID = Rule("it must be text", "2.4.4.1", "4.2.2.3")
COMPONENT_ID_MISSING = Rule("it is missing; an interaction component has an id", "2.4.4.1", "4.2.2.3")
COMPONENT_TWICE = Rule("another component of this list has the same id", "2.4.4.1", "4.2.2.3")
COMPONENTS_OUT_OF_PLACE = Rule("", "2.4.4.1", "4.2.2.3")
RESPONSE_PATTERN = Rule("", "2.4.4.1", "4.2.2.3")
STATEMENT_REF = Rule("it must be a StatementRef, which is an object", "2.4.4.3", "4.2.2.3")
STATEMENT_REF_KIND = Rule("objectType must be 'StatementRef'", "2.4.4.3", "4.2.2.3")
STATEMENT_REF_ID_MISSING = Rule("it is missing; a StatementRef has an id", "2.4.4.3", "4.2.2.3")
SUB_STATEMENT = Rule("a SubStatement may not have id, stored, version or authority", "2.4.4.3", "4.2.2.3")
SUB_STATEMENT_KIND = Rule("objectType must be 'SubStatement'", "2.4.4.3", "4.2.2.3")
NESTED_SUB_STATEMENT = Rule("a SubStatement may not have a SubStatement as its object", "2.4.4.3", "4.2.2.3")

# Results
RESULT = Rule("it must be an object", "2.4.5", "4.2.2.4")
FLAG = Rule("it must be true or false", "2.4.5", "4.2.2.4")
RESPONSE = Rule("it must be text", "2.4.5", "4.2.2.4")
SCORE = Rule("it must be an object", "2.4.5.1", "4.2.2.4")
SCALED = Rule("it must be a number from -1 to 1", "2.4.5.1", "4.2.2.4")
NUMBER = Rule("it must be a number", "2.4.5.1", "4.2.2.4")
MIN_MAX = Rule("min must be less than max", "2.4.5.1", "4.2.2.4")
RAW_BELOW = Rule("raw must not be less than min", "2.4.5.1", "4.2.2.4")
RAW_ABOVE = Rule("raw must not be greater than max", "2.4.5.1", "4.2.2.4")

# Contexts
CONTEXT = Rule("it must be an object", "2.4.6", "4.2.2.5")
CONTEXT_TEXT = Rule("it must be text", "2.4.6", "4.2.2.5")
TEAM = Rule("it must be a Group, with its objectType", "2.4.6", "4.2.2.5")
CONTEXT_ACTIVITIES = Rule("it must be an object of parent, grouping, category and other", "2.4.6.2", "4.2.2.5")
CONTEXT_ACTIVITY = Rule("it must be an Activity or an array of Activities", "2.4.6.2", "4.2.2.5")
CONTEXT_AGENTS = Rule("it must be an array of contextAgents", "2.4.6", "4.2.2.5")
CONTEXT_AGENT = Rule("it must be an object with an agent", "2.4.6", "4.2.2.5")
CONTEXT_AGENT_KIND = Rule("objectType must be 'contextAgent'", "2.4.6", "4.2.2.5")
CONTEXT_AGENT_MISSING = Rule("it is missing; a contextAgent has an agent", "2.4.6", "4.2.2.5")
CONTEXT_GROUPS = Rule("it must be an array of contextGroups", "2.4.6", "4.2.2.5")
CONTEXT_GROUP = Rule("it must be an object with a group", "2.4.6", "4.2.2.5")
CONTEXT_GROUP_KIND = Rule("objectType must be 'contextGroup'", "2.4.6", "4.2.2.5")
CONTEXT_GROUP_MISSING = Rule("it is missing; a contextGroup has a group", "2.4.6", "4.2.2.5")
RELEVANT_TYPES = Rule("it must be an array of one IRI or more", "2.4.6", "4.2.2.5")

# Attachments
ATTACHMENT = Rule("it must be an object", "2.4.11", "4.2.2.6")
ATTACHMENT_MISSING = Rule(
    "it is missing; an attachment has usageType, display, contentType, length and sha2", "2.4.11", "4.2.2.6"
)
LENGTH = Rule("it must be a whole number of octets, 0 or more", "2.4.11", "4.2.2.6")
SHA2 = Rule("it must be a SHA-2 hash in 56, 64, 96 or 128 hex digits", "2.4.11", "4.2.2.6")
SIGNATURE_TYPE = Rule("the contentType of a signature must be application/octet-stream", "2.6", "4.2.6")
