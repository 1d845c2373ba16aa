-- Long addresses of pages behind a gateway, while the people who want them sign in.
create table gate_knocks (
    id text primary key,
    target text not null,
    expires_at bigint not null
);
create index gate_knocks_by_end on gate_knocks (expires_at);
