"""What machines see: the peer API, the node's own API, and its logs."""
