"""demo: what it shows is what it wrote."""

from cli.conftest import Run


def test_kept_database_agrees(run: Run) -> None:
    """What the kept database forecasts for the day agrees with the reasons of the plans that were shown."""
    shown = run("demo", "--keep", "demo.db", "--json").document
    given = next(one for plan in shown["plans"] for one in plan["assignments"] if "has fallen to" in one["reason"])
    told = run(
        "forecast",
        given["learner"],
        "--on",
        given["day"],
        "--database",
        "sqlite:///demo.db",
        "--tenant",
        "demo",
        "--json",
    ).document
    left = {one["skill"]: one["retrievability"] for one in told["forecast"]}

    assert f"has fallen to {left[given['skills'][0]]:.0%}".replace("%", " %") in given["reason"]
