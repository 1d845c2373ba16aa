-- Pages behind a gateway: tickets that bring people there, and who was let in by one. Those who
-- were let in stay for as long as the session they hang on.
create table gate_tickets (
    ticket_hash text primary key,
    session_id text not null,
    service text not null,
    instance text not null,
    path text not null,
    launch_id text,
    expires_at bigint not null,
    consumed_at bigint
);
create index gate_tickets_by_end on gate_tickets (expires_at);

create table gate_sessions (
    token_hash text primary key,
    session_id text not null,
    service text not null,
    instance text not null,
    -- Where the ticket led, and what is told there of the launch it was of (JSON).
    path text not null,
    launch_id text,
    told text,
    created_at bigint not null
);
create index gate_sessions_by_session on gate_sessions (session_id);
