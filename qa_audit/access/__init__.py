"""Who may do what: people, roles, the policy table, and the one question every service asks."""
