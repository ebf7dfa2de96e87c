{# An account is known by its client: the same number means another thing in the books of another. #}
{% macro ledger_account_key(consultant_number, client_number, account_number) -%}
    cast({{ consultant_number }} as varchar) || '-' || cast({{ client_number }} as varchar) || '-'
    || cast({{ account_number }} as varchar)
{%- endmacro %}

{# A day and month (DDMM) in a year; NULL where that year has no such day. #}
{% macro day_in_year(day_month, year_number) -%}
    cast(try_strptime({{ day_month }} || cast({{ year_number }} as varchar), '%d%m%Y') as date)
{%- endmacro %}

{# Accounts of money, persons and tax: what a tax key is never about. #}
{% macro open_account_classes() -%}
    ('debtor', 'creditor', 'cash', 'receivable', 'payable', 'input_tax', 'output_tax')
{%- endmacro %}
