"""The database: tables, migrations and queries. The only place that imports SQLAlchemy."""
