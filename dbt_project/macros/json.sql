{# What vendors' APIs nest: an amount, the sum of amounts, the elements of a list; NULL or none where not there. #}

{# The amount under a path of a JSON value. #}
{% macro json_amount(json, path) -%}
    try_cast({{ json }} ->> '{{ path }}' as decimal(18, 4))
{%- endmacro %}

{# The sum of all amounts under a path with a *; NULL where there are none. #}
{% macro json_sum(json, path) -%}
    cast(
        list_sum(
            list_transform(json_extract_string({{ json }}, '{{ path }}'), lambda n: try_cast(n as decimal(18, 4)))
        ) as decimal(18, 4)
    )
{%- endmacro %}

{# In a list of columns: one row for each element of a JSON list, with its place from 1. #}
{% macro json_elements(json) -%}
    unnest(try_cast({{ json }} as json[])) as element,
    unnest(range(1, len(try_cast({{ json }} as json[])) + 1)) as place
{%- endmacro %}

{# A shop's article without a number of its own is known by the shop's id for it. #}
{% macro article_of_shop(article_number, shop, article_id) -%}
    coalesce(nullif(trim({{ article_number }}), ''), '{{ shop }}-' || nullif({{ article_id }}, '0'))
{%- endmacro %}

{% macro woocommerce_article(element) -%}
    {{ article_of_shop(
        element ~ " ->> '$.sku'",
        'woocommerce',
        "coalesce(nullif(" ~ element ~ " ->> '$.variation_id', '0'), " ~ element ~ " ->> '$.product_id')"
    ) }}
{%- endmacro %}
