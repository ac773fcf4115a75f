"""Parts of `make bench-delivery`: servers to send to, our own sender, and the peers."""
