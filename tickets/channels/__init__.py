"""Adapters, one folder a channel. Inbound: verify, parse, hand to intake. Outbound: from the outbox, deliver."""
