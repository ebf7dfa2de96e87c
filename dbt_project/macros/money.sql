{# A line's amount, rounded to cents. The wider type comes first: two DECIMAL(18,4) overflow when multiplied. #}
{% macro line_amount(quantity, unit_price, discount_pct) -%}
    cast(
        round(
            cast({{ quantity }} as decimal(28, 4)) * {{ unit_price }} * (100 - coalesce({{ discount_pct }}, 0)) * 0.01,
            2
        ) as decimal(18, 4)
    )
{%- endmacro %}

{# The net amount contained in a gross amount, in whole cents. Divided as cents, so that halves round exactly. #}
{% macro net_in_gross(gross_amount, tax_rate_pct) -%}
    cast(
        cast(round(cast({{ gross_amount }} as decimal(28, 4)) * 10000 / (100 + {{ tax_rate_pct }})) as decimal(20, 0))
        * 0.01 as decimal(18, 4)
    )
{%- endmacro %}

{#
  The share of `amount` (one value a partition) that falls on a row, in proportion to `weight`. Shares are differences
  of the rounded running total, so they add up to `amount` to the cent. If all weights add up to nothing, the first row
  takes everything. `running` is the weight up to and with the row, `whole` that of the partition, `row_number` from 1.
#}
{% macro share_of(amount, weight, running, whole, row_number) -%}
    cast(
        case
            when {{ whole }} <> 0
                then
                    round({{ amount }} * ({{ running }} / {{ whole }}), 2)
                    - round({{ amount }} * (({{ running }} - {{ weight }}) / {{ whole }}), 2)
            when {{ row_number }} = 1 then {{ amount }}
            else 0
        end as decimal(18, 4)
    )
{%- endmacro %}

{#
  An amount in company currency, in whole cents. At the rate 1 it is the amount itself: a multiplication would only cost
  time, and an amount of its own may have more digits. Without a rate it is NULL.
#}
{% macro in_company_currency(amount, exchange_rate) -%}
    case
        when {{ exchange_rate }} = 1 then {{ amount }}
        else cast(round(cast({{ amount }} as decimal(28, 4)) * {{ exchange_rate }}, 2) as decimal(18, 4))
    end
{%- endmacro %}

{# The VAT rate of a category (UNTDID 5305); those without tax have the rate 0, whether or not a document writes it. #}
{% macro rate_of_category(tax_category, tax_rate_pct) -%}
    case
        when {{ tax_category }} in ('Z', 'E', 'AE', 'K', 'G', 'O') then coalesce({{ tax_rate_pct }}, 0)
        else {{ tax_rate_pct }}
    end
{%- endmacro %}
