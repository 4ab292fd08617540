"""The guided audit form: `screen.AuditFormScreen(source)` works on any `source.AuditSource`."""
