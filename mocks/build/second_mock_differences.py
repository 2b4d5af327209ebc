"""What the second mock, ministack, answers otherwise than moto, and what AWS says. README.md tells it to readers."""

# Operations that ministack does not answer.
GAPS = {}

# By account and policy: how many failures more (or fewer), how many unknown, and why.
DIFFERENCES = {"ec-site": {}, "ec-site-phase1": {}, "worn-site": {}}
