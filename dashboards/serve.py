"""Streamlit's server of the pages, asking less often: `python -m dashboards.serve run app.py OPTIONS`.

Five times a second it looks whether its settings files have changed, which nothing here changes. Streamlit has no
setting for that. It was an eighth of what an idle `kontor up` cost.
"""

from streamlit.web import bootstrap, cli


def main() -> None:
    """Become that server; its arguments stand on the command line."""
    bootstrap._install_config_watchers = lambda _options: None
    cli.main()


if __name__ == "__main__":
    main()
