"""What people see: pages of a node, rendered here, and of use without a script."""
