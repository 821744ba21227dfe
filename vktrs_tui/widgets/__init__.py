"""What the screens are built of: each is given a snapshot, draws it, and tells of events; none touches a file."""
