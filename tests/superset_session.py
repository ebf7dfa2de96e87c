"""A session with Apache Superset, run by the Python of its own environment: `superset_session.py DATABASE ZIP`.

Prints the figures of a chart before and after the line that it waits for on standard input, then those of an imported
dashboard, each as one line of JSON that begins with `=`.
"""

import io
import json
import sys
from pathlib import Path

from superset.app import create_app

app = create_app()
client = app.test_client()
headers: dict[str, str] = {}


def call(method: str, path: str, **arguments: object) -> dict:
    answer = getattr(client, method)(f"/api/v1/{path}", headers=headers, **arguments)
    assert answer.status_code < 300, (path, answer.status_code, answer.data[:2000])
    return answer.get_json()


def tell(what: object) -> None:
    print("=" + json.dumps(what), flush=True)


login = {"username": "admin", "password": "admin", "provider": "db", "refresh": True}
headers["Authorization"] = "Bearer " + call("post", "security/login", json=login)["access_token"]
database = call(
    "post",
    "database/",
    json={
        "database_name": "By hand",
        "sqlalchemy_uri": f"duckdb:///{sys.argv[1]}",
        "extra": json.dumps({"engine_params": {"connect_args": {"read_only": True}}}),
        "expose_in_sqllab": True,
    },
)
dataset = call(
    "post", "dataset/", json={"database": database["id"], "schema": "marts", "table_name": "mart_company_daily"}
)


def figures(of: int, metrics: list) -> list:
    query = {"columns": [], "metrics": metrics, "row_limit": 10, "filters": [], "extras": {}}
    asked = {"datasource": {"id": of, "type": "table"}, "queries": [query], "result_format": "json", "force": True}
    return call("post", "chart/data", json={**asked, "result_type": "full"})["result"][0]["data"]


def sum_of(column: str) -> dict:
    return {"expressionType": "SQL", "sqlExpression": f"sum({column})", "label": column}


tell(figures(dataset["id"], [sum_of("revenue_net_amount"), sum_of("orders")]))
sys.stdin.readline()
tell(figures(dataset["id"], [sum_of("revenue_net_amount"), sum_of("orders")]))

file = (io.BytesIO(Path(sys.argv[2]).read_bytes()), "kontor.zip")
call("post", "dashboard/import/", data={"formData": file, "overwrite": "true"}, content_type="multipart/form-data")
dashboards = call("get", "dashboard/")["result"]
charts = call("get", "chart/?q=(page_size:100)")["result"]
imported = next(entry for entry in call("get", "dataset/")["result"] if entry["table_name"] == "metric_daily")
tell(
    {
        "dashboards": [dashboard["dashboard_title"] for dashboard in dashboards],
        "charts": len(charts),
        "on_dashboard": len(call("get", f"dashboard/{dashboards[0]['id']}/charts")["result"]),
        "figures": figures(imported["id"], ["net_revenue", "orders", "oee"]),
    }
)
