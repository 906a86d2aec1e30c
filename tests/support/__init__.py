"""What tests stand on: real services on loopback, and the program itself as a process."""
