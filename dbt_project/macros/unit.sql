{#
  Which unit is meant, however it is written: German and English words and the codes of UN/ECE recommendation 20, which
  e-invoices use. NULL for what is none of them; such a unit is not known to differ from another.
#}
{% macro unit_code(unit) -%}
    case
        when
            lower(trim({{ unit }}, ' .')) in (
                'stk', 'stck', 'stück', 'stueck', 'st', 'pcs', 'pc', 'piece', 'pieces', 'ea', 'each', 'c62', 'h87', 'xpp'
            ) then 'piece'
        when lower(trim({{ unit }}, ' .')) in ('set', 'sets', 'satz', 'garnitur') then 'set'
        when lower(trim({{ unit }}, ' .')) in ('paar', 'pair', 'pairs', 'pr', 'npr') then 'pair'
        when lower(trim({{ unit }}, ' .')) in ('m', 'mtr', 'meter', 'metre', 'lfm', 'lfdm', 'lm') then 'metre'
        when lower(trim({{ unit }}, ' .')) in ('cm', 'cmt') then 'centimetre'
        when lower(trim({{ unit }}, ' .')) in ('mm', 'mmt') then 'millimetre'
        when lower(trim({{ unit }}, ' .')) in ('m2', 'm²', 'qm', 'mtk') then 'square metre'
        when lower(trim({{ unit }}, ' .')) in ('kg', 'kgm', 'kilo', 'kilogramm') then 'kilogram'
        when lower(trim({{ unit }}, ' .')) in ('g', 'grm', 'gramm') then 'gram'
        when lower(trim({{ unit }}, ' .')) in ('t', 'tne', 'to', 'tonne') then 'tonne'
        when lower(trim({{ unit }}, ' .')) in ('l', 'ltr', 'liter', 'litre') then 'litre'
        when lower(trim({{ unit }}, ' .')) in ('h', 'hur', 'std', 'stunde', 'stunden', 'hour', 'hours') then 'hour'
        when lower(trim({{ unit }}, ' .')) in ('rolle', 'rollen', 'rl', 'rll', 'ro', 'roll', 'rolls', 'xro') then 'roll'
        when lower(trim({{ unit }}, ' .')) in ('karton', 'krt', 'ktn', 'kart', 'carton', 'box', 'ct', 'xct') then 'carton'
        when lower(trim({{ unit }}, ' .')) in ('palette', 'pal', 'pallet', 'xpx') then 'pallet'
        when lower(trim({{ unit }}, ' .')) in ('pack', 'pckg', 'packung', 'pkg', 've', 'paket', 'xpk', 'pa') then 'pack'
    end
{%- endmacro %}

{# Whether two units are known to be different ones. #}
{% macro units_differ(one, other) -%}
    case when {{ one }} <> {{ other }} then coalesce({{ unit_code(one) }} <> {{ unit_code(other) }}, false) else false end
{%- endmacro %}
