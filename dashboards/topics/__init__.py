"""The pages, one module each with one function `show(view)`: which figures, charts and tables, in which order.

Not called pages/: beside app.py, Streamlit takes what is in a folder of that name for scripts.
"""
