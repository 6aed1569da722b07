"""What rows look like as JSON. One room per domain."""
