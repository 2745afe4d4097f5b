"""Short messages to people: SMS, voice and mail gateways, tried in order, with retries and delivery reports."""
