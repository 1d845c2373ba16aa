-- What else clients register: grants, resources, subjects, consent, logout. JSON in text.
alter table clients add column registration text not null default '{}';

-- Whom a session has told who its person is, and who must hear when it ends.
create table party_sessions (
    session_id text not null,
    kind text not null,
    party text not null,
    subject text not null,
    session_index text,
    started_at bigint not null,
    primary key (session_id, kind, party, subject)
);
