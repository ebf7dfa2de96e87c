"""Alerts: what a person must know, said once, in the company's language, with what to do.

    problem.py    what can be the matter, and what of it stands in a message: no data, no secret, nobody's name
    causes.py     a failure's cause in words that may leave the machine
    messages.py   problems as messages, one for each cause
    memory.py     what was said already, in `data/alerts.json`
    channels.py   e-mail, Teams, Slack, ntfy, webhook: through apprise
    telling.py    the rules: what is new is said, what stays is silent for a while, what is well again is said

Problems are found elsewhere (`kontor/watching.py` looks at the machine and the sources, `orchestration/outcome.py` at
Dagster's record of a run); here is decided what is said of them.
"""
