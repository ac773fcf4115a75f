"""Early warning of supply failures: observations in, rules judged, alerts out as Telegram messages and digests."""
