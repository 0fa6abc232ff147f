"""Files in and files out: events, definitions, whole tenants and review logs; no database, no clock."""
