"""Where on the earth something is or is planned: shapes on the ellipsoid, what is between two, how they are typed."""
