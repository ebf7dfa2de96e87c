-- noqa: disable=LT02
{#
  Compiles the semantic models and metrics of models/metrics/ into the marts `metric` and `metric_daily`, from what dbt
  knows of the project while it runs (`graph`). What a metric is stands there and nowhere else; MetricFlow computes the
  same from the same files, and tests/pipeline/test_metrics.py holds that both agree.

  Understood are measures with agg sum and count_distinct, and metrics of the types simple, ratio and derived without
  filters; anything else stops the build.
#}

{# The semantic models that measure something, by name. #}
{% macro measuring_models() -%}
    {% set models = graph.semantic_models.values() | selectattr('measures') | sort(attribute='name') %}
    {{ return(models | list) }}
{%- endmacro %}

{# The one entry of a list whose attribute has this value. #}
{% macro the_one(entries, attribute, value, purpose) -%}
    {% set found = entries | selectattr(attribute, 'equalto', value) | list %}
    {% if found | length != 1 %}
        {{ exceptions.raise_compiler_error(purpose ~ ": there must be one " ~ value ~ ", found " ~ found | length) }}
    {% endif %}
    {{ return(found[0]) }}
{%- endmacro %}

{# The semantic model whose rows an entity names, in a list; an empty one where none is described. #}
{% macro models_of_entity(entity) -%}
    {% set found = [] %}
    {% for candidate in graph.semantic_models.values() %}
        {% for own in candidate.entities if own.type == 'primary' and own.name == entity %}
            {% do found.append(candidate) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{%- endmacro %}

{#
  By what a semantic model may be cut: its own categorical dimensions, and those of the models that its foreign entities
  lead to. A list of name, path (MetricFlow's name for it) and sql.
#}
{% macro cuts_of(semantic_model) -%}
    {% set cuts = [] %}
    {% set own = semantic_model.entities | selectattr('type', 'equalto', 'primary') | map(attribute='name') | first %}
    {% for dimension in semantic_model.dimensions if dimension.type == 'categorical' %}
        {% set sql = dimension.expr or dimension.name %}
        {% do cuts.append({'name': dimension.name, 'path': own ~ '__' ~ dimension.name, 'sql': sql}) %}
    {% endfor %}
    {% for entity in semantic_model.entities if entity.type == 'foreign' %}
        {% for target in models_of_entity(entity.name) %}
            {% for dimension in target.dimensions if dimension.type == 'categorical' %}
                {% set path = entity.name ~ '__' ~ dimension.name %}
                {% do cuts.append({'name': dimension.name, 'path': path, 'sql': path}) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(cuts) }}
{%- endmacro %}

{# The day to which a semantic model's measures belong, as SQL, and the grain of that time. #}
{% macro time_of(semantic_model) -%}
    {% set name = semantic_model.defaults.agg_time_dimension %}
    {% set dimension = the_one(semantic_model.dimensions, 'name', name, semantic_model.name) %}
    {{ return({'sql': dimension.expr or dimension.name, 'grain': dimension.type_params.time_granularity}) }}
{%- endmacro %}

{# The FROM of a semantic model: what it measures, with the dimensions of other models that it may be cut by. #}
{% macro joined_rows(semantic_model, qualified=false) -%}
    {% set source = ref(semantic_model.node_relation.alias) %}
    {{ source.schema ~ '.' ~ source.identifier if qualified else source }} as facts
    {% for entity in semantic_model.entities if entity.type == 'foreign' %}
        {% for target in models_of_entity(entity.name) %}
            {% set other = ref(target.node_relation.alias) %}
            {% set key = the_one(target.entities, 'type', 'primary', target.name) %}
            left join (
                select
                    {% for dimension in target.dimensions if dimension.type == 'categorical' %}
                    {{ dimension.expr or dimension.name }} as {{ entity.name }}__{{ dimension.name }},
                    {% endfor %}
                    {{ key.expr or key.name }} as {{ entity.name }}__key
                from {{ other.schema ~ '.' ~ other.identifier if qualified else other }}
            ) as {{ entity.name }} on facts.{{ entity.expr or entity.name }} = {{ entity.name }}.{{ entity.name }}__key
        {% endfor %}
    {% endfor %}
{%- endmacro %}

{# The rows of metric_daily: each semantic model's measures that can be added, by day and by what they may be cut by. #}
{% macro metric_daily_rows() -%}
    {% if not execute %}{{ return('select 1 as metric_day_key') }}{% endif %}
    {% set columns = model.columns %}
    {% set known = [] %}
    {% for semantic_model in measuring_models() %}
        {% set cuts = cuts_of(semantic_model) %}
        {% set time = time_of(semantic_model).sql %}
        {% set values = {} %}
        {% for cut in cuts %}{% do values.update({cut.name: cut.sql}) %}{% endfor %}
        {% set dimension_count = values | length %}
        {% for measure in semantic_model.measures if measure.agg == 'sum' %}
            {% do values.update({measure.name: 'sum(' ~ (measure.expr or measure.name) ~ ')'}) %}
        {% endfor %}
        {% for name in values if name not in columns %}
            {{ exceptions.raise_compiler_error(
                semantic_model.name ~ ": " ~ name ~ " has no column in metric_daily.yml; add it there."
            ) }}
        {% endfor %}
        {% do known.extend(values) %}
        {{ 'union all' if not loop.first }}
        select
            '{{ semantic_model.name }}' as semantic_model,
            cast({{ time }} as date) as metric_date
            {% for name, column in columns.items() if name not in ('metric_day_key', 'semantic_model', 'metric_date') %}
            , cast({{ values.get(name, 'null') }} as {{ column.data_type }}) as {{ name }}
            {% endfor %}
        from {{ joined_rows(semantic_model) }}
        where {{ time }} is not null
        group by {{ ([time] + cuts | map(attribute='sql') | list) | join(', ') }}
    {% endfor %}
    {% for name in columns if name not in known + ['metric_day_key', 'semantic_model', 'metric_date'] %}
        {{ exceptions.raise_compiler_error("metric_daily.yml: no semantic model measures " ~ name ~ ".") }}
    {% endfor %}
{%- endmacro %}

{# ---- The catalogue ---- #}

{#
  What a metric is computed from: expression, relation, time and cuts, as a dict.

  The expression stands over the columns of the relation: `metric_daily` for all that can be added. Different things
  (customers) cannot: the relation is then the fact itself, prepared to have the same column names.
#}
{% macro compiled_metric(name) -%}
    {% set metric = the_one(graph.metrics.values() | list, 'name', name, 'metrics') %}
    {% set given = metric.type_params %}
    {% if metric.filter or metric.type not in ('simple', 'ratio', 'derived') %}
        {{ exceptions.raise_compiler_error(name ~ ": the type must be simple, ratio or derived, without a filter.") }}
    {% endif %}
    {% if metric.type == 'simple' %}{{ return(compiled_measure(given.measure.name)) }}{% endif %}
    {% set names = [given.numerator.name, given.denominator.name] if metric.type == 'ratio'
        else given.metrics | map(attribute='name') | list %}
    {% set inputs = [] %}
    {% for input in names %}{% do inputs.append(compiled_metric(input)) %}{% endfor %}
    {% if inputs | map(attribute='relation') | unique | list | length != 1 %}
        {{ exceptions.raise_compiler_error(name ~ ": what cannot be added cannot be part of another metric.") }}
    {% endif %}
    {% set cuts = [] %}
    {% for cut in inputs[0].cuts %}
        {% set shared = [] %}
        {% for input in inputs if cut in input.cuts %}{% do shared.append(input) %}{% endfor %}
        {% if shared | length == inputs | length %}{% do cuts.append(cut) %}{% endif %}
    {% endfor %}
    {% set expressions = inputs | map(attribute='expression') | list %}
    {% if metric.type == 'ratio' %}
        {% set expression = 'cast(' ~ expressions[0] ~ ' as double precision) / nullif(' ~ expressions[1] ~ ', 0)' %}
    {% else %}
        {% set pattern = namespace(text=given.expr) %}
        {% for input in names %}
            {% set pattern.text = modules.re.sub('\\b' ~ input ~ '\\b', '{' ~ loop.index0 ~ '}', pattern.text) %}
        {% endfor %}
        {% set expression = pattern.text.format(*expressions) %}
    {% endif %}
    {{ return({
        'expression': '(' ~ expression ~ ')',
        'relation': inputs[0].relation,
        'is_additive': false,
        'grain': 'month' if 'month' in inputs | map(attribute='grain') else 'day',
        'cuts': cuts,
        'semantic_models': inputs | map(attribute='semantic_models') | sum(start=[]) | unique | list,
        'sources': inputs | map(attribute='sources') | sum(start=[]) | unique | list,
    }) }}
{%- endmacro %}

{% macro compiled_measure(name) -%}
    {% set owners = [] %}
    {% for candidate in measuring_models() if name in candidate.measures | map(attribute='name') %}
        {% do owners.append(candidate) %}
    {% endfor %}
    {% set owner = owners[0] %}
    {% set measure = the_one(owner.measures, 'name', name, owner.name) %}
    {% set time = time_of(owner) %}
    {% set cuts = cuts_of(owner) %}
    {% if measure.agg == 'sum' %}
        {% set expression = 'sum(' ~ name ~ ')' %}
        {% set relation = model.schema ~ '.metric_daily' %}
    {% elif measure.agg == 'count_distinct' %}
        {% set expression = 'count(distinct ' ~ name ~ ')' %}
        {% set relation %}(
            select
                cast({{ time.sql }} as date) as metric_date,
                {% for cut in cuts %}{{ cut.sql }} as {{ cut.name }}, {% endfor %}
                {{ measure.expr }} as {{ name }}
            from {{ joined_rows(owner, qualified=true) }}
            where {{ time.sql }} is not null
        ){% endset %}
    {% else %}
        {{ exceptions.raise_compiler_error(owner.name ~ "." ~ name ~ ": agg is sum or count_distinct.") }}
    {% endif %}
    {{ return({
        'expression': expression,
        'relation': relation.split() | join(' '),
        'is_additive': measure.agg == 'sum',
        'grain': time.grain,
        'cuts': cuts | map(attribute='path') | list,
        'semantic_models': [owner.name],
        'sources': [owner.node_relation.alias],
    }) }}
{%- endmacro %}

{# The rows of `metric`, one for each metric of models/metrics/. #}
{% macro metric_rows() -%}
    {% if not execute %}{{ return('select 1 as metric_name') }}{% endif %}
    {% for metric in graph.metrics.values() | sort(attribute='name') %}
        {% set meta = metric.config.meta %}
        {% set compiled = compiled_metric(metric.name) %}
        {{ 'union all' if not loop.first }}
        select
            {{ sql_text(metric.name) }} as metric_name,
            {{ sql_text(metric.original_file_path.replace('\\', '/').split('/')[-1].split('.')[0]) }} as domain,
            {{ sql_text(metric.label) }} as label_en,
            {{ sql_text(meta.label_de) }} as label_de,
            {{ sql_text(metric.description) }} as description_en,
            {{ sql_text(meta.description_de) }} as description_de,
            {{ sql_text(meta.formula_en) }} as formula_en,
            {{ sql_text(meta.formula_de) }} as formula_de,
            {{ sql_text(meta.unit) }} as unit,
            {{ sql_text(number_format(meta.unit)) }} as format,
            {{ sql_text(meta.direction) }} as direction,
            {{ sql_text(metric.type) }} as metric_type,
            {{ compiled.is_additive }} as is_additive,
            {{ sql_text(compiled.grain) }} as grain,
            {{ sql_text(names_of_paths(compiled.cuts) | join(', ')) }} as dimensions,
            {{ sql_text(compiled.semantic_models | join(', ')) }} as semantic_models,
            {{ sql_text(compiled.sources | join(', ')) }} as sources,
            {{ sql_text(compiled.relation) }} as relation,
            'metric_date' as time_column,
            {{ sql_text(compiled.expression) }} as expression,
            {{ sql_text(by_month(metric.name, compiled)) }} as sql
    {% endfor %}
{%- endmacro %}

{# A metric as a whole statement, to be taken as it is or to begin with. #}
{% macro by_month(name, compiled) -%}
    select cast(date_trunc('month', metric_date) as date) as period, {{ compiled.expression }} as {{ name }}
    from {{ compiled.relation }} as measured
    {%- if compiled.relation.endswith('.metric_daily') %}
    where semantic_model in ('{{ compiled.semantic_models | join("', '") }}')
    {%- endif %}
    group by 1 order by 1
{%- endmacro %}

{# How spreadsheets write a number of this unit. #}
{% macro number_format(unit) -%}
    {{ return({'currency': '#,##0.00', 'share': '0.0%', 'ratio': '0.00', 'kwh': '#,##0.00'}.get(unit, '#,##0')) }}
{%- endmacro %}

{# sales_channel__channel is the column channel. #}
{% macro names_of_paths(paths) -%}
    {% set names = [] %}
    {% for path in paths %}{% do names.append(path.split('__') | last) %}{% endfor %}
    {{ return(names) }}
{%- endmacro %}

{# A text on one line. #}
{% macro sql_text(value) -%}
    '{{ value.split() | join(' ') | replace("'", "''") }}'
{%- endmacro %}
