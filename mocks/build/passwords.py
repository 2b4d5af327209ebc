#!/usr/bin/env python3
"""Prints every password that the accounts are built with, one a line."""

from shop import DB_PASSWORD
from worn import ADMIN_PASSWORD, ADMIN_TOKEN, ORIGIN_SECRET, REPORT_PASSWORD

print("\n".join((DB_PASSWORD, ADMIN_PASSWORD, ADMIN_TOKEN, ORIGIN_SECRET, REPORT_PASSWORD)))
