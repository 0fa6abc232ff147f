"""What leaves: the adapters' protocol, when to try again, and the loop that hands statements on.

Plain values only: no database, no clock, no sleep of its own. Whoever calls it lends all three.
"""
