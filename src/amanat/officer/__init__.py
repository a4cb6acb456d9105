"""Who acts here: accounts, the one place that authorises, approval by a second person, and the own audit log."""
