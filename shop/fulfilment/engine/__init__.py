"""Which delivery rule counts, what it charges, and which days are working days. Pure: no database, no clock."""
