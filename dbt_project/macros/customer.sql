{#
  Whom a customer number means. A company has one range of numbers, so the number alone tells, in whichever source it
  stands; a source with numbers of its own is entered in seeds/customer_numbering.csv.
#}
{% macro identity_of_number(customer_number, numbering) -%}
    'number:' || coalesce({{ numbering }} || ':', '') || {{ customer_number }}
{%- endmacro %}

{% macro identity_of_email(email) -%}
    'email:' || lower(trim({{ email }}))
{%- endmacro %}
