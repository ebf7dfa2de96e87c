{#
  Why an order of a shop does not count. The order's state decides for its refunds too: what was taken back from an
  order that never counted is no loss.
#}

{% macro shopify_not_counted() -%}
    case
        when is_test then 'test_order'
        when cancelled_at is not null or financial_status in ('voided', 'expired') then 'cancelled'
    end
{%- endmacro %}

{# What WooCommerce's own reports leave out: pending orders may never be paid. #}
{% macro woocommerce_not_counted() -%}
    case
        when status in ('cancelled', 'trash') then 'cancelled'
        when status in ('pending', 'failed') then 'unpaid'
        when status in ('draft', 'auto-draft', 'checkout-draft') then 'draft'
    end
{%- endmacro %}
