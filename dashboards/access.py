"""Who may look: everybody at this machine, whoever knows the password, or whoever a trusted proxy has let in."""

from __future__ import annotations

import hmac
import time
from html import escape

import streamlit as st

from kontor.settings import Settings
from kontor.texts import Say

# A wrong password costs a second, so that nobody tries thousands.
_WRONG_SECONDS = 1.0


def admitted(settings: Settings, say: Say) -> bool:
    """Whether this reader may see pages; otherwise the page says what is asked for.

    The header of `user_header` is believed as it comes: whoever reaches the port without the proxy could write it.
    Raises SettingsError where the password's variable is not set.
    """
    header = settings.dashboards.user_header
    if header is not None and not (st.context.headers.get(header) or "").strip():
        st.error(say("no_user", header=header))
        return False
    password = settings.dashboards_password()
    if password is None or st.session_state.get("admitted"):
        return True
    with st.form("password", border=False, width=360):
        st.html(f'<div class="k-company">{escape(settings.company.name)}</div>')
        given = st.text_input(say("password"), type="password")
        if st.form_submit_button(say("enter"), type="primary"):
            if hmac.compare_digest(given.encode(), password.encode()):
                st.session_state["admitted"] = True
                st.rerun()
            time.sleep(_WRONG_SECONDS)
            st.error(say("wrong_password"))
    return False
