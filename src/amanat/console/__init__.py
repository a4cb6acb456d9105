"""What people see: pages of a node, rendered here and without a script."""
