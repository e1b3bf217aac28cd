"""Orders as order systems tell them: whose, on which site, for how much; and who may be put on one."""
