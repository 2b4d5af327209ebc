"""What only a person knows, for rehearsals; and what the mock cannot do."""

# By `policy/option`, or `account:policy/option`: why it cannot be rehearsed against the mock.
IMPOSSIBLE = {}


def values(account, policy, option, finding):
    """The variables that a script leaves empty, as the environment gives them."""
    return {}
