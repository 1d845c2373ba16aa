-- Who caused an event, what it was done to, and more in JSON. Rows written before have a text in
-- detail instead, which is still read and no longer written.
alter table events add column actor_kind text;
alter table events add column actor text;
alter table events add column target_kind text;
alter table events add column target text;
alter table events add column data text;

-- As before, with the new columns. What a launch says beyond its kind stays in detail.
drop view audit;
create view audit as
select id, at, kind, user_id, session_id, launch_id, service, address, detail,
    actor_kind, actor, target_kind, target, data
from events
union all
select id, departed_at, 'launch.departed', user_id, session_id, id, service, address, instance,
    'user', user_id, null, null, null
from launches where departed_at is not null
union all
select id, refused_at, 'launch.refused', user_id, session_id, id, service, address, reason,
    'user', user_id, null, null, null
from launches where refused_at is not null
union all
select l.id, coalesce(l.landed_at, g.redeemed_at), 'launch.landed', l.user_id, l.session_id, l.id,
    l.service, l.address, l.instance, 'user', l.user_id, null, null, null
from launches l left join grants g on g.launch_id = l.id
where coalesce(l.landed_at, g.redeemed_at) is not null;
