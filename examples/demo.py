"""The whole of reinforce in one sitting: a team, a practice log, and who should refresh what tomorrow.

Run it with `python examples/demo.py`; the team and the log come with the package.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import reinforce.demo as demo
from reinforce import Reinforcer
from reinforce.jobs.night import nightly


def main() -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'practice.db'}"
        with Reinforcer(url, tenant=demo.TENANT) as reinforcer:
            reinforcer.upgrade()
            demo.load(reinforcer)
            nightly(url, tenants=[demo.TENANT], as_of=demo.TOMORROW, at=demo.LAST_EVENING)

            for person in reinforcer.learners(team=demo.TEAM):
                print(f"\n{person.name}, {demo.TOMORROW:%A %d %B %Y}")
                for given in reinforcer.assignments(person.key):
                    print(f"  {given.title} ({given.minutes:g} min)\n    {given.reason}")

            print("\nWhy is Anna asked about prices?")
            why = reinforcer.why("anna", "price", at=demo.LAST_EVENING)
            assert why.state is not None
            assert why.retrievability is not None
            print(f"  recalled with a probability of {why.retrievability:.0%} today, due on {why.state.due}")
            for next_time in why.next_time:
                print(f"  {next_time.rating.name.lower():>5} next time: due again on {next_time.due}")


if __name__ == "__main__":
    main()
