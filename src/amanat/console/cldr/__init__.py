"""Names of Hijri months and of days near today, from CLDR: data for `calendars`; licence and source in README.md."""
