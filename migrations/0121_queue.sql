-- One queue: any number of jobs of a kind. Recurring jobs, mails and logout notices are scheduled
-- here alone.
create table jobs_before (
    kind text not null,
    due_at bigint not null,
    lease_until bigint,
    tries bigint not null,
    last_error text
);
insert into jobs_before (kind, due_at, lease_until, tries, last_error)
select kind, case when claimed_until > due_at then claimed_until else due_at end, claimed_until,
    failures, last_error
from jobs;
drop table jobs;
create table jobs (
    id text primary key,
    kind text not null,
    -- What it waits for (an endpoint, a mail domain): keys take turns.
    key text not null,
    -- The id of the record it is about.
    payload text not null,
    -- When it may be claimed: of a claimed one the end of its lease, of a dead one never.
    due_at bigint,
    lease_until bigint,
    tries bigint not null,
    last_error text,
    created_at bigint not null,
    dead_at bigint
);
create index jobs_due on jobs (kind, due_at, key) where due_at is not null;
create index jobs_leased on jobs (kind, lease_until, key) where lease_until is not null;
create index jobs_dead on jobs (dead_at) where dead_at is not null;
insert into jobs (id, kind, key, payload, due_at, lease_until, tries, last_error, created_at)
select kind, kind, '', '', due_at, lease_until, tries, last_error, due_at from jobs_before;
drop table jobs_before;

-- A mail with a job has no due_at. One that has was queued by a replica of the previous version,
-- and is given its job by the next claim; only that version uses failures, party and last_error.
create table mails_before (
    id text primary key,
    sealed_message text not null,
    party text not null,
    created_at bigint not null,
    due_at bigint,
    failures bigint not null,
    sent_at bigint,
    last_error text
);
insert into mails_before
    (id, sealed_message, party, created_at, due_at, failures, sent_at, last_error)
select id, sealed_message, party, created_at, due_at, failures, sent_at, last_error from mails;
drop table mails;
create table mails (
    id text primary key,
    sealed_message text not null,
    party text not null default '',
    created_at bigint not null,
    due_at bigint,
    failures bigint not null default 0,
    sent_at bigint,
    last_error text
);
insert into mails
    (id, sealed_message, party, created_at, due_at, failures, sent_at, last_error)
select id, sealed_message, party, created_at, due_at, failures, sent_at, last_error
from mails_before;
drop table mails_before;
create index mails_sent on mails (sent_at) where sent_at is not null;
create index mails_unscheduled on mails (due_at) where due_at is not null and sent_at is null;

-- Twenty was the most tries of a mail: such a one is a dead letter.
insert into jobs (id, kind, key, payload, due_at, tries, last_error, created_at, dead_at)
select id, 'mail', case when failures < 20 then party else '' end, id,
    case when failures < 20 then due_at end, failures, last_error,
    created_at, case when failures < 20 then null else due_at end
from mails where sent_at is null;
update mails set due_at = null where sent_at is null;
-- What a mail said is deleted when it is given up.
update mails set sealed_message = '', party = '' where sent_at is null and failures >= 20;

-- The same for notices: due_at is set while one has no job yet. Its job is called as the notice:
-- session, kind, length of the party's name, party, subject.
insert into jobs (id, kind, key, payload, due_at, tries, last_error, created_at)
select w.name, 'logout', w.line, w.name, w.due_at, w.tries, w.last_error, w.created_at
from (select session_id || ' ' || kind || ' ' || cast(length(party) as text) || ' ' || party
            || ' ' || subject as name,
        kind || ' ' || party || case when kind = 'cas' and session_index is not null
            then ' ' || session_index else '' end as line,
        due_at, tries, last_error, created_at
    from notices where due_at is not null and outcome = 'waiting') w;
update notices set due_at = null where due_at is not null and outcome = 'waiting';
