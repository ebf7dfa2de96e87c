with

lines as (

    select * from {{ ref('stg_e_invoices__line') }}

),

-- Headings and remarks among the lines, which the profile EXTENDED allows, have no money of their own.
parents as (

    select
        source_name,
        file_id,
        file_line,
        line_id,
        bool_or(coalesce(line_status in ('GROUP', 'INFORMATION'), false)) as is_heading
    from lines
    group by source_name, file_id, file_line, line_id

),

judged as (

    select
        lines.*,
        -- A line below one that counts explains it; below a heading it counts itself.
        coalesce(lines.line_status not in ('GROUP', 'INFORMATION'), true)
        and (lines.parent_line_id is null or coalesce(parents.is_heading, true))
        and lines.net_amount is not null as is_counted,
        -- Only compared with what is printed, never used: prices have more digits than money.
        cast(lines.quantity as double) * lines.unit_price / nullif(lines.base_quantity, 0)
        - lines.allowance_amount
        + lines.charge_amount as computed_amount
    from lines
    left join parents
        on
            lines.source_name = parents.source_name
            and lines.file_id = parents.file_id
            and lines.file_line = parents.file_line
            and lines.parent_line_id = parents.line_id

),

final as (

    select
        * exclude (computed_amount),
        -- A price is rounded in its fourth digit, an amount in its second.
        coalesce(
            is_counted
            and abs(computed_amount - net_amount) > 0.02 + abs(quantity) * 0.00005 / abs(nullif(base_quantity, 0)),
            false
        ) as is_deviating
    from judged

)

select * from final
