"""Tables that staff upload: templates, reading xlsx and csv, a dry run that says what each row does, the import."""
