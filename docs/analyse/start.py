# A notebook to start from. `marimo edit docs/analyse/start.py` opens it, `marimo run docs/analyse/start.py` shows it
# without the code, `python docs/analyse/start.py` runs it. Needs, beside Kontor:  pip install marimo

import marimo

app = marimo.App(width="medium", app_title="Kontor")


@app.cell
def _():
    import altair as alt
    import marimo as mo

    from kontor.settings import load_settings
    from serving.read import connect_published

    return alt, connect_published, load_settings, mo


@app.cell
def _(connect_published, load_settings):
    # The version that is current now. Run this cell again after a publish.
    con = connect_published(load_settings().paths.serve)
    return (con,)


@app.cell
def _(con, mo):
    published_at = con.sql("select published_at from publication").fetchall()[0][0]
    mo.md(f"""
    # The published copy

    As of {published_at:%Y-%m-%d %H:%M} UTC. Below: the tables, the last weeks, the channels, and a cell of your own.
    """)
    return


@app.cell
def _(con, mo):
    tables = con.sql("select table_name, row_count, description from publication_table order by table_name").df()
    mo.ui.table(tables, page_size=8)
    return


@app.cell
def _(con, mo):
    last_day = con.sql("select max(company_date) from mart_company_daily").fetchall()[0][0]
    weeks = mo.ui.slider(2, 52, value=12, label="weeks")
    mo.hstack([weeks], justify="start")
    return last_day, weeks


@app.cell
def _(alt, con, last_day, weeks):
    revenue = con.execute(
        """
        select date_trunc('week', company_date) as week, sum(revenue_net_amount)::double as revenue
        from mart_company_daily
        where company_date > ?::date - 7 * ?::integer
        group by all order by week
        """,
        [last_day, weeks.value],
    ).df()
    alt.Chart(revenue, title="Net revenue by week").mark_bar().encode(
        x=alt.X("week:T", title=None), y=alt.Y("revenue:Q", title="company currency")
    )
    return (revenue,)


@app.cell
def _(con, mo):
    channels = con.sql(
        """
        select channel, sum(orders) as orders, sum(revenue_net_amount)::double as revenue
        from mart_sales_daily group by all order by revenue desc
        """
    ).df()
    mo.ui.table(channels)
    return (channels,)


@app.cell
def _(con):
    # Your own question. docs/analyse/questions.sql has twenty to begin with.
    con.sql("from mart_customer_360 limit 5").df()
    return


if __name__ == "__main__":
    app.run()
