"""What happened, told as xAPI statements in the transaction in which it happened.

From what recording, planning and erasing have changed to facts, and from facts to the statement log. Nothing here
runs for a host whose facts are not told.
"""
