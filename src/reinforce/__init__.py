"""reinforce records practice, models forgetting and plans what to refresh."""
