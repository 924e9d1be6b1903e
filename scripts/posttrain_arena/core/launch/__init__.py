"""Paid work on rented machines: what it is called, what it may cost, what becomes of it."""
