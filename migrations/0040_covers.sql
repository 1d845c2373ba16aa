-- A consent is for a client as the person saw it: the host that answers go to, and the title. Those
-- given before are for neither, and cover what was granted for them, but no new request.
create table consents_by_host (
    user_id text not null,
    client text not null,
    host text not null,
    title text not null,
    items text not null,
    given_at bigint not null,
    primary key (user_id, client, host)
);
insert into consents_by_host (user_id, client, host, title, items, given_at)
    select user_id, client, '', '', items, given_at from consents;
drop table consents;
alter table consents_by_host rename to consents;

-- What the client was told as `sid`, which is derived for it; none: the session's own id, from
-- before that was so.
alter table grants add column sid text;
