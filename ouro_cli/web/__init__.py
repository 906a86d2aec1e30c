"""What the program serves: the callbacks of running actions."""
