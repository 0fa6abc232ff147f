"""Which refreshers, for whom, on which day, and why: pure functions over arrays and values."""

from reinforce.planning.catalogue import Catalogue
from reinforce.planning.rows import History, MemoryRows
from reinforce.planning.shard import assignment_id, plan_day, plan_shard

__all__ = ["Catalogue", "History", "MemoryRows", "assignment_id", "plan_day", "plan_shard"]
