{#
  An amount in the smallest unit of a currency, in whole units. Which currencies have no hundredths, and which have
  thousandths, is Stripe's list (docs.stripe.com/currencies); it counts UGX and ISK in hundredths all the same.
#}
{% macro in_whole_units(amount, currency) -%}
    cast(
        case
            when upper({{ currency }}) in (
                'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
            ) then {{ amount }}
            when upper({{ currency }}) in ('BHD', 'JOD', 'KWD', 'OMR', 'TND')
                then cast({{ amount }} as decimal(28, 4)) * 0.001
            else cast({{ amount }} as decimal(28, 4)) * 0.01
        end as decimal(18, 4)
    )
{%- endmacro %}

{# The number of an order or invoice: as the shop gave it, or where a text names one. #}
{% macro order_in_text(order_number, description) -%}
    coalesce(
        {{ order_number }},
        nullif(
            regexp_extract(
                {{ description }},
                '(?i)\b(?:order|bestellung|auftrag|invoice|rechnung)(?:snummer|snr|nummer|nr|id|no)?[.: ]*(?:id|no|nr)?[.: ]*(#?[A-Z]*[-_/]?[0-9][A-Z0-9_/-]*)',
                1
            ), ''
        )
    )
{%- endmacro %}
