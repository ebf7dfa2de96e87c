{#
  The materialization `slices`: a fact that is brought up to date by rebuilding only the slices that changed.

  A slice is a set of rows that can be computed without the rows of other slices: a document, a day of a log, a session.
  What a fact is made of has parts: blocks of lines of a file in raw, keys of a reference. The fingerprint of every part
  stands in ops.slice_input as it was when the fact was last built. A build compares: parts that are new, differ or have
  vanished lead to the slices in which they are or were, those are computed anew from the parts that they consist of, and
  rows that differ take the place of the old ones, in one transaction with the fingerprints. Nothing depends on when or
  why something changed. See docs/decisions/0012-facts-in-slices.md for the reasons and for what a model states:

    meta={'slices': {
        'by': expression over the fact's columns that names a row's slice,
        'rows': names of raw tables; each of their rows is in the fact, or has no effect on it,
        'file', 'line': expressions over the fact's columns: the file (file_id) and line of such a row; without the line
                  a part is a file, not a block of its lines,
        'facts': {name of a fact in slices: {'key': its column by which changes of it are told,
                  'column': the same of this fact}},
        'references': {name of a table: {'key': expression over its columns, 'column': the same of the fact,
                       'of': columns whose change matters (all), 'is_narrowed': whether only the keys are read}},
        'fixed': names of tables that never change for rows that exist,
        'hands_on': names of the columns by which others learn what changed in this one; its key and its first day
                  are handed on anyway
    }}
#}
{% materialization slices, adapter='duckdb' %}

    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set stated = config.get('meta')['slices'] -%}
    {%- set key = model.columns.keys() | first -%}
    {%- set hands_on = ([key] + slice_day() + stated.get('hands_on', [])) | unique | list -%}
    {%- set inputs = slice_inputs(stated) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('find', fetch_result=True) -%}
        select
            ({{ slice_definition(stated) }}) as definition,
            (select definition from ops.slice_model where model = '{{ model.name }}') as former_definition,
            coalesce((select max(build) from ops.slice_build where model = '{{ model.name }}'), 0) + 1 as build
    {%- endcall -%}
    {%- set found = load_result('find')['data'][0] -%}
    {%- set is_whole = existing is none or not existing.is_table or should_full_refresh() or found[0] != found[1] -%}
    {%- if is_whole -%}
        {%- do run_query("delete from ops.slice_input where model = '" ~ model.name ~ "'") -%}
    {%- endif -%}
    {%- do run_query(slice_find_changes(inputs)) -%}
    {%- set changes = run_query(slice_count_changes()).rows[0] -%}
    {%- set is_whole = is_whole or changes[1] -%}

    {%- if is_whole -%}

        {%- set fresh = make_intermediate_relation(target) -%}
        {%- do drop_relation_if_exists(load_cached_relation(fresh)) -%}
        {%- call statement('main') -%}
            {{ create_table_as(False, fresh, compiled_code) }}
        {%- endcall -%}
        {%- do run_query(slice_refuse_repeated_keys(key, 'select ' ~ key ~ ' from ' ~ fresh)) -%}
        {%- do drop_relation_if_exists(existing) -%}
        {%- do adapter.rename_relation(fresh, target) -%}
        {%- do persist_docs(target, model) -%}
        {%- do run_query(slice_remember_whole(found[0], found[2])) -%}

    {%- elif changes[0] -%}

        {%- do run_query(slice_find_slices(stated, inputs)) -%}
        {%- do run_query(slice_build_rows(stated, inputs, key)) -%}
        {%- call statement('main') -%}
            {{ slice_replace_rows(key, hands_on, found[2]) }}
        {%- endcall -%}

    {%- else -%}

        {%- call statement('main') -%} select 'nothing changed' {%- endcall -%}

    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}

{% endmaterialization %}


{# The tables in which facts remember what they were built from. Other code reads slice_build and slice_handed_on only. #}
{% macro slice_tables() %}
    create schema if not exists ops;
    -- What a fact was last built by: a hash of all SQL and settings that decide its rows.
    create table if not exists ops.slice_model (model varchar, definition varchar);
    -- One row per part of what a fact is made of, as its last build saw it.
    create table if not exists ops.slice_input (
        model varchar, input varchar, part varchar, block bigint, fingerprint ubigint
    );
    -- One row per build that changed rows of a fact. After a whole one nothing is known of single rows.
    create table if not exists ops.slice_build (model varchar, build bigint, is_whole boolean);
    -- Names the rows as this build left them: numbers begin anew with the warehouse, this never comes again.
    alter table ops.slice_build add column if not exists id uuid;
    -- One row per build, column and value that a row had or has which the build added, removed or changed.
    create table if not exists ops.slice_handed_on (model varchar, build bigint, column_name varchar, value varchar);
{% endmacro %}


{# The fact's first day, by which the copy for readers is brought up to date. #}
{% macro slice_day() %}
    {%- set days = [] -%}
    {%- for column in model.columns.values() if column.data_type == 'date' -%}
        {%- do days.append(column.name) -%}
    {%- endfor -%}
    {{ return(days[:1]) }}
{% endmacro %}


{#
  What a fact is made of, as its `slices` state it: for each input its kind, relation, and how its parts are found there
  and in the fact. Whatever else its SQL reads is an error, since its changes would go unseen.
#}
{% macro slice_inputs(stated) %}
    {%- set inputs = {} -%}
    {%- for id, node in slice_upstream(model.unique_id, {}).items() -%}
        {%- set name = node.name -%}
        {%- set reference = stated.get('references', {}).get(name) -%}
        {%- if node.config.materialized == 'view' or slice_is_setting(node) or name in stated.get('fixed', []) -%}
        {%- elif name in stated.get('rows', []) -%}
            {%- do inputs.update({name: {
                'name': name, 'kind': 'rows', 'relation': node.relation_name, 'is_narrowed': True,
                'part': '_file_id', 'block': '_line >> 12' if stated.line else '0',
                'content': 'hash(_line, _loaded_at)', 'part_here': stated.get('file', 'file_id'),
                'block_here': 'cast(' ~ stated.line ~ ' as bigint) >> 12' if stated.line else '0'
            }}) -%}
        {%- elif name in stated.get('facts', {}) -%}
            {%- do inputs.update({name: {
                'name': name, 'kind': 'fact', 'relation': node.relation_name, 'is_narrowed': True,
                'part': stated['facts'][name]['key'], 'block': '0', 'part_here': stated['facts'][name]['column'],
                'block_here': '0', 'type': node.columns[stated['facts'][name]['key']].data_type
            }}) -%}
            {%- if stated['facts'][name]['key'] not in node.config.meta.slices.get('hands_on', []) -%}
                {%- do exceptions.raise_compiler_error(
                    model.name ~ ' asks for changes by ' ~ stated['facts'][name]['key'] ~ ', which ' ~ name
                    ~ ' does not hand on.'
                ) -%}
            {%- endif -%}
        {%- elif reference -%}
            {%- do inputs.update({name: {
                'name': name, 'kind': 'reference', 'relation': node.relation_name,
                'is_narrowed': reference.get('is_narrowed', False), 'part': reference['key'], 'block': '0',
                'content': 'hash(' ~ reference.get('of', ['input']) | join(', ') ~ ')',
                'part_here': reference['column'], 'block_here': '0'
            }}) -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error(
                model.name ~ ' reads ' ~ name ~ ', but its slices do not say how a change of it is found.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(inputs.values() | list) }}
{% endmacro %}


{# All that a node reads, by id: through views, up to tables, seeds and sources. #}
{% macro slice_upstream(node_id, found) %}
    {%- for id in graph.nodes[node_id].depends_on.nodes if id not in found -%}
        {%- set node = graph.nodes.get(id, graph.sources.get(id)) -%}
        {%- do found.update({id: node}) -%}
        {%- if node.config.materialized == 'view' -%}
            {%- do slice_upstream(id, found) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{# Seeds and the settings of the company: they change seldom, and then everything is built anew. #}
{% macro slice_is_setting(node) %}
    {{ return(
        node.resource_type == 'seed'
        or (node.source_name == 'ops' and node.name in ['company', 'company_vat_id', 'source', 'holiday'])
    ) }}
{% endmacro %}


{# A hash of all that decides a fact's rows beside its inputs: the project's SQL, settings, the key of the pseudonyms,
   DuckDB's version. #}
{% macro slice_definition(stated) %}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    select md5(string_agg(text, ';' order by text)) from (
        -- dbt gives the entries of a setting in another order each time it reads the project.
        select '{{ local_md5(compiled_code ~ columns ~ tojson(stated, sort_keys=true)) }}' as text
        union all select version()
        union all select md5(getvariable('pseudonym_key'))
        union all select getvariable('sql_digest')
        {%- for node in slice_upstream(model.unique_id, {}).values() if slice_is_setting(node) %}
        union all select '{{ node.name }}' || {{ slice_fingerprint('hash(setting)') }}
        from {{ node.relation_name }} as setting
        {%- endfor %}
    )
{% endmacro %}


{#
  A fingerprint of some rows, by a hash of each. DuckDB's hash of several columns is an exclusive or of theirs, out of
  which falls what an even number of rows has in common, or what two rows exchange; so each is hashed once more, and
  added.
#}
{% macro slice_fingerprint(content) -%}
    hash(count(*), sum(hash({{ content }})))
{%- endmacro %}


{# Into the temporary table slice_changed: the parts of all inputs that are not as the last build saw them. #}
{% macro slice_find_changes(inputs) %}
    create or replace temp table slice_changed (
        input varchar, part varchar, block bigint, fingerprint ubigint, was_known boolean, is_whole boolean
    );
    {%- for input in inputs %}
    {%- if input.kind == 'fact' %}
    -- The number of the fact's build stands for the whole of it; what changed since is in its list of changes.
    insert into slice_changed
    with
    seen as (
        select coalesce(max(fingerprint), 0) as last_build from ops.slice_input
        where model = '{{ model.name }}' and input = '{{ input.name }}'
    ),
    builds as (
        select build, is_whole, last_build from ops.slice_build, seen
        where model = '{{ input.name }}' and build > last_build
    )
    select '{{ input.name }}', null, 0, max(build), true, bool_or(is_whole) or count(*) <> max(build) - max(last_build)
    from builds having count(*) > 0
    union all
    select distinct '{{ input.name }}', value, 0, cast(null as ubigint), true, false from ops.slice_handed_on, seen
    where model = '{{ input.name }}' and column_name = '{{ input.part }}' and build > last_build;
    {%- else %}
    insert into slice_changed
    select '{{ input.name }}', coalesce(now.part, former.part), coalesce(now.block, former.block), now.fingerprint,
        former.part is not null, false
    from (
        select cast({{ input.part }} as varchar) as part, {{ input.block }} as block,
            {{ slice_fingerprint(input.content) }} as fingerprint
        from {{ input.relation }} as input where ({{ input.part }}) is not null group by 1, 2
    ) as now
    full join (
        select part, block, fingerprint from ops.slice_input
        where model = '{{ model.name }}' and input = '{{ input.name }}'
    ) as former
        on now.part = former.part and now.block = former.block
    where now.fingerprint is distinct from former.fingerprint;
    {%- endif %}
    {%- endfor %}
{% endmacro %}


{# Whether anything changed, and whether so that only a whole build tells. #}
{% macro slice_count_changes() %}
    select count(*) > 0, coalesce(bool_or(is_whole), false) from slice_changed
{% endmacro %}


{# A condition: the row belongs to one of the parts of an input. Most rows are told by the file alone. #}
{% macro slice_is_part(name, part, block, parts, type='varchar') -%}
    {{ part }} in (select cast(part as {{ type }}) from {{ parts }} where input = '{{ name }}')
    {%- if block != '0' %}
    and ({{ part }}, {{ block }}) in (select (part, block) from {{ parts }} where input = '{{ name }}')
    {%- endif %}
{%- endmacro %}


{#
  Into a temporary table: a few rows of a large one. Looked for in the columns of the condition alone, then fetched by
  their place: reading all columns while looking takes ten times as long.
#}
{% macro slice_pick_rows(name, columns, relation, condition) %}
    create or replace temp table slice_row as select rowid as row_id from {{ relation }} where {{ condition }};
    create or replace temp table {{ name }} as
    select {{ columns }} from {{ relation }} where rowid in (select row_id from slice_row);
{% endmacro %}


{#
  A row's slice, as a hash of the expression that names it: compared several times as fast as texts. Two slices of one
  hash would only be computed together.
#}
{% macro slice_of(by) -%}
    hash({{ by }})
{%- endmacro %}


{# For the session: each input is only the parts that `parts` (a query of part and block) names. #}
{% macro slice_narrow(inputs, parts) %}
    {%- for input in inputs if input.is_narrowed %}
    reset variable rows_of_{{ input.name }};
    {{ slice_pick_rows(
        'slice_rows_of_' ~ input.name, 'input.*', input.relation ~ ' as input',
        slice_is_part(input.name, input.part, input.block, parts, input.get('type', 'varchar'))
    ) }}
    set variable rows_of_{{ input.name }} = 'slice_rows_of_{{ input.name }}';
    {%- endfor %}
{% endmacro %}


{# Into the temporary table slice_wanted: the slices in which something changed, as they were and as they are now. #}
{% macro slice_find_slices(stated, inputs) %}
    {{ slice_narrow(inputs, 'slice_changed') }}
    create or replace temp table slice_wanted as
    select {{ slice_of(stated['by']) }} as slice from ({{ compiled_code }})
    {%- for input in inputs %}
    union
    {%- if input.part_here == stated['by'] %}
    select {{ slice_of('part') }} from slice_changed where input = '{{ input.name }}' and part is not null
    {%- else %}
    select {{ slice_of(stated['by']) }} from {{ this }}
    {#- New rows of raw were in no slice; a new key of a reference may be what rows have waited for. #}
    {%- set parts = '(from slice_changed where was_known)' if input.kind == 'rows' else 'slice_changed' %}
    where {{ slice_is_part(input.name, input.part_here, input.block_here, parts) }}
    {%- endif %}
    {%- endfor %};
{% endmacro %}


{# Into slice_new and slice_old: all rows of the wanted slices, as they ought to be and as they are. #}
{% macro slice_build_rows(stated, inputs, key) %}
    {%- set columns = ['rowid as row_id', key ~ ' as row_key', 'hash(fact) as content'] -%}
    {%- for input in inputs if input.is_narrowed -%}
        {%- do columns.append(input.part_here ~ ' as part_' ~ loop.index) -%}
        {%- do columns.append(input.block_here ~ ' as block_' ~ loop.index) -%}
    {%- endfor -%}
    {{ slice_pick_rows(
        'slice_old', columns | join(', '), this ~ ' as fact',
        slice_of(stated['by']) ~ ' in (select slice from slice_wanted)'
    ) }}
    create or replace temp table slice_parts as
    select input, part, block from slice_changed where part is not null
    {%- for input in inputs if input.is_narrowed %}
    union
    select '{{ input.name }}', part_{{ loop.index }}, block_{{ loop.index }} from slice_old
    {%- endfor %};
    {{ slice_narrow(inputs, 'slice_parts') }}
    create or replace temp table slice_new as select * from {{ this }} limit 0;
    insert into slice_new by name
    select * from ({{ compiled_code }})
    where {{ slice_of(stated['by']) }} in (select slice from slice_wanted);
    {%- for input in inputs if input.is_narrowed %}
    reset variable rows_of_{{ input.name }};
    {%- endfor %}
    create or replace temp table slice_touched as
    with
    old as (select row_key, content from slice_old),
    new as (select {{ key }} as row_key, hash(fact) as content from slice_new as fact)
    select row_key from (select * from old except all select * from new)
    union
    select row_key from (select * from new except all select * from old);
{% endmacro %}


{# The new rows in place of the old ones, and what they were made of. #}
{% macro slice_replace_rows(key, hands_on, build) %}
    delete from slice_old where row_key not in (select row_key from slice_touched);
    delete from slice_new where {{ key }} not in (select row_key from slice_touched);
    insert into ops.slice_build
    select '{{ model.name }}', {{ build }}, false, uuid() where exists (select 1 from slice_touched);
    {%- for column in hands_on %}
    insert into ops.slice_handed_on
    select '{{ model.name }}', {{ build }}, '{{ column }}', cast(value as varchar) from (
        select {{ column }} as value from {{ this }} where rowid in (select row_id from slice_old)
        union
        select {{ column }} from slice_new
    ) where value is not null;
    {%- endfor %}
    delete from {{ this }} where rowid in (select row_id from slice_old);
    insert into {{ this }} select * from slice_new;
    {{ slice_refuse_repeated_keys(
        key, 'select ' ~ key ~ ' from ' ~ this ~ ' where ' ~ key ~ ' in (select ' ~ key ~ ' from slice_new)'
    ) }};
    {{ slice_remember() }}
    delete from ops.slice_build where model = '{{ model.name }}' and build <= {{ build - 30 }};
    delete from ops.slice_handed_on where model = '{{ model.name }}' and build <= {{ build - 30 }};
{% endmacro %}


{#
  An error, which leaves the fact as it was, where a key of the rows would name more than one of them. So rows that a
  build does not touch are known to have keys of their own, and need not be compared every night; see `unique`.
#}
{% macro slice_refuse_repeated_keys(key, keys) -%}
    select error(
        count(*) || ' values of {{ key }} would name more than one row of {{ model.name }}, such as ' || min({{ key }})
    )
    from (select {{ key }} from ({{ keys }}) group by 1 having count(*) > 1)
    having count(*) > 0
{%- endmacro %}


{% macro slice_remember_whole(definition, build) %}
    delete from ops.slice_model where model = '{{ model.name }}';
    insert into ops.slice_model values ('{{ model.name }}', '{{ definition }}');
    delete from ops.slice_build where model = '{{ model.name }}';
    insert into ops.slice_build values ('{{ model.name }}', {{ build }}, true, uuid());
    delete from ops.slice_handed_on where model = '{{ model.name }}';
    {{ slice_remember() }}
{% endmacro %}


{# The changed parts become what this build saw. #}
{% macro slice_remember() %}
    delete from ops.slice_input as former using slice_changed as changed
    where
        former.model = '{{ model.name }}'
        and former.input = changed.input
        and former.part = coalesce(changed.part, '')
        and former.block = changed.block;
    insert into ops.slice_input
    select '{{ model.name }}', input, coalesce(part, ''), block, fingerprint from slice_changed
    where fingerprint is not null;
{% endmacro %}
