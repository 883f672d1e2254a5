"""Things that are changed under revision: drafted by one person, approved by another, in force from a date."""
