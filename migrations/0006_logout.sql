-- Who hears that a session has ended.

-- When the notices of an ended session were written; what its browser may see them by.
alter table sessions add column told_at bigint;
alter table sessions add column parting_hash text;
create index sessions_untold on sessions (ended_at) where ended_at is not null and told_at is null;
create index sessions_by_parting on sessions (parting_hash);

-- One row a remote application that knew the person by the session.
create table notices (
    session_id text not null,
    kind text not null,
    party text not null,
    subject text not null,
    session_index text,
    outcome text not null,
    tries bigint not null,
    -- When it is tried next; nothing when it is settled.
    due_at bigint,
    last_error text,
    created_at bigint not null,
    settled_at bigint,
    primary key (session_id, kind, party, subject)
);
create index notices_due on notices (due_at) where due_at is not null;
create index notices_by_time on notices (created_at);

-- Sessions that ended before this are nobody's news.
update sessions set told_at = ended_at where ended_at is not null;
