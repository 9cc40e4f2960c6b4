"""A large made-up data set, for measuring."""
